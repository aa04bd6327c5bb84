/** What `Kept` must do, whether it is memory or a table. Two of it over the same data are two servers. */
import { beforeEach, describe, expect, it } from 'vitest';
import { alone } from '../../server/store/alone.ts';
import type { Kept } from '../../server/store/kept.ts';

/** `open` gives another way to the same data each time, until `reset`; it asks `now` for the time. */
export interface KeptUnderTest {
  open(now: () => number): Promise<Kept>;
  reset(): Promise<void>;
}

export function keptContract(name: string, under: KeptUnderTest): void {
  describe(`${name}: what is kept`, () => {
    let time = 0;
    const now = () => time;
    let one: Kept;
    let other: Kept;
    beforeEach(async () => {
      time = 1_000;
      await under.reset();
      one = await under.open(now);
      other = await under.open(now);
    });

    it('is found by whichever server is asked, and is there until its moment, not at it', async () => {
      await one.set('a', 'sealed', 2_000);
      expect(await other.get('a')).toBe('sealed');
      await other.set('a', 'newer', 2_000);
      expect(await one.get('a')).toBe('newer');
      time = 1_999;
      expect(await one.get('a')).toBe('newer');
      time = 2_000;
      expect(await one.get('a')).toBeUndefined();
      expect(await one.take('a')).toBeUndefined();
      expect(await one.get('never')).toBeUndefined();
    });

    it('is taken by one of all who want it (L5)', async () => {
      await one.set('state', 'pending', 2_000);
      const taken = await Promise.all([one, other, one, other].map((server) => server.take('state')));
      expect(taken.filter((value) => value !== undefined)).toEqual(['pending']);
    });

    it('is replaced only by who knows what is there: of two who saw the same, one', async () => {
      expect(await one.replace('k', 'nothing such', 'x', 2_000)).toBe(false);
      expect(await one.replace('k', undefined, 'first', 2_000)).toBe(true);
      expect(await other.replace('k', undefined, 'late', 2_000)).toBe(false);
      const set = await Promise.all([
        one.replace('k', 'first', 'a', 2_000),
        other.replace('k', 'first', 'b', 2_000),
        other.replace('k', 'first', 'c', 2_000),
      ]);
      expect(set.filter(Boolean)).toHaveLength(1);
      expect(await one.get('k')).toBe(['a', 'b', 'c'][set.indexOf(true)]);
    });

    it('may be set anew once it has run out, by one', async () => {
      await one.set('k', 'old', 2_000);
      time = 2_000;
      expect(await one.replace('k', 'old', 'x', 3_000)).toBe(false);
      const set = await Promise.all([one, other].map((server) => server.replace('k', undefined, 'new', 3_000)));
      expect(set.filter(Boolean)).toHaveLength(1);
      expect(await other.get('k')).toBe('new');
    });

    it('is listed by how its key begins, without what has run out', async () => {
      for (const [key, until] of [
        ['seen:a', 3_000],
        ['seen:Z_-9', 3_000],
        ['seen:gone', 1_500],
        ['seem:x', 3_000],
        ['seeo', 3_000],
        ['Seen:b', 3_000],
      ] as const)
        await one.set(key, `value of ${key}`, until);
      time = 2_000;
      expect(await other.under('seen:')).toEqual(
        new Map([
          ['seen:a', 'value of seen:a'],
          ['seen:Z_-9', 'value of seen:Z_-9'],
        ]),
      );
    });

    it('is purged when it has run out, and not before', async () => {
      await one.set('old', 'x', 1_500);
      await one.set('live', 'x', 2_001);
      time = 2_000;
      expect(await other.purge()).toBe(1);
      expect(await one.purge()).toBe(0);
      expect(await one.get('live')).toBe('x');
      time = 1_000;
      expect(await one.get('old')).toBeUndefined();
    });

    it('lets one work at a time under a name, on whichever server; under another name both may', async () => {
      let inside = 0;
      let most = 0;
      const work = async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      };
      await Promise.all([one, other, one, other].map((kept) => alone({ kept, now }, 'launch', work)));
      expect(most).toBe(1);
      await alone({ kept: one, now }, 'a', () => alone({ kept: other, now }, 'b', work));
    });

    it('gives the turn on when the work fails, and takes over from a server that died a minute ago', async () => {
      await expect(alone({ kept: one, now }, 'launch', () => Promise.reject(new Error('the EHR')))).rejects.toThrow(
        'the EHR',
      );
      await one.set('alone:launch', 'a server that died', now() + 60_000);
      let came = false;
      const next = alone({ kept: other, now }, 'launch', async () => {
        came = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(came).toBe(false);
      time += 60_000;
      await next;
      expect(came).toBe(true);
    });
  });
}
