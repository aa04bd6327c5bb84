/** CDS Hooks as part of the server: off unless asked for, with limits of its own, and never louder than the sidebar (house: small core; H15). */
import { readdirSync, readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../models/engine/evaluate.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import type { AppDeps } from '../../../server/app.ts';
import { factsOf, patientsIn } from '../../../server/commands/chart.ts';
import { type Hospital, ORIGIN, openHospital } from '../hospital.ts';
import { cardsOf, hookCall, knowledge, NOW, openStage } from './stage.ts';

let hospital: Hospital | undefined;
afterEach(() => hospital?.close());
const ask = (path: string, init?: RequestInit) => hospital?.app.request(`${ORIGIN}${path}`, init);

describe('The mount', () => {
  it('is not there unless the configuration asks for it', async () => {
    hospital = await openHospital();
    expect((await ask('/cds-services'))?.status).toBe(404);
    expect((await ask('/cds-services/attune-order-sign', { method: 'POST', body: '{}' }))?.status).toBe(404);
  });

  it('takes a chart of more than 256 KB, which nothing else of the server does, and no CORS header comes with it', async () => {
    const echo: NonNullable<AppDeps['cdsHooks']> = new Hono();
    echo.post('/:service', async (c) => c.json({ bytes: (await c.req.text()).length }));
    hospital = await openHospital({ mounts: { cdsHooks: echo } });
    const body = 'x'.repeat(1024 * 1024);
    const answer = await ask('/cds-services/attune-order-sign', { method: 'POST', body });
    expect(await answer?.json()).toEqual({ bytes: body.length });
    expect(answer?.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer?.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await ask('/csp-report', { method: 'POST', body }))?.status).toBe(413);
  });
});

describe('The same engine as in the sidebar', () => {
  it.each(readdirSync('fixtures/patients').filter((name) => !name.includes('.')))(
    'calls nothing of %s critical that the sidebar does not',
    async (name) => {
      const { library, drugs, runtime } = await knowledge();
      const bundle: unknown = JSON.parse(readFileSync(`fixtures/patients/${name}/bundle.json`, 'utf8'));
      const [patientId = ''] = patientsIn(bundle);
      const facts = factsOf({ bundle, patientId, drugs, now: NOW });
      const { today, others } = prioritise(await evaluate(facts, library, runtime, NOW), facts);
      const critical = new Set(
        [...today, ...others].filter(({ indicator }) => indicator === 'critical').map(({ summary }) => summary),
      );
      const stage = await openStage();
      const cards = cardsOf(await stage.call('attune-patient-view', hookCall('patient-view', name)));
      for (const { summary } of cards) expect([...critical]).toContain(summary);
    },
  );
});
