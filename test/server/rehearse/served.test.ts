/** WB1: the server as it runs heeds the kept rehearsal, from one request to the next. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepReport, type RehearsalReport, settingDigest } from '../../../server/rehearse/report.ts';
import { CARD } from '../../security/whole.ts';
import { type Browser, type ServerProcess, startServer } from '../tenants/process.ts';

let server: ServerProcess;
let browser: Browser;
let launchId: string;

beforeAll(async () => {
  server = await startServer();
  browser = server.browser();
}, 60_000);
afterAll(() => server.close());

async function preview(): Promise<{ status: number; said: string }> {
  const answer = await browser.inLaunch(launchId, '/write-back/preview', { recommendation: CARD });
  const { message, resourceType } = (await answer.json()) as { message?: string; resourceType?: string };
  return { status: answer.status, said: message ?? resourceType ?? '' };
}

const report = (verdict: 'usable' | 'unusable'): RehearsalReport => ({
  schema: 1,
  tenant: 'practice',
  ehr: { host: new URL(server.ehr.fhirBase).host, software: 'Attune practice EHR' },
  at: new Date().toISOString(),
  app: { version: '0.1.0', libraryDigest: 'sha256:0' },
  patient: 'k',
  rungs: [
    {
      write: 'DocumentReference',
      about: ['medicine', 'test', 'score'],
      types: ['DocumentReference'],
      setting: settingDigest({ write: 'DocumentReference' }),
      verdict,
      why: 'the EHR did not keep content',
      remarks: [],
      shown: null,
    },
  ],
  correction: null,
  remains: [],
  doubtful: [],
});

it('writes without one where none is demanded, nothing where one is, and what it found usable once it is kept', async () => {
  launchId = await browser.launch('alba');
  expect(await preview()).toEqual({ status: 200, said: 'DocumentReference' });

  const demanding = { ...server.practice, writeBack: { enabled: true, rehearsed: 'required' } };
  await server.reload('tenants-changed', () => server.write([demanding]));
  expect(await preview()).toEqual({
    status: 409,
    said: expect.stringMatching(/only what was rehearsed.*copy the text/),
  });

  const dataDir = join(server.folder, 'data');
  await keepReport(dataDir, report('usable'));
  expect(await preview()).toEqual({ status: 200, said: 'DocumentReference' });

  await keepReport(dataDir, report('unusable'));
  expect(await preview()).toEqual({ status: 409, said: expect.stringContaining('the EHR did not keep content') });
  expect(server.ehr.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/fhir'))).toEqual([]);
}, 60_000);
