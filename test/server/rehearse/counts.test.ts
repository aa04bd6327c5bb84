/** WB1: what a kept rehearsal is worth for the ladder. Its no always counts; its yes counts while it is in force; where a site demands one and there is none, the text is copied. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import { readTenants } from '../../../launch/tenants.ts';
import type { RungSetting } from '../../../models/engine/proposals/ladder.ts';
import { createAudit } from '../../../server/audit.ts';
import type { Launched } from '../../../server/launched.ts';
import { createTriedOf } from '../../../server/rehearse/kept.ts';
import { rehearse } from '../../../server/rehearse/rehearse.ts';
import { keepReport, type RehearsalReport, type RehearsedRung, readReport } from '../../../server/rehearse/report.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { createWriteBack, type WriteBack } from '../../../server/write-back/write-back.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';

const DAY_MS = 86_400_000;
const TEST_DUE = { ...metformin, kind: 'monitoring' } as const;
const UNTRIED: readonly RungSetting[] = [{ write: 'ServiceRequest' }, { write: 'DocumentReference' }];

let dataDir: string;
let store: Store;
let ehr: PracticeEhr;
let launched: Launched;
let writeBack: WriteBack;
/** Moves the clock of the server, in milliseconds. */
let passed: number;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counts-'));
  passed = 0;
  ehr = await startEhr();
  const token = await signIn(ehr, { scope: 'openid fhirUser launch patient/*.crus' });
  launched = launchOf({
    patientId: 'a',
    base: ehr.fhirBase,
    scope: (token.scope ?? '').split(' '),
    now: new Date(),
    transport: (request) => {
      request.headers.set('Authorization', `Bearer ${token.access_token}`);
      return ehr.fetch(request);
    },
  });
});
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(dataDir, { recursive: true });
});

/** A server for a site with these settings. */
function site(settings: { rehearsed?: 'required'; rungs?: readonly RungSetting[] }): void {
  const { rungs = UNTRIED, ...rest } = settings;
  const tenant = {
    id: 'practice',
    name: 'Practice EHR',
    iss: ehr.fhirBase,
    clientId: 'x',
    auth: { method: 'none' },
    frameAncestors: [],
    allowHttpLoopback: true,
    writeBack: { enabled: true, rungs, ...rest },
  };
  launched = { ...launched, rungs };
  const keys = keyRing(newKeyRing());
  store = sqliteStore({ path: join(dataDir, 'attune.sqlite'), keys });
  const clock = () => new Date(Date.now() + passed);
  const audit = createAudit({ store, keys, clock });
  const triedOf = createTriedOf({ dataDir, tenants: readTenants({ tenants: [tenant] }), now: () => clock().getTime() });
  writeBack = createWriteBack({ store, keys, audit, clock, triedOf, timeout: 1_000 });
}

async function rehearsed(change: (report: RehearsalReport) => RehearsalReport = (report) => report): Promise<void> {
  const installation = { version: '0.1.0', library: { version: '2026.11', digest: 'sha256-0123456789abcdef' } };
  const report = await rehearse({
    ...installation,
    launched,
    patientKey: 'k',
    record: async () => {},
    sleep: async () => {},
  });
  await keepReport(dataDir, change(report));
}

const changed =
  (write: RehearsedRung['write'], change: Partial<RehearsedRung>) =>
  (report: RehearsalReport): RehearsalReport => ({
    ...report,
    rungs: report.rungs.map((rung) => (rung.write === write ? { ...rung, ...change } : rung)),
  });

/** What a clinician would be offered for a test that is due: the type, or why nothing. */
async function offered(): Promise<string> {
  return writeBack.preview(launched, TEST_DUE).then(
    ({ resourceType }) => resourceType,
    (error: Error) => error.message,
  );
}

describe('A kept rehearsal that found it usable', () => {
  it('opens the rung, without a word in the tenants file about what was lost', async () => {
    site({});
    expect(await offered()).toBe('DocumentReference');
    await rehearsed();
    expect(await offered()).toBe('ServiceRequest');
  });

  it('does not open what the site itself noted as lost', async () => {
    site({ rungs: [{ write: 'ServiceRequest', lost: ['intent'] }, { write: 'DocumentReference' }] });
    await rehearsed();
    expect(await offered()).toBe('DocumentReference');
  });

  it('counts for 180 days', async () => {
    site({});
    await rehearsed();
    passed = 180 * DAY_MS;
    launched = {
      ...launched,
      context: { ...launched.context, expiresAt: new Date(Date.now() + passed + DAY_MS).toISOString() },
    };
    expect(await offered()).toBe('ServiceRequest');
    passed += DAY_MS;
    expect(await offered()).toBe('DocumentReference');
  });

  it.each([
    [
      'another version of the EHR’s software',
      (report: RehearsalReport) => ({ ...report, ehr: { ...report.ehr, software: 'Practice 2' } }),
    ],
    ['another server', (report: RehearsalReport) => ({ ...report, ehr: { ...report.ehr, host: 'ehr.example' } })],
    ['other settings of the site', changed('ServiceRequest', { setting: 'another' })],
    [
      'a day to come',
      (report: RehearsalReport) => ({ ...report, at: new Date(Date.now() + 3 * DAY_MS).toISOString() }),
    ],
  ])('does not count for %s', async (_, change) => {
    site({});
    await rehearsed(change);
    expect(await offered()).toBe('DocumentReference');
  });

  it('X4: where it showed that conditional creates make two, none is sent', async () => {
    site({ rungs: [{ write: 'DocumentReference' }] });
    await rehearsed((report) => ({
      ...report,
      rungs: report.rungs.map((rung) => ({
        ...rung,
        shown: rung.shown && { ...rung.shown, conditionalCreate: 'duplicates' as const },
      })),
    }));
    const conditions: (string | undefined)[] = [];
    const watched: Launched = {
      ...launched,
      fhir: (request) => {
        if (request.method === 'POST') conditions.push(request.headers?.['If-None-Exist']);
        return launched.fhir(request);
      },
    };
    await writeBack.approve(watched, await writeBack.preview(watched, metformin));
    expect(conditions).toEqual([undefined]);
  });
});

