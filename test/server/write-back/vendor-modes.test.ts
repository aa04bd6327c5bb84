/** WB1, X3–X5: writing into EHRs with a vendor's ways: what they drop, refuse and ignore is met by what the chart shows, not by their name. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import type { VendorMode } from '../../../fixtures/ehr/quirks.ts';
import type { AcceptedRecommendation } from '../../../launch/api.ts';
import type { ProposalKind, RungSetting } from '../../../models/engine/proposals/ladder.ts';
import { createAudit } from '../../../server/audit.ts';
import type { Launched } from '../../../server/launched.ts';
import { tryRung } from '../../../server/rehearse/trial.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { createWriteBack, type WriteBack } from '../../../server/write-back/write-back.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';

/** Everything switched on; each EHR's ladder takes what it can. */
const RUNGS: readonly RungSetting[] = [
  { write: 'Bundle', lost: [] },
  { write: 'ServiceRequest', lost: [] },
  { write: 'DocumentReference' },
];
const CASES: readonly (readonly [VendorMode, NonNullable<AcceptedRecommendation['kind']>, ProposalKind])[] = [
  ['epic', 'interaction', 'DocumentReference'],
  ['epic', 'monitoring', 'ServiceRequest'],
  ['oracle', 'interaction', 'DocumentReference'],
  ['oracle', 'monitoring', 'DocumentReference'],
  ['hapi', 'interaction', 'Bundle'],
  ['hapi', 'monitoring', 'ServiceRequest'],
];

let directory: string;
let store: Store;
let ehr: PracticeEhr;
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(directory, { recursive: true });
});

async function open(
  quirks: VendorMode,
): Promise<{ launched: Launched; writeBack: WriteBack; pass: (ms: number) => void }> {
  directory = await mkdtemp(join(tmpdir(), 'attune-modes-'));
  const keys = keyRing(newKeyRing());
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  let passed = 0;
  const clock = () => new Date(Date.now() + passed);
  const audit = createAudit({ store, keys, clock });
  const writeBack = createWriteBack({ store, keys, audit, clock, sleep: async () => {}, timeout: 1_000 });
  ehr = await startEhr({ quirks });
  const token = await signIn(ehr, { scope: 'openid fhirUser launch patient/*.crus' });
  const launched = launchOf({
    patientId: 'a',
    base: ehr.fhirBase,
    scope: (token.scope ?? '').split(' '),
    now: new Date(),
    transport: (request) => {
      request.headers.set('Authorization', `Bearer ${token.access_token}`);
      return ehr.fetch(request);
    },
  });
  return {
    launched: { ...launched, rungs: RUNGS },
    writeBack,
    pass: (ms) => {
      passed += ms;
    },
  };
}
const written = (kind: ProposalKind): readonly FhirResource[] =>
  ehr.allResources(kind === 'Bundle' ? 'DocumentReference' : kind).filter(({ meta }) => meta?.security?.length);

describe.each(CASES)('an EHR like %s, about a(n) %s', (mode, kind, expected) => {
  it(`takes a ${expected}, and shows it back`, async () => {
    const { launched, writeBack } = await open(mode);
    const preview = await writeBack.preview(launched, { ...metformin, kind });
    expect(preview.resourceType).toBe(expected);
    expect(await writeBack.approve(launched, preview)).toMatchObject({ state: 'confirmed' });
    expect(written(expected)).toHaveLength(1);
  });

  it.each(['drop-after-commit', 'drop-before-commit'] as const)('%s: exactly one in the end', async (fault) => {
    const { launched, writeBack, pass } = await open(mode);
    ehr.setFault({ match: { method: 'POST', path: /./ }, kind: fault, times: 1 });
    const preview = await writeBack.preview(launched, { ...metformin, kind });
    expect((await writeBack.approve(launched, preview)).state).toBe('unknown');
    const [looked] = await writeBack.reconcile(launched);
    pass(3_000);
    const last = looked?.state === 'unknown' ? await writeBack.resend(launched, preview.approvalId) : looked;
    expect(last?.state).toBe('confirmed');
    expect(written(expected)).toHaveLength(1);
  });
});

it('WB2: the trial at an EHR like oracle tells that it drops the key, and that a search still finds the note', async () => {
  const { launched } = await open('oracle');
  const setting = { write: 'DocumentReference' } as const;
  const trial = await tryRung({
    launched,
    setting,
    conditionalCreate: false,
    recommendation: metformin,
    now: new Date(),
  });
  expect(trial).toMatchObject({ written: true, lost: [], keptIdentifier: false, keptLabel: true, found: true });
});
