/** What every store must do when the oldest part of its record is archived (V11, T-4): the rest still verifies, and nobody else can do it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyRecord } from '../../server/audit.ts';
import type { KeyRing } from '../../server/store/keys.ts';
import type { Store } from '../../server/store/store.ts';

export interface ArchiveUnderTest {
  open(): Promise<Store>;
  reset(): Promise<void>;
  /** What someone with the database may try. */
  run(statement: string): Promise<unknown>;
  readonly keys: KeyRing;
}

export function archiveContract(name: string, under: ArchiveUnderTest): void {
  describe(`${name}: the oldest part of the record`, () => {
    let store: Store;
    const { sign } = under.keys;
    const verify = () => verifyRecord(store, { sign });
    beforeEach(async () => {
      await under.reset();
      store = await under.open();
      for (let n = 1; n <= 6; n += 1) await store.append({ n });
    });
    afterEach(() => store.close());

    it('is gone once it was archived; the rest is whole, goes on, and says how much is elsewhere', async () => {
      expect(await store.anchor()).toBeUndefined();
      const anchor = await store.archive(4, { type: 'archived' });
      expect(await store.anchor()).toEqual(anchor);
      expect(anchor).toMatchObject({ seq: 4 });
      await store.append({ n: 8 });
      expect((await store.recorded(0, 10)).map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
      expect(await verify()).toMatchObject({ whole: true, events: 8, archived: 4 });
      await store.archive(6, { type: 'archived' });
      await store.close();
      store = await under.open();
      expect(await verify()).toMatchObject({ whole: true, events: 9, archived: 6 });
    });

    it.each([6, 7, 0, -1])('is never the whole record, nor what is not there (event %d)', async (through) => {
      await expect(store.archive(through, {})).rejects.toThrow('no such event before the last one');
      expect(await store.recorded(0, 10)).toHaveLength(6);
      expect(await store.anchor()).toBeUndefined();
    });

    it('cannot be removed by ordinary means, before or after', async () => {
      await expect(under.run('DELETE FROM audit WHERE seq = 1')).rejects.toThrow('append-only');
      await store.archive(2, {});
      for (const statement of ['DELETE FROM audit WHERE seq = 3', "UPDATE audit SET event = '{}'", 'DELETE FROM audit'])
        await expect(under.run(statement)).rejects.toThrow('append-only');
      expect(await verify()).toMatchObject({ whole: true });
    });

    it('that someone without the key removed is missed, with whatever anchor: none, made up, or an old head', async () => {
      const old = await store.recorded(2, 1);
      const hash = old[0]?.hash ?? '';
      const headOfThen = sign(`3|${hash}`);
      for (const mac of ['00', headOfThen]) {
        await under.run('DELETE FROM audit_anchor');
        await under.run(`INSERT INTO audit_anchor (one, seq, hash, mac) VALUES (1, 3, '${hash}', '${mac}')`);
        await under.run('DELETE FROM audit WHERE seq <= 3');
        expect(await verify()).toEqual({
          whole: false,
          seq: 3,
          why: 'that events were archived is not signed with this key',
        });
      }
      await under.run('DELETE FROM audit_anchor');
      expect(await verify()).toEqual({ whole: false, seq: 1, why: 'the event is missing' });
    });
  });
}
