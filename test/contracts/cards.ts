/** What is remembered of CDS Hooks cards (H7, H10), on whichever server and after a restart. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createShown, type Shown } from '../../server/cds-hooks/shown.ts';
import { keyRing, newKeyRing } from '../../server/store/keys.ts';
import type { KeptUnderTest } from './kept.ts';

const HOUR = 3_600_000;

export function cardContract(name: string, under: KeptUnderTest): void {
  describe(`${name}: what became of a card`, () => {
    const keys = keyRing(newKeyRing());
    let time = 0;
    const server = async () => createShown({ kept: await under.open(() => time), keys, now: () => time });
    const sent: Shown = {
      recommendationId: 'ZZCANARY-recommendation',
      indicator: 'critical',
      patient: 'patient-key',
      user: 'Practitioner/ZZCANARY',
      answerKey: keys.lookup('answer', 'north', 'patient-key'),
    };
    const overridden = { tenantId: 'north', card: 'uuid-1', outcome: 'overridden' };
    beforeEach(async () => {
      time = 1_000;
      await under.reset();
    });

    it('sent by one server and answered at another is not said again by a third, for twelve hours', async () => {
      await (await server()).add('north', 'uuid-1', sent);
      expect(await (await server()).isAnswered(sent.answerKey)).toBe(false);
      expect(await (await server()).answer(overridden)).toEqual({ shown: sent, news: true });
      const third = await server();
      time += 12 * HOUR - 1;
      expect(await third.isAnswered(sent.answerKey)).toBe(true);
      expect(await third.isAnswered(keys.lookup('answer', 'north', 'another'))).toBe(false);
      time += 1;
      expect(await third.isAnswered(sent.answerKey)).toBe(false);
    });

    it('counts once, however many servers hear of it (H10); another outcome of the same card is news', async () => {
      const servers = await Promise.all([server(), server(), server()]);
      await servers[0]?.add('north', 'uuid-1', sent);
      const heard = await Promise.all(servers.map((each) => each.answer(overridden)));
      expect(heard.filter(({ news }) => news)).toHaveLength(1);
      expect((await servers[1]?.answer({ ...overridden, outcome: 'accepted' }))?.news).toBe(true);
      time += 29 * 24 * HOUR;
      expect((await servers[2]?.answer(overridden))?.news).toBe(false);
    });

    it('that nobody remembers counts all the same, and spares nobody a danger', async () => {
      const { answer, isAnswered } = await server();
      expect(await answer(overridden)).toEqual({ shown: undefined, news: true });
      expect(await isAnswered(sent.answerKey)).toBe(false);
    });

    it('cannot be told by another tenant', async () => {
      const { add, answer, isAnswered } = await server();
      await add('north', 'uuid-1', sent);
      expect((await answer({ ...overridden, tenantId: 'south' })).shown).toBeUndefined();
      expect(await isAnswered(sent.answerKey)).toBe(false);
    });

    it('that could not be counted is news again', async () => {
      const { answer, uncounted } = await server();
      await answer(overridden);
      await uncounted(overridden);
      expect((await answer(overridden)).news).toBe(true);
    });

    it('names nobody to whoever reads the table (V13)', async () => {
      const { add, answer } = await server();
      await add('north', 'uuid-1', sent);
      await answer({ ...overridden, card: 'ZZCANARY, Alba' });
      const all = [...(await (await under.open(() => time)).under(''))];
      expect(all.length).toBe(2);
      const plain = all.flat().map((text) => Buffer.from(text, 'base64').toString('latin1'));
      expect(JSON.stringify(all) + plain.join()).not.toMatch(/ZZCANARY|Practitioner|patient-key/);
    });
  });
}
