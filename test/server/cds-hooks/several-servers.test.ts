/** CDS Hooks on several servers: a balancer sends the calls of one order wherever it likes (H7, H10, S-3). */
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryKept } from '../../../server/store/kept.ts';
import { cardsOf, hookCall, jwt, NOW, openStage, type Stage } from './stage.ts';

let one: Stage;
let other: Stage;
beforeEach(async () => {
  const cards = memoryKept(() => NOW);
  [one, other] = await Promise.all([openStage({ cards }), openStage({ cards })]);
});
const call = (stage: Stage, hook: string, token?: string) =>
  stage.call(`attune-${hook}`, hookCall(hook, 'simvastatin-clarithromycin', ['itraconazole 200 mg']), token);
const answer = (stage: Stage, card: string) =>
  stage.call('attune-order-select/feedback', { feedback: [{ card, outcome: 'overridden' }] });
const critical = async (stage: Stage) =>
  cardsOf(await call(stage, 'order-select')).filter(({ indicator }) => indicator === 'critical');
const counted = (stage: Stage) => stage.recorded.filter(({ type }) => type === 'declined');

describe('What one server knows, the other knows', () => {
  it('a danger that was answered at one is not said again at the other; one that was not still is (H7)', async () => {
    const [first, ...rest] = await critical(one);
    await answer(one, first?.uuid ?? '');
    const said = cardsOf(await call(other, 'order-sign')).map(({ summary }) => summary);
    expect(said).not.toContain(first?.summary);
    for (const { summary } of rest) expect(said).toContain(summary);
  });

  it('feedback that both are given counts once, with what the card said (H10)', async () => {
    const [first] = await critical(one);
    expect((await answer(other, first?.uuid ?? '')).status).toBe(200);
    expect((await answer(one, first?.uuid ?? '')).status).toBe(200);
    expect(counted(one)).toEqual([]);
    expect(counted(other)).toEqual([
      expect.objectContaining({ card: first?.uuid, indicator: 'critical', recommendationId: expect.any(String) }),
    ]);
  });

  it('feedback that could not be recorded is counted when the EHR repeats it, wherever', async () => {
    const [first] = await critical(one);
    one.recordFails(1);
    expect((await answer(one, first?.uuid ?? '')).status).toBe(500);
    expect((await answer(other, first?.uuid ?? '')).status).toBe(200);
    expect([...counted(one), ...counted(other)]).toHaveLength(1);
  });

  it('a JWT that was used at one is refused by the other (S-3)', async () => {
    const token = await jwt({ service: 'attune-order-sign' });
    expect((await call(one, 'order-sign', token)).status).toBe(200);
    expect((await call(other, 'order-sign', token)).status).toBe(401);
    expect((await call(one, 'order-sign', token)).status).toBe(401);
  });
});
