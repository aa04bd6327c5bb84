/** Not more at once than agreed, for each launch by itself; a line of limited length, which a browser that goes away leaves (D-1, V8). */
import { expect, it } from 'vitest';
import { createTurns, LineFull } from '../../server/turns.ts';

/** Work that ends when told to, and how much of it was under way at most. */
function bench() {
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = () =>
    new Promise<void>((end) => {
      running += 1;
      most = Math.max(most, running);
      ends.push(() => {
        running -= 1;
        end();
      });
    });
  return { ends, work, running: () => running, most: () => most };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('as many as agreed run at once, and the others follow in order as places come free', async () => {
  const turns = createTurns({ atOnce: 2, waiting: 10 });
  const { ends, work, running, most } = bench();
  const order: number[] = [];
  const all = [1, 2, 3, 4, 5].map((n) =>
    turns('a', () => {
      order.push(n);
      return work();
    }),
  );
  await settle();
  expect(running()).toBe(2);
  while (ends.length > 0) {
    ends.shift()?.();
    await settle();
  }
  await Promise.all(all);
  expect(order).toEqual([1, 2, 3, 4, 5]);
  expect(most()).toBe(2);
});

it('another launch does not wait behind this one', async () => {
  const turns = createTurns({ atOnce: 1, waiting: 10 });
  const { work, running } = bench();
  for (const launch of ['a', 'b', 'c']) void turns(launch, work);
  await settle();
  expect(running()).toBe(3);
});

it('who comes when the line is full is turned away and nothing is done for them', async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1 });
  const { work, ends } = bench();
  void turns('a', work);
  const second = turns('a', work);
  await expect(turns('a', work)).rejects.toBeInstanceOf(LineFull);
  ends.shift()?.();
  await settle();
  ends.shift()?.();
  await second;
});

it('who goes away while waiting leaves the line, and their work is never begun', async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1 });
  const { work, ends, running } = bench();
  const first = turns('a', work);
  const browser = new AbortController();
  const gone = turns('a', work, browser.signal);
  const refused = expect(gone).rejects.toThrow();
  await settle();
  browser.abort();
  await refused;
  const third = turns('a', work);
  ends.shift()?.();
  await settle();
  expect(running()).toBe(1);
  ends.shift()?.();
  await Promise.all([first, third]);
});

it('work that fails gives its place on', async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1 });
  const failing = turns('a', () => Promise.reject(new Error('down')));
  const next = turns('a', async () => 'answered');
  await expect(failing).rejects.toThrow('down');
  expect(await next).toBe('answered');
});
