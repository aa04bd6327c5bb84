/** An authorize request that is too long for an address goes to the EHR as a form, under the page's own policy (interop L7). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  const types = ['Patient', 'Observation', 'Condition', 'MedicationRequest', 'AllergyIntolerance', 'DocumentReference'];
  const many = Array.from(
    { length: 30 },
    (_, n) => `patient/Observation.rs?category=http://hospital.example/kind|k${n}`,
  );
  stage = await setStage({
    tenant: () => ({ scopes: ['openid', 'fhirUser', 'launch', ...types.map((type) => `patient/${type}.rs`), ...many] }),
  });
});
afterAll(() => stage.close());

it('the chart’s cards are shown, and the policy stood in nobody’s way', async () => {
  const { app, page, context, troubles } = await stage.openChart('ckd4');
  await app.getByText('Stop metformin: eGFR is below 30').waitFor();
  const posted = stage.ehr.requests.filter(({ method, path }) => method === 'POST' && path === '/auth/authorize');
  expect(posted).toHaveLength(1);
  expect(troubles.filter((trouble) => /Content Security Policy|form-action/.test(trouble))).toEqual([]);
  expect(page.frames().some((frame) => /\/l\/[\w-]+\/$/.test(frame.url()))).toBe(true);
  await context.close();
});
