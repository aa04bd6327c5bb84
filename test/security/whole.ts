/** The whole server as it runs, store and record on disk, in front of the practice EHR: what the threat model's rows are tried on. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AcceptedRecommendation, Preview } from '../../launch/api.ts';
import { createAudit } from '../../server/audit.ts';
import { createLedger } from '../../server/ledger/ledger.ts';
import { createReadRecord } from '../../server/ledger/reads.ts';
import { mountOf } from '../../server/ledger/routes.ts';
import { openKeyRing } from '../../server/store/keys.ts';
import { openStore } from '../../server/store/open.ts';
import { UNWATCHED } from '../../server/watch.ts';
import { createEventRoutes, createWriteBackRoutes } from '../../server/write-back/routes.ts';
import { type Hospital, type HospitalOptions, openHospital, type TestBrowser } from '../server/hospital.ts';

export interface Whole extends Hospital {
  readonly dataDir: string;
  /** Every byte of every file that the server keeps, as text. */
  files(): Promise<string>;
  /** The record so far. */
  events(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Puts what was read since the last time on the record, as the server does every few minutes and when it stops. */
  recordReads(): Promise<void>;
  verify(): ReturnType<ReturnType<typeof createAudit>['verify']>;
}

export async function openWhole(options: HospitalOptions = {}): Promise<Whole> {
  const dataDir = await mkdtemp(join(tmpdir(), 'whole-'));
  const keys = openKeyRing(join(dataDir, 'keys.json'));
  const { watch = UNWATCHED } = options;
  let now = Date.now;
  const opened = await openStore({ dataDir, keys, now: () => now() });
  const store = watch.store(opened.store);
  const audit = createAudit({ store, keys });
  const ledger = createLedger({ now: Date.now });
  const reads = createReadRecord({ ledger, audit });
  const hospital = await openHospital({
    ...options,
    through: ledger.through,
    // The app's clock is the store's as well.
    kept: (clock) => {
      now = clock;
      return opened.kept;
    },
    mounts: {
      writeBack: createWriteBackRoutes({ store, keys, audit, shelf: opened.kept }),
      events: createEventRoutes({ audit }),
      recordVisit: async (visit, type, reason) => {
        watch.visit(type);
        if (type === 'ended') await reads.last(visit);
        return audit.record(audit.entry(visit, { type, ...(reason && { reason }) }));
      },
      ledger: mountOf(ledger),
    },
  });
  return {
    ...hospital,
    dataDir,
    verify: () => audit.verify(),
    recordReads: reads.ofAll,
    events: async () => (await store.recorded(0, 1_000)).map(({ event }) => JSON.parse(event)),
    files: async () => {
      const texts = (await readdir(dataDir)).map((name) => readFile(join(dataDir, name), 'latin1'));
      return (await Promise.all(texts)).join('\n');
    },
    close: async () => {
      await hospital.close();
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A card as a browser would send it, with a canary in each free text. */
export const CARD: AcceptedRecommendation = {
  id: 'metformin-egfr/1f3a',
  indicator: 'critical',
  summary: 'Stop metformin: eGFR 24 is below 30',
  detail: 'ZZCANARY-detail',
  action: 'Stop metformin.',
  inputs: [{ label: 'eGFR', value: '24 mL/min', effective: '2026-11-20', source: 'Observation/alba-o1' }],
  missing: [],
  limitation: 'ZZCANARY-limitation',
  citations: ['Label'],
  from: [{ id: 'metformin-egfr', version: '1.0.0', title: 'Metformin' }],
  libraryVersion: '2026.11',
  libraryDigest: 'sha256-0123456789abcdef',
  comment: 'ZZCANARY-comment',
};

/** POSTs JSON from the app's own page. */
export function post(browser: TestBrowser, launchId: string, path: string, body: unknown): Promise<Response> {
  return browser.inLaunch(launchId, path, { method: 'POST', body: JSON.stringify(body) });
}

export async function preview(browser: TestBrowser, launchId: string): Promise<Preview> {
  const answer = await post(browser, launchId, '/write-back/preview', { recommendation: CARD });
  if (answer.status !== 200) throw new Error(`preview: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Preview;
}
