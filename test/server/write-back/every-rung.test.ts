/** WB1–WB3, WB7, X4: every way of writing, from preview to read-back, into the practice EHR, which validates what it stores. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import type { AcceptedRecommendation } from '../../../launch/api.ts';
import type { RungSetting } from '../../../models/engine/proposals/ladder.ts';
import { createAudit } from '../../../server/audit.ts';
import type { Launched } from '../../../server/launched.ts';
import { tryRung } from '../../../server/rehearse/trial.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { createWriteBack, type WriteBack } from '../../../server/write-back/write-back.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';

const score = { model: 'cha2ds2-vasc', title: 'CHA₂DS₂-VASc', value: 4, unit: '{score}' };
const RUNGS: readonly (readonly [RungSetting, Partial<AcceptedRecommendation>, readonly string[]])[] = [
  [{ write: 'DocumentReference' }, {}, ['DocumentReference']],
  [{ write: 'DocumentReference', format: 'application/xhtml+xml' }, {}, ['DocumentReference']],
  [{ write: 'ServiceRequest', lost: [] }, { kind: 'monitoring' }, ['ServiceRequest']],
  [{ write: 'Communication', lost: [] }, {}, ['Communication']],
  [
    {
      write: 'QuestionnaireResponse',
      lost: [],
      questionnaire: 'https://site.example/Questionnaire/cds',
      linkId: 'text',
    },
    {},
    ['QuestionnaireResponse'],
  ],
  [
    { write: 'Observation', lost: [], scores: { [score.model]: { system: 'https://site.example/codes', code: 'cv' } } },
    { kind: 'risk', score },
    ['Observation'],
  ],
  [{ write: 'Bundle', lost: [] }, { kind: 'risk', score }, ['DocumentReference', 'RiskAssessment', 'Provenance']],
  [{ write: 'Bundle', lost: [] }, { kind: 'interaction' }, ['DocumentReference', 'DetectedIssue', 'Provenance']],
];
const NAMED = RUNGS.map(([setting, over, types]) => ({ name: types.join(', '), setting, over, types }));

let directory: string;
let store: Store;
let ehr: PracticeEhr;
let writeBack: WriteBack;
let passed: number;
let before: ReadonlySet<string> = new Set();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'attune-rungs-'));
  const keys = keyRing(newKeyRing());
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  passed = 0;
  const clock = () => new Date(Date.now() + passed);
  const audit = createAudit({ store, keys, clock });
  writeBack = createWriteBack({ store, keys, audit, clock, sleep: async () => {}, timeout: 1_000 });
  ehr = await startEhr();
  before = new Set();
  before = new Set(written().map(({ resourceType, id }) => `${resourceType}/${id}`));
});
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(directory, { recursive: true });
});

async function launch(rungs: readonly RungSetting[], scope = 'patient/*.crus'): Promise<Launched> {
  const token = await signIn(ehr, { scope: `openid fhirUser launch ${scope}` });
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
  return { ...launched, rungs };
}

const TYPES = [...new Set(NAMED.flatMap(({ types }) => types.slice(0, 2))), 'Provenance', 'MedicationRequest'];
function written(): FhirResource[] {
  return TYPES.flatMap((type) => ehr.allResources(type)).filter(
    ({ resourceType, id }) => !before.has(`${resourceType}/${id}`),
  );
}
const typesWritten = () => written().map(({ resourceType }) => resourceType);

describe.each(NAMED)('$name', ({ setting, over, types }) => {
  const recommendation = { ...metformin, ...over };

  it('is accepted by an EHR that validates, read back equal, and is what was previewed', async () => {
    const launched = await launch([setting]);
    const preview = await writeBack.preview(launched, recommendation);
    expect(preview.resourceType).toBe(setting.write);
    const outcome = await writeBack.approve(launched, preview);
    expect(outcome).toMatchObject({
      state: 'confirmed',
      message: expect.stringMatching(/ saved \(.+\)\. No order was placed\.$/),
    });
    expect(typesWritten()).toEqual(types);
    const shown = JSON.parse(preview.resource) as FhirResource;
    const parts = shown.resourceType === 'Bundle' ? (shown.entry ?? []).map(({ resource }) => resource) : [shown];
    for (const [index, resource] of written().entries()) {
      const { id: _, meta, ...stored } = resource;
      const { meta: label, ...sent } = parts[index] as FhirResource;
      // Within a transaction, links by full URL have become links by id.
      const { target: __, ...plain } = sent as { target?: unknown };
      expect(stored).toMatchObject(plain);
      expect(meta?.security).toEqual(label?.security);
    }
  });

  it.each(['drop-before-commit', 'drop-after-commit', 'error'] as const)(
    'survives %s with exactly one',
    async (kind) => {
      const launched = await launch([setting]);
      ehr.setFault({ match: { method: 'POST', path: /./ }, kind, times: 1 });
      const preview = await writeBack.preview(launched, recommendation);
      expect((await writeBack.approve(launched, preview)).state).toBe('unknown');
      ehr.clearFaults();
      const [looked] = await writeBack.reconcile(launched);
      passed = 3_000;
      const last = looked?.state === 'unknown' ? await writeBack.resend(launched, preview.approvalId) : looked;
      expect(last?.state).toBe('confirmed');
      expect(typesWritten()).toEqual(types);
    },
  );
});

describe.each(NAMED)('WB8, X6: $name', ({ setting, over, types }) => {
  it('is withdrawn by marking it as entered in error, and may be approved anew', async () => {
    const launched = await launch([setting]);
    const recommendation = { ...metformin, ...over };
    const { approvalId } = await writeBack.approve(launched, await writeBack.preview(launched, recommendation));
    const outcome = await writeBack.withdraw(launched, approvalId, 'approved-by-mistake');
    expect(outcome).toMatchObject({
      state: 'withdrawn',
      message: expect.stringContaining('read back as entered in error'),
    });
    for (const each of written())
      expect('status' in each ? each.status : undefined).toBe(
        each.resourceType === 'Provenance' ? undefined : 'entered-in-error',
      );
    expect((await writeBack.approve(launched, await writeBack.preview(launched, recommendation))).state).toBe(
      'confirmed',
    );
    expect(typesWritten()).toHaveLength(2 * types.length);
  });

  it('WB2: the trial on a test patient finds nothing lost here, and takes it back', async () => {
    const launched = await launch([setting]);
    const recommendation = { ...metformin, ...over };
    const trial = await tryRung({ launched, setting, conditionalCreate: true, recommendation, now: new Date() });
    expect(trial).toMatchObject({
      written: true,
      lost: [],
      keptIdentifier: true,
      keptLabel: true,
      found: true,
      withdrawn: true,
    });
  });
});

it('X6: what somebody changed in the chart meanwhile is not withdrawn over their change', async () => {
  const launched = await launch([{ write: 'DocumentReference' }]);
  const { approvalId } = await writeBack.approve(launched, await writeBack.preview(launched, metformin));
  const stale: Launched = {
    ...launched,
    fhir: (request) =>
      launched.fhir(
        request.method === 'PUT' ? { ...request, headers: { ...request.headers, 'If-Match': 'W/"0"' } } : request,
      ),
  };
  await expect(writeBack.withdraw(stale, approvalId, 'approved-by-mistake')).rejects.toMatchObject({
    code: 'changed-meanwhile',
  });
  expect((await writeBack.outcomes(launched))[0]?.state).toBe('confirmed');
});

it('WB8: without the right to update, nothing is withdrawn, and it says so', async () => {
  const launched = await launch([{ write: 'DocumentReference' }], 'patient/DocumentReference.crs');
  const { approvalId } = await writeBack.approve(launched, await writeBack.preview(launched, metformin));
  await expect(writeBack.withdraw(launched, approvalId, 'approved-by-mistake')).rejects.toMatchObject({
    code: 'not-granted',
  });
});

it('WB2: the trial tells of the fields that an EHR drops', async () => {
  const launched = await launch([{ write: 'ServiceRequest' }]);
  const dropping: Launched = {
    ...launched,
    fhir: async (request) => {
      if (request.method !== 'POST') return launched.fhir(request);
      const {
        identifier: _,
        note: __,
        meta: ___,
        ...kept
      } = JSON.parse(request.body ?? '{}') as Record<string, unknown>;
      return launched.fhir({ ...request, body: JSON.stringify({ ...kept, intent: 'plan' }) });
    },
  };
  const recommendation = { ...metformin, kind: 'monitoring' } as const;
  const setting = { write: 'ServiceRequest' } as const;
  const trial = await tryRung({
    launched: dropping,
    setting,
    conditionalCreate: false,
    recommendation,
    now: new Date(),
  });
  expect(trial).toMatchObject({ lost: ['intent', 'note'], keptIdentifier: false, keptLabel: false, found: false });
});

it('X4: a transaction of which the EHR keeps a part only is never called saved', async () => {
  const launched = await launch([{ write: 'Bundle', lost: [] }]);
  const partial: Launched = {
    ...launched,
    fhir: (request) =>
      request.path.startsWith('Provenance?')
        ? Promise.resolve(Response.json({ resourceType: 'Bundle', type: 'searchset' }))
        : launched.fhir(request),
  };
  const outcome = await writeBack.approve(
    partial,
    await writeBack.preview(partial, { ...metformin, kind: 'interaction' }),
  );
  expect(outcome).toMatchObject({ state: 'unknown', message: expect.stringContaining('with a different Provenance') });
});

it('WB1: the next rung is taken where the scope of the better one was not granted', async () => {
  const rungs: RungSetting[] = [{ write: 'ServiceRequest', lost: [] }, { write: 'DocumentReference' }];
  const launched = await launch(rungs, 'patient/DocumentReference.crus');
  const preview = await writeBack.preview(launched, { ...metformin, kind: 'monitoring' });
  expect(preview.resourceType).toBe('DocumentReference');
});

it('WB1: where nothing bears, nothing is sent, and the reasons are said', async () => {
  const launched = await launch([{ write: 'ServiceRequest' }]);
  await expect(writeBack.preview(launched, { ...metformin, kind: 'monitoring' })).rejects.toMatchObject({
    code: 'not-tried',
    message: expect.stringContaining('not tried on a test patient of this EHR'),
  });
  expect(written()).toEqual([]);
});

it('WB7: what was previewed as one kind is not sent as another when the site changes its mind meanwhile', async () => {
  const launched = await launch([{ write: 'ServiceRequest', lost: [] }]);
  const preview = await writeBack.preview(launched, { ...metformin, kind: 'monitoring' });
  const changed = { ...launched, rungs: [{ write: 'DocumentReference' }] as const };
  await expect(writeBack.approve(changed, preview)).rejects.toMatchObject({ status: 409 });
  expect(written()).toEqual([]);
});