describe('A kept rehearsal that found it unusable', () => {
  const NO = changed('ServiceRequest', { verdict: 'unusable', why: 'the EHR did not keep intent' });

  it('closes the rung, whatever the site noted, and says why', async () => {
    site({ rungs: [{ write: 'ServiceRequest', lost: [] }] });
    expect(await offered()).toBe('ServiceRequest');
    await rehearsed(NO);
    expect(await offered()).toMatch(/in the rehearsal of \d{4}-\d\d-\d\d, the EHR did not keep intent/);
  });

  it('closes it also when the report is old, or of another version: until it is rehearsed again', async () => {
    site({ rungs: [{ write: 'ServiceRequest', lost: [] }] });
    await rehearsed((report) => ({
      ...NO(report),
      at: '2020-01-01T00:00:00Z',
      ehr: { host: 'elsewhere.example', software: 'Old' },
    }));
    expect(await offered()).toMatch(/in the rehearsal of 2020-01-01/);
    await rehearsed();
    expect(await offered()).toBe('ServiceRequest');
  });

  it('closes a note too, which needs no trial otherwise', async () => {
    site({ rungs: [{ write: 'DocumentReference' }] });
    await rehearsed(changed('DocumentReference', { verdict: 'unusable', why: 'the EHR did not keep content' }));
    expect(await offered()).toMatch(/did not keep content\. Nothing was sent; copy the text instead/);
  });

  it('closes the one shape that it speaks of', async () => {
    site({ rungs: [{ write: 'Bundle', lost: [] }] });
    await rehearsed((report) => ({
      ...report,
      rungs: report.rungs.map((rung) =>
        rung.about.includes('score') ? { ...rung, verdict: 'unusable' as const } : rung,
      ),
    }));
    expect(await offered()).toBe('Bundle');
    await expect(writeBack.preview(launched, { ...metformin, kind: 'risk' })).rejects.toMatchObject({
      code: 'trial-lost',
    });
  });
});

describe('Where the site demands a rehearsal', () => {
  it('and there is none, nothing is written, a note neither: the text is copied', async () => {
    site({
      rehearsed: 'required',
      rungs: [
        { write: 'ServiceRequest', lost: [] },
        { write: 'DocumentReference', lost: [] },
      ],
    });
    expect(await offered()).toMatch(/only what was rehearsed, and nothing was.*copy the text instead/);
    expect(ehr.requests.filter(({ method, path }) => method === 'POST' && path.startsWith('/fhir'))).toEqual([]);
  });

  it('what it found usable is written', async () => {
    site({ rehearsed: 'required' });
    await rehearsed();
    expect(await offered()).toBe('ServiceRequest');
  });

  it('what it did not try is not', async () => {
    site({ rehearsed: 'required' });
    await rehearsed(changed('ServiceRequest', { verdict: 'not-tried', why: 'the session ended first' }));
    expect(await offered()).toBe('DocumentReference');
    await rehearsed((report) => ({ ...report, rungs: [] }));
    expect(await offered()).toMatch(/it was not tried in the rehearsal/);
  });

  it.each([
    [
      'too old',
      (report: RehearsalReport) => ({ ...report, at: '2020-01-01T00:00:00Z' }),
      /2020-01-01 is \d+ days old \(180 at most\)/,
    ],
    [
      'of another version',
      (report: RehearsalReport) => ({ ...report, ehr: { ...report.ehr, software: 'Practice 2' } }),
      /and was Practice 2/,
    ],
    [
      'of other settings',
      (report: RehearsalReport) => ({ ...report, rungs: report.rungs.map((rung) => ({ ...rung, setting: 'other' })) }),
      /set up otherwise/,
    ],
  ])('one that is %s is none, and it is said so', async (_, change, words) => {
    site({ rehearsed: 'required' });
    await rehearsed(change);
    expect(await offered()).toMatch(words);
  });

  it('an approval given on a preview is not sent when the report has gone meanwhile', async () => {
    site({ rehearsed: 'required' });
    await rehearsed();
    const preview = await writeBack.preview(launched, TEST_DUE);
    const before = ehr.allResources('ServiceRequest').length;
    await rm(join(dataDir, 'rehearsals'), { recursive: true });
    await expect(writeBack.approve(launched, preview)).rejects.toMatchObject({ code: 'not-tried' });
    expect(ehr.allResources('ServiceRequest')).toHaveLength(before);
  });
});

describe('A report that cannot be understood closes everything, also where none is demanded', () => {
  const place = () => join(dataDir, 'rehearsals/practice.json');
  it.each([
    ['is no JSON', async () => writeFile(place(), 'not json')],
    ['is of another schema', async () => writeFile(place(), '{"schema":2}')],
    [
      'is another tenant’s',
      async () => {
        const kept = await readReport(dataDir, 'practice');
        if (kept.state === 'kept') await writeFile(place(), JSON.stringify({ ...kept.report, tenant: 'other' }));
      },
    ],
  ])('because it %s', async (_, spoil) => {
    site({ rungs: [{ write: 'ServiceRequest', lost: [] }] });
    await rehearsed();
    await spoil();
    await chmod(place(), 0o600);
    expect(await offered()).toMatch(/the kept rehearsal cannot be read: rehearse again/);
  });
});
