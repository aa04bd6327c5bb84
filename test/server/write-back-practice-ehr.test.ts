/** Write-back into the practice EHR: a real token, a real FHIR store, its own faults. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PracticeEhr } from '../../fixtures/ehr/ehr.ts';
import { createAudit } from '../../server/audit.ts';
import type { Launched } from '../../server/launched.ts';
import { keyRing, newKeyRing } from '../../server/store/keys.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { createWriteBack, type WriteBack } from '../../server/write-back/write-back.ts';
import { signIn, startEhr } from '../fixtures/session.ts';
import { launchOf, metformin } from './write-back-ehr.ts';

let directory: string;
let store: Store;
let ehr: PracticeEhr;
let launched: Launched;
let writeBack: WriteBack;
/** Milliseconds that our clock is ahead. */
let passed = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'attune-practice-'));
  const keys = keyRing(newKeyRing());
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  const audit = createAudit({ store, keys });
  passed = 0;
  const clock = () => new Date(Date.now() + passed);
  writeBack = createWriteBack({ store, keys, audit, clock, sleep: async () => {}, timeout: 1_000 });
  ehr = await startEhr();
  launched = await launchInto('patient/*.crus');
});
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(directory, { recursive: true });
});

async function launchInto(scope: string): Promise<Launched> {
  const token = await signIn(ehr, { scope: `openid fhirUser launch ${scope}` });
  return launchOf({
    patientId: 'a',
    base: ehr.fhirBase,
    scope: (token.scope ?? '').split(' '),
    now: new Date(),
    transport: (request) => {
      request.headers.set('Authorization', `Bearer ${token.access_token}`);
      return ehr.fetch(request);
    },
  });
}

const notes = () => ehr.allResources('DocumentReference') as DocumentReference[];

it('writes the note, reads it back equal, and the chart holds the recommendation, its dated inputs and the approver', async () => {
  const preview = await writeBack.preview(launched, metformin);
  const outcome = await writeBack.approve(launched, preview);
  const [note] = notes();
  expect(outcome).toMatchObject({ state: 'confirmed', reference: `DocumentReference/${note?.id}` });
  const text = Buffer.from(note?.content[0]?.attachment.data ?? '', 'base64').toString('utf8');
  expect(text).toBe(preview.text);
  expect(text).toContain('eGFR: 24 mL/min/{1.73_m2}, 2026-11-20T08:00:00Z');
  expect(text).toContain('reviewed by Dr Ada Example');
});

it.each(['drop-before-commit', 'drop-after-commit', 'error', 'hang'] as const)(
  'survives %s with exactly one note',
  async (kind) => {
    ehr.setFault({ match: { method: 'POST', path: /DocumentReference/ }, kind, times: 1 });
    const preview = await writeBack.preview(launched, metformin);
    expect((await writeBack.approve(launched, preview)).state).toBe('unknown');
    ehr.clearFaults();
    const [looked] = await writeBack.reconcile(launched);
    passed = 3_000;
    const last = looked?.state === 'unknown' ? await writeBack.resend(launched, preview.approvalId) : looked;
    expect(last?.state).toBe('confirmed');
    expect(notes()).toHaveLength(1);
  },
);

it('sends nothing when the EHR granted reading only', async () => {
  const reading = await launchInto('patient/*.rs');
  await expect(writeBack.preview(reading, metformin)).rejects.toMatchObject({ code: 'not-granted' });
  expect(notes()).toEqual([]);
});
