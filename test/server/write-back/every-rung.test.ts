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
