/**
 * The egress ledger as a security reviewer finds it: opened in the running app, saved as a file, and looked through for
 * any host but ours and the EHR's, and for any trace of the patient.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Statement } from '../../client/ledger/statement.ts';
import { type OpenChart, type Stage, setStage } from './stage.ts';

const PATIENT = 'ckd4';
let stage: Stage;
let chart: OpenChart;
let text: string;
let statement: Statement;

beforeAll(async () => {
  stage = await setStage();
  chart = await stage.openChart(PATIENT);
  await chart.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await chart.app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
  await chart.app.getByText('Will be written').waitFor();
  await chart.app.getByRole('button', { name: 'Close' }).click();
  await chart.app.getByRole('button', { name: 'What left this app' }).click();
  await chart.app.getByRole('heading', { name: 'From Attune’s server, for this chart' }).waitFor();
  const [file] = await Promise.all([
    chart.page.waitForEvent('download'),
    chart.app.getByRole('button', { name: 'Save as a file' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^attune-egress-\d{4}-\d{2}-\d{2}\.json$/);
  text = readFileSync(await file.path(), 'utf8');
  statement = JSON.parse(text) as Statement;
});
afterAll(() => stage.close());

it('the browser called our origin and nobody else, and its policy had nothing to stop', () => {
  expect([...new Set(statement.browser.map(({ host }) => host))]).toEqual([new URL(stage.appOrigin).host]);
  expect(statement.stopped).toEqual([]);
  expect(statement.browserIncomplete).toEqual([]);
});

it('our server called the EHR’s host and nobody else', () => {
  const { server } = statement;
  const hosts = [...(server?.launch ?? []), ...(server?.site ?? [])].map(({ host }) => host);
  expect([...new Set(hosts)]).toEqual([new URL(stage.ehrOrigin).host]);
  expect(server?.whole).toBe(true);
});

it('what the app is known to do is in it: its own files, the chart, the preview, the sign-in', () => {
  const kinds = (rows: readonly { kind: string; resourceType?: string }[] = []) =>
    new Set(rows.map(({ kind, resourceType }) => [kind, resourceType].filter(Boolean).join(' ')));
  const browser = kinds(statement.browser);
  for (const kind of ['app', 'library', 'search Observation', 'read Patient', 'record', 'write-back'])
    expect(browser).toContain(kind);
  for (const kind of ['token', 'search Observation', 'read Patient'])
    expect(kinds(statement.server?.launch)).toContain(kind);
  expect(kinds(statement.server?.site)).toContain('discovery');
  const preview = statement.browser.find(({ kind }) => kind === 'write-back');
  expect(preview?.bytesUp).toBeGreaterThan(200);
  for (const { bytesDown, requests } of statement.browser) expect([bytesDown >= 0, requests > 0]).toEqual([true, true]);
});

it('there is no trace of the patient in it, by name, id, record number or birth date, nor of the launch or a token', () => {
  const { entry = [] } = JSON.parse(readFileSync(`fixtures/patients/ckd4-metformin/bundle.json`, 'utf8')) as {
    entry?: {
      resource: {
        resourceType: string;
        id: string;
        birthDate?: string;
        name?: { family?: string }[];
        identifier?: { value?: string }[];
      };
    }[];
  };
  const patient = entry.find(({ resource }) => resource.resourceType === 'Patient')?.resource;
  const canaries = [
    patient?.id,
    patient?.birthDate,
    ...(patient?.name ?? []).map(({ family }) => family),
    ...(patient?.identifier ?? []).map(({ value }) => value),
  ].filter((canary) => canary !== undefined);
  expect(canaries.length).toBeGreaterThanOrEqual(4);
  for (const canary of canaries) expect(text).not.toContain(canary);
  expect(text).not.toMatch(/\/l\/|\?|patient=|Bearer|eyJ/);
});

it('opening and saving it troubled no policy of the page', () => {
  expect(chart.troubles).toEqual([]);
});
