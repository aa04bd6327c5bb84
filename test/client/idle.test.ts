/** A session that nobody uses: said a minute before its end, kept by whoever is there, and ended on time (interop T5; WCAG 2.2.1). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ending, watchIdle } from '../../client/idle/idle.ts';
import { IDLE_MS } from '../../launch/record.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-23T08:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

function watched(over: { tell?: () => Promise<unknown>; expiresAt?: number } = {}) {
  const target = new EventTarget();
  const said: (Ending | undefined)[] = [];
  let told = 0;
  let ended = 0;
  const stay = watchIdle({
    idleMs: IDLE_MS,
    expiresAt: over.expiresAt ?? START + 8 * 60 * MINUTE,
    tell: () => {
      told += 1;
      return over.tell?.() ?? Promise.resolve();
    },
    onEnding: (ending) => said.push(ending),
    onEnded: () => {
      ended += 1;
    },
    target,
  });
  return {
    stay,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    use: (kind: string) => target.dispatchEvent(new Event(kind)),
    now: () => ({ ending: said.at(-1), told, ended }),
  };
}

describe('A session that nobody uses', () => {
  it('says nothing for thirteen and a half minutes', async () => {
    const { pass, now } = watched();
    await pass(13.5 * MINUTE);
    expect(now()).toEqual({ ending: undefined, told: 0, ended: 0 });
  });

  it('says a minute before its end that it ends, and that it can go on', async () => {
    const { pass, now } = watched();
    await pass(13.75 * MINUTE);
    expect(now().ending).toEqual({ at: START + 14.75 * MINUTE, mayStay: true });
    expect(now().ended).toBe(0);
  });

  it('ends on the screen before it ends on the server, once', async () => {
    const { pass, now, use } = watched();
    await pass(14.75 * MINUTE - 1);
    expect(now().ended).toBe(0);
    await pass(1);
    expect(now()).toEqual({ ending: undefined, told: 0, ended: 1 });
    use('pointerdown');
    await pass(60 * MINUTE);
    expect(now()).toEqual({ ending: undefined, told: 0, ended: 1 });
  });

  it('goes on for whoever asks it to', async () => {
    const { pass, now, stay } = watched();
    await pass(14 * MINUTE);
    await stay();
    expect(now()).toEqual({ ending: undefined, told: 1, ended: 0 });
    await pass(13.5 * MINUTE);
    expect(now().ending).toBeUndefined();
    await pass(1.5 * MINUTE);
    expect(now().ended).toBe(1);
  });

  it.each(['pointerdown', 'keydown', 'wheel', 'touchmove'])('goes on by itself while it is used (%s)', async (kind) => {
    const { pass, now, use } = watched();
    for (let minutes = 0; minutes < 40; minutes += 10) {
      await pass(10 * MINUTE);
      use(kind);
      await pass(0);
    }
    expect(now()).toEqual({ ending: undefined, told: 4, ended: 0 });
  });

  it('asks the server once a minute at most, however much is moved', async () => {
    const { pass, now, use } = watched();
    for (let second = 0; second < 180; second += 1) {
      use('wheel');
      await pass(1000);
    }
    expect(now().told).toBeLessThanOrEqual(3);
    expect(now().told).toBeGreaterThanOrEqual(2);
  });

  it('does not count what the server did not hear', async () => {
    const { pass, now, stay } = watched({ tell: () => Promise.reject(new Error('unreachable')) });
    await pass(14 * MINUTE);
    await stay();
    expect(now().ending).toEqual({ at: START + 14.75 * MINUTE, mayStay: true });
    await pass(MINUTE);
    expect(now().ended).toBe(1);
  });
});

describe('A permission of the EHR that runs out', () => {
  it('is said a minute before, and that it cannot be kept', async () => {
    const { pass, now } = watched({ expiresAt: START + 5 * MINUTE });
    await pass(4 * MINUTE);
    expect(now().ending).toEqual({ at: START + 5 * MINUTE, mayStay: false });
    await pass(MINUTE);
    expect(now().ended).toBe(1);
  });
});
