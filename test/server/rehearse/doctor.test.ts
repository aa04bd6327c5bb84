/** `attune doctor` tells of the kept rehearsal, and judges the ways to write with it (WB1). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../../server/cli.ts';
import type { Diagnosis } from '../../../server/doctor/diagnosis.ts';
import type { RehearsalReport } from '../../../server/rehearse/report.ts';
import { EVERYTHING, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  const rungs = EVERYTHING.filter(({ write }) => write === 'DocumentReference' || write === 'ServiceRequest');
  stage = await openStage({ writeBack: { withdraw: true, rungs } });
});
afterEach(() => stage.close());

async function doctor(...more: string[]) {
  const out: string[] = [];
  const terminal = { out: (line: string) => out.push(line), err: () => {}, stdin: async () => '' };
  const tenants = ['--tenants', join(stage.dataDir, 'tenants.json')];
  const code = await run(['doctor', stage.ehr.fhirBase, ...tenants, ...more], terminal);
  const { checks, writeBack } = JSON.parse(out[0] ?? '{}') as Diagnosis;
  const status = (type: string) => writeBack.find(({ title }) => title.includes(`(${type})`))?.status;
  return { code, check: checks.find(({ id }) => id === 'rehearsal'), status };
}
const asked = () => doctor('--data', stage.dataDir);
const change = (to: (report: RehearsalReport) => object) => {
  const place = join(stage.dataDir, 'rehearsals/practice.json');
  writeFileSync(place, JSON.stringify(to(JSON.parse(readFileSync(place, 'utf8')) as RehearsalReport)));
};
const demand = () => {
  const file = join(stage.dataDir, 'tenants.json');
  const { tenants } = JSON.parse(readFileSync(file, 'utf8')) as { tenants: [{ writeBack: object }] };
  tenants[0].writeBack = { ...tenants[0].writeBack, rehearsed: 'required' };
  writeFileSync(file, JSON.stringify({ tenants }));
};

it('says that it was not looked for, where it was not', async () => {
  expect((await doctor()).check).toMatchObject({ status: 'not-checked' });
});

it('says that there is none; where the site demands one, that nothing is written until there is', async () => {
  expect((await asked()).check).toEqual({ id: 'rehearsal', status: 'attention', text: 'Write-back was not rehearsed' });
  demand();
  const { check, status, code } = await asked();
  expect(check).toMatchObject({ status: 'failed', text: expect.stringContaining('text to copy until it is') });
  expect([status('DocumentReference'), status('ServiceRequest')]).toEqual(['offered', 'offered']);
  // The app can be launched all the same.
  expect(code).toBe(0);
});

it('says when it was, what it came to, and takes its yes', async () => {
  expect((await asked()).status('ServiceRequest')).toBe('offered');
  await stage.rehearse();
  const { check, status } = await asked();
  expect(check).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(/^Rehearsed \d{4}-\d\d-\d\d, 0 days ago: 2 usable, 0 unusable, 5 not tried$/),
  });
  expect(status('ServiceRequest')).toBe('available');
});

it('takes its no', async () => {
  await stage.rehearse();
  change((report) => ({ ...report, rungs: report.rungs.map((rung) => ({ ...rung, verdict: 'unusable', why: 'x' })) }));
  const { check, status } = await asked();
  expect(check?.status).toBe('attention');
  expect([status('DocumentReference'), status('ServiceRequest')]).toEqual(['offered', 'offered']);
});

it('says that it is old, and of what was left in the test chart', async () => {
  await stage.rehearse();
  change((report) => ({ ...report, at: '2020-01-01T00:00:00Z', remains: ['DocumentReference/1'] }));
  expect((await asked()).check?.text).toMatch(
    /^Rehearsed 2020-01-01, \d+ days ago: .*; left in the test chart: 1\. To be rehearsed again: .* \(180 at most\)$/,
  );
});

it('says that it cannot be read', async () => {
  await stage.rehearse();
  change(() => ({}));
  const { check, status } = await asked();
  expect(check).toMatchObject({ status: 'failed', text: expect.stringContaining('cannot be read') });
  expect(status('DocumentReference')).toBe('offered');
});

it('a folder that is not there is bad usage, not “never rehearsed”', async () => {
  const terminal = { out: () => {}, err: () => {}, stdin: async () => '' };
  const tenants = join(stage.dataDir, 'tenants.json');
  expect(await run(['doctor', stage.ehr.fhirBase, '--tenants', tenants, '--data', '/nowhere'], terminal)).toBe(2);
});
