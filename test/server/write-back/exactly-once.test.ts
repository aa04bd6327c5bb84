/**
 * Interop §3C in a simulated hospital: our clock, an EHR, a network and a store that fail on drawn occasions, servers that
 * die at any step, one or two of them racing, with and without conditional create. Deterministic: a failing seed fails again.
 */
import { describe, expect, it } from 'vitest';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { storeContract } from '../../contracts/store.ts';
import { disk } from './simulation/disk.ts';
import { FATES } from './simulation/ehr.ts';
import { BUGS } from './simulation/process.ts';
import { type Visited, visit } from './simulation/visit.ts';

const SEEDS = Number(process.env.ATTUNE_SEEDS ?? 1_000);
const keys = keyRing(newKeyRing());

let kept = disk(keys);
storeContract('The simulation’s', {
  open: async () => kept,
  reset: async () => {
    kept = disk(keys);
  },
});

describe(`X1–X3, X7, X8: ${SEEDS} clinicians whose EHR, network, store and servers fail in every way`, () => {
  it('get no note twice by us, lose none, are never told "saved" of what is not there, and see every doubt until it ends', async () => {
    // Processor time: the machine may be busy with other things.
    const before = process.cpuUsage();
    const all: Visited[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) all.push(await visit(seed, keys));
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1_000_000;
    const failing = all.flatMap((seen, index) => (seen.wrong.length > 0 ? [{ seed: index + 1, ...seen }] : []));
    const count = (test: (seen: Visited) => boolean) => all.filter(test).length;
    const figures = {
      seeds: all.length,
      confirmed: count(({ last }) => last.some(({ state }) => state === 'confirmed')),
      shownAsTwo: count(({ last }) => last.some(({ message }) => message.includes('more than one copy'))),
      shownAsDifferent: count(({ last }) => last.some(({ message }) => message.includes('with a different'))),
      everInDoubt: count(({ everInDoubt }) => everInDoubt),
      crashes: all.reduce((sum, { crashes }) => sum + crashes, 0),
      creates: all.reduce((sum, { creates }) => sum + creates, 0),
      sentAgain: count(({ creates }) => creates > 1),
      twoServers: count(({ servers }) => servers === 2),
      conditionalCreate: count(({ conditionalCreate }) => conditionalCreate),
      seconds: Math.round(seconds * 10) / 10,
    };
    const wrong = Object.fromEntries(
      ['duplicate', 'lost', 'false saved', 'hidden', 'unsettled'].map((what) => [
        what,
        count((seen) => seen.wrong.some((each) => each.startsWith(what))),
      ]),
    );
    console.log(JSON.stringify({ ...figures, wrong }));
    expect(failing).toEqual([]);
    // The seeds do reach what they are meant to reach.
    expect(new Set(all.flatMap(({ fates }) => fates))).toEqual(new Set(FATES));
    expect(figures.everInDoubt).toBeGreaterThan(SEEDS / 3);
    expect(figures.sentAgain).toBeGreaterThan(SEEDS / 20);
    expect(figures.crashes).toBeGreaterThan(SEEDS / 5);
    expect(figures.confirmed).toBeGreaterThan(SEEDS / 2);
    expect(seconds).toBeLessThan(120);
  }, 600_000);

  it('a seed plays the same way every time', async () => {
    for (const seed of [3, 17, 42]) expect(await visit(seed, keys)).toEqual(await visit(seed, keys));
  });
});

describe('The same simulation notices a server that', () => {
  it.each(BUGS)(
    '%s',
    async (bug) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { wrong } = await visit(seed, keys, bug);
        if (wrong.length === 0) continue;
        console.log(`${bug}: noticed at seed ${seed}: ${wrong[0]}`);
        return;
      }
      expect.fail(`${SEEDS} seeds and nothing noticed`);
    },
    120_000,
  );
});
