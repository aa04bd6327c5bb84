/**
 * X2, X3: `kill -9` of real server processes at drawn moments, over a real store. Five here; `.ci/run` does fifty on SQLite
 * (`ATTUNE_KILLS=50`), and twenty with three servers on PostgreSQL (`DATABASE_URL`).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { migratePostgres } from '../../../server/store/postgres.ts';
import { killing } from './server-processes.ts';

const url = process.env.DATABASE_URL ?? '';
const RUNS = Number(process.env.ATTUNE_KILLS ?? 5);
const data = await mkdtemp(join(tmpdir(), 'attune-kills-'));
afterAll(() => rm(data, { recursive: true }));

it.skipIf(url !== '')(
  `${RUNS} clinicians whose server is killed: nothing twice, nothing lost, nothing falsely saved`,
  async () => {
    const figures = await killing({ data, servers: 1, runs: RUNS });
    console.log(JSON.stringify(figures));
    expect(figures.wrong).toEqual([]);
    expect(figures.runs).toBe(RUNS);
    expect(figures.kills).toBeGreaterThan(RUNS / 4);
  },
  900_000,
);

it.skipIf(url === '')(
  '20 clinicians on three servers over one PostgreSQL, one of which is killed: the same',
  async () => {
    await migratePostgres({ url, to: 0 });
    const figures = await killing({ data, servers: 3, runs: 20, seed: 1_000 });
    console.log(JSON.stringify(figures));
    expect(figures.wrong).toEqual([]);
    expect(figures.kills).toBeGreaterThan(5);
  },
  900_000,
);
