/** Every chart there is, one after the other in the same browser: each settles, and none breaks the app. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Patient } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

const own = resolve(import.meta.dirname, '../../fixtures/patients');
const shared = resolve(import.meta.dirname, '../../../shared/patients');

/** Sample charts refer to resources they do not hold; the browser prints those 404s itself. */
const dangling = /the server responded with a status of 404 .*\/fhir\/(Medication|Practitioner|Organization)\//;

function everyChart(name: string, folders: readonly string[], atLeast: number) {
  describe(name, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage({ patients: folders });
    });
    afterAll(() => stage.close());

    it('each chart settles without an error, under its own patient', { timeout: 900_000 }, async () => {
      const patients = stage.ehr.allResources('Patient') as Patient[];
      expect(patients.length).toBeGreaterThanOrEqual(atLeast);
      const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
      const broken: string[] = [];
      for (const { id = '' } of patients) {
        const { app, page, troubles } = await stage.openChart(id, { context });
        try {
          await app.getByRole('heading', { level: 2, name: /for today|^Today$/ }).waitFor();
          await app.getByText('Not checked').first().waitFor();
          // The trained models and the twins run after Today.
          await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
        } catch {
          broken.push(`${id}: did not settle: ${(await app.locator('body').innerText()).slice(0, 200)}`);
        }
        const text = await app.locator('body').innerText();
        // Words of our own failures; a chart without a name, or with an unreadable part, says so in other words.
        const failure = /.*(Attune could not|did not run|Number withdrawn|unavailable).*/i.exec(text);
        if (failure) broken.push(`${id}: ${failure[0]}`);
        broken.push(...troubles.filter((trouble) => !dangling.test(trouble)).map((trouble) => `${id}: ${trouble}`));
        await page.close();
      }
      expect(broken).toEqual([]);
      await context.close();
    });
  });
}

everyChart('Our own synthetic patients', [own], 12);
describe.skipIf(!existsSync(shared))('Charts of many origins', () => everyChart('56 Bundles', [shared], 56));
