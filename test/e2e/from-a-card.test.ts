/** C6, H7: from an alert of the EHR to the same alert in the app: called as an EHR calls it, launched as an EHR launches. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { FhirResource, MedicationRequest, Observation } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from './axe.ts';
import { type OpenChart, type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({
    tenant: (origin) => ({ cdsHooks: { jwks: [`${origin}/auth/jwks`] } }),
    config: { cdsHooks: true },
  });
});
afterAll(() => stage.close());

interface Card {
  readonly summary: string;
  readonly links: readonly { readonly appContext: string }[];
}

/** The cards that the EHR gets when this chart is opened. */
async function cardsFor(patientId: string): Promise<readonly Card[]> {
  const address = `${stage.appOrigin}/cds-services/attune-patient-view`;
  const of = (type: string) => stage.ehr.allResources(type).filter((resource) => aboutIs(resource, patientId));
  const bundle = (resources: readonly FhirResource[]) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
  });
  const observed = (code: string) =>
    bundle(
      (of('Observation') as Observation[]).filter(({ category = [] }) =>
        category.some(({ coding = [] }) => coding.some((one) => one.code === code)),
      ),
    );
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await stage.ehr.signCall(address)}` },
    body: JSON.stringify({
      hook: 'patient-view',
      hookInstance: randomUUID(),
      context: { userId: 'Practitioner/practice-okafor', patientId },
      prefetch: {
        patient: stage.ehr.readResource(`Patient/${patientId}`),
        conditions: bundle(of('Condition')),
        laboratory: observed('laboratory'),
        'vital-signs': observed('vital-signs'),
        allergies: bundle(of('AllergyIntolerance')),
        medications: bundle([...of('MedicationRequest'), ...stage.ehr.allResources('Medication')]),
      },
    }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { cards: Card[] }).cards;
}

function aboutIs(resource: FhirResource, patientId: string): boolean {
  const { subject, patient } = resource as Partial<MedicationRequest> & { patient?: { reference?: string } };
  return (subject ?? patient)?.reference === `Patient/${patientId}`;
}

/** The app, opened from a card's link in the chart of a patient. */
function openFrom(appContext: string, patientId: string, width = 1280): Promise<OpenChart> {
  return stage.openChart(patientId, { query: { appContext }, width });
}
const settled = ({ app }: OpenChart) => app.locator('[data-models="done"]').waitFor({ state: 'attached' });

describe('The app, opened from an alert', () => {
  it.each([1280, 380])(
    'at %i px has its card in view, marked in words, with the focus on it, and tells who it is by nothing in the link',
    async (width) => {
      const [card] = await cardsFor('ckd4');
      const appContext = card?.links[0]?.appContext ?? '';
      expect(card?.summary).toMatch(/metformin/i);
      expect(appContext).not.toMatch(/metformin|ckd4|critical/i);
      const chart = await openFrom(appContext, 'ckd4', width);
      const article = chart.app.getByRole('article').filter({ hasText: 'The alert you came from' });
      await article.waitFor();
      expect(await article.innerText()).toContain(card?.summary);
      expect(await article.evaluate((one) => one.contains(document.activeElement))).toBe(true);
      const seen = await article.evaluate((one) => {
        const strip = document.querySelector('.strip')?.getBoundingClientRect();
        const { top, bottom } = one.getBoundingClientRect();
        return { below: top - (strip?.bottom ?? 0), above: innerHeight - bottom };
      });
      expect(seen.below).toBeGreaterThanOrEqual(0);
      expect(seen.above).toBeGreaterThanOrEqual(0);
      expect(chart.troubles).toEqual([]);
      await chart.context.close();
    },
  );

  it('opens as ever from a card about another patient: nothing of it is believed, nothing is claimed', async () => {
    const [card] = await cardsFor('ckd4');
    const chart = await openFrom(card?.links[0]?.appContext ?? '', 'k62');
    await settled(chart);
    expect(await chart.app.locator('.came-from').count()).toBe(0);
    await chart.context.close();
  });

  it.each([
    ['no JSON', 'not json'],
    ['a bare id', '{"card":"ckd4"}'],
    ['nested without end', '['.repeat(3000)],
  ])('opens as ever with foreign words: %s', async (_name, words) => {
    const chart = await openFrom(words, 'well');
    await settled(chart);
    expect(await chart.app.locator('.came-from').count()).toBe(0);
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });
});

describe('The marked card', () => {
  it.each([320, 380, 760])(
    'at %i px, light and dark: nothing for axe to find, no sideways scrolling',
    async (width) => {
      const [card] = await cardsFor('ckd4');
      const appContext = card?.links[0]?.appContext ?? '';
      const context = await stage.browser.newContext({
        viewport: { width, height: 900 },
        reducedMotion: 'reduce',
        bypassCSP: true,
      });
      const page = await context.newPage();
      await page.goto(stage.ehr.createLaunch({ patientId: 'ckd4', appContext }).launchUrl);
      await page.getByText('The alert you came from').waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violationsOn(page)).toEqual([]);
        const { scrollWidth, clientWidth } = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return { scrollWidth, clientWidth };
        });
        expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
      }
      await context.close();
    },
  );
});

describe('An alert that is not there any more', () => {
  it('is told of quietly, with the time at which the chart was read', async () => {
    const [card] = await cardsFor('ckd4');
    await stopMetformin('ckd4');
    const chart = await openFrom(card?.links[0]?.appContext ?? '', 'ckd4');
    const line = chart.app.locator('p.came-from');
    await line.waitFor();
    expect(await line.innerText()).toMatch(
      /^The alert you came from (no longer applies to|was not found again in) this chart as read at \d\d:\d\d\./,
    );
    expect(await chart.app.getByRole('article').filter({ hasText: 'The alert you came from' }).count()).toBe(0);
    await chart.context.close();
  });
});

describe('Why the app is opened (intent)', () => {
  it.each([
    ['reconcile-medications', true],
    ['order-review', false],
    ['drop-table', false],
  ])('%s: medicines opened %s, Today first', async (intent, medicines) => {
    const chart = await stage.openChart('ckd4', { query: { intent } });
    await settled(chart);
    const button = chart.app.getByRole('button', { name: /^Medicines/ });
    expect(await button.getAttribute('aria-expanded')).toBe(String(medicines));
    expect(await chart.app.locator('body').evaluate(() => scrollY)).toBe(0);
    await chart.context.close();
  });
});

/** Somebody else stops it meanwhile, and what the patient says to take at home with it. */
async function stopMetformin(patientId: string): Promise<void> {
  const token = await writerToken(patientId);
  const lists = ['MedicationRequest', 'MedicationStatement'].flatMap((type) => stage.ehr.allResources(type));
  for (const resource of lists) {
    if (!aboutIs(resource, patientId) || !/metformin/i.test(JSON.stringify(resource))) continue;
    const response = await fetch(`${stage.ehr.fhirBase}/${resource.resourceType}/${resource.id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ ...resource, status: 'stopped' }),
    });
    expect(response.status).toBe(200);
  }
}

/** A token of another app, by which somebody else changes the chart. */
async function writerToken(patientId: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const authorize = new URL(`${stage.ehrOrigin}/auth/authorize`);
  const redirect = `${stage.appOrigin}/callback`;
  const launch = new URL(stage.ehr.createLaunch({ patientId }).launchUrl).searchParams.get('launch') ?? '';
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: 'attune-public',
    redirect_uri: redirect,
    scope: 'launch patient/MedicationRequest.rus patient/MedicationStatement.rus',
    state: 's',
    aud: stage.ehr.fhirBase,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    launch,
  }))
    authorize.searchParams.set(name, value);
  const { headers } = await fetch(authorize, { redirect: 'manual' });
  const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
  const answer = await fetch(`${stage.ehrOrigin}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'attune-public',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}
