/**
 * What state costs: approvals kept on disk, and the look-up of a launch that every request pays. On SQLite; with
 * `DATABASE_URL` on that PostgreSQL too, in which nothing may be that is needed.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LaunchRecord, Secret } from '../../launch/record.ts';
import { createSessions } from '../../server/sessions.ts';
import { keyRing, newKeyRing } from '../../server/store/keys.ts';
import { type Opened, openStore } from '../../server/store/open.ts';
import { row } from '../contracts/store.ts';
import { median, type Row } from './table.ts';

const APPROVALS = 4_000;
const REQUESTS = 4_000;
const LAUNCHES = 50;
/** Approvals that are under way at one time. */
const AT_ONCE = 8;

/** Opens a store of its own for SQLite, and what `databaseUrl` names. */
export async function storeRows(databaseUrl = process.env.DATABASE_URL): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const keys = keyRing(newKeyRing());
  const rows = await measured('SQLite', await openStore({ dataDir, keys }));
  await rm(dataDir, { recursive: true });
  if (databaseUrl) rows.push(...(await measured('PostgreSQL', await openStore({ dataDir, keys, databaseUrl }))));
  return rows;
}

async function measured(name: string, opened: Opened): Promise<Row[]> {
  const approvals = await approving(opened);
  const lookups = await lookingUp(opened);
  await opened.store.close();
  return [
    { what: `approvals kept, ${name}`, measured: approvals.perSecond, budget: 500, unit: '/s', atLeast: true },
    { what: `one approval kept, ${name}, p99`, measured: percentile(approvals.times, 99), budget: 15, unit: 'ms' },
    { what: `a launch looked up, ${name}, median`, measured: median(lookups), budget: 1, unit: 'ms' },
    { what: `a launch looked up, ${name}, p99`, measured: percentile(lookups, 99), budget: 3, unit: 'ms' },
  ];
}

/** As the server does it: the preview comes off the shelf, row and event are on disk, the preview is dropped. */
async function approving({ store, kept }: Opened): Promise<{ perSecond: number; times: number[] }> {
  const run = randomUUID();
  const waiting = Array.from({ length: APPROVALS }, (_, index) => {
    const id = `${run}-${index}`;
    return row({
      key: id,
      approvalId: id,
      intentKey: id,
      sealed: { keyId: 'k1', nonce: 'x', data: 'x'.repeat(6_000) },
    });
  });
  for (const { approvalId } of waiting)
    await kept.set(`preview|${approvalId}`, 'x'.repeat(6_000), Date.now() + 600_000);
  const times: number[] = [];
  const began = performance.now();
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const start = performance.now();
      await kept.get(`preview|${next.approvalId}`);
      await store.approve(next, { type: 'approved', at: next.approvedAt, approvalId: next.approvalId });
      times.push(performance.now() - start);
      await kept.take(`preview|${next.approvalId}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { perSecond: (APPROVALS / (performance.now() - began)) * 1000, times };
}

/** What a relayed read asks of the sessions: whose launch it is, and its token. */
async function lookingUp({ kept }: Opened): Promise<number[]> {
  const sessions = createSessions({ store: kept, key: Buffer.alloc(32, 1), now: Date.now, lapsed: () => false });
  const launches = await Promise.all(
    Array.from({ length: LAUNCHES }, async () => {
      const record = launchRecord(randomUUID());
      const { sid } = await sessions.open(record, { browser: randomUUID() });
      return { sid, launchId: record.context.launchId };
    }),
  );
  const times: number[] = [];
  for (let index = 0; index < REQUESTS; index += 1) {
    const { sid, launchId } = launches[index % LAUNCHES] ?? { sid: '', launchId: '' };
    const start = performance.now();
    const found = await sessions.find(sid, launchId);
    const tokens = await sessions.tokens(launchId);
    times.push(performance.now() - start);
    if (found.state !== 'active' || !tokens) throw new Error('the launch was not found');
  }
  return times;
}

function launchRecord(launchId: string): LaunchRecord {
  return {
    tenantId: 'bench',
    grantor: 'bench-as-it-is',
    sub: 'user',
    tokens: { access: new Secret('x'.repeat(1_500)), refresh: new Secret('x'.repeat(200)), expiresAt: 1e15 },
    context: { launchId, launchedAt: new Date().toISOString(), expiresAt: '2999-01-01T00:00:00Z' },
  } as unknown as LaunchRecord;
}

function percentile(values: readonly number[], nth: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length * nth) / 100)] ?? Number.NaN;
}

if (import.meta.main) {
  const { table } = await import('./table.ts');
  process.stdout.write(`${table(await storeRows())}\n`);
}
