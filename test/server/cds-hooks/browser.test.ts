/** CDS Hooks called from a browser's page: only from listed origins, with the two headers of a call, and never with cookies (H13). What became of each call is told to whoever watches (H12). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { createCdsHooks } from '../../../server/cds-hooks/routes.ts';
import { readSettings } from '../../../server/config.ts';
import { securityHeaders } from '../../../server/headers.ts';
import type { HookSeen } from '../../../server/watch.ts';
import { cardsOf, hookCall, ORIGIN, openStage } from './stage.ts';

const SANDBOX = 'https://sandbox.example';
const SERVICE = '/cds-services/attune-order-select';

/** As in the server: mounted, behind its headers. */
async function mounted(origins: readonly string[]) {
  const stage = await openStage({ origins });
  const app = new Hono();
  app.use(securityHeaders({ https: true }));
  app.route('/cds-services', stage.routes as unknown as ReturnType<typeof createCdsHooks>);
  const ask = (path: string, init: RequestInit = {}) => app.request(`${ORIGIN}${path}`, init);
  const preflight = (origin: string, path = SERVICE) =>
    ask(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-other',
      },
    });
  return { ask, preflight };
}
const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin');
const cors = (answer: Response) =>
  [...answer.headers.keys()].filter((name) => name.startsWith('access-control')).sort();

describe('H13: what is announced', () => {
  it('may be read by any page, without a cookie', async () => {
    const { ask } = await mounted([]);
    const answer = await ask('/cds-services', { headers: { origin: 'https://anyone.example' } });
    expect([answer.status, allowed(answer), cors(answer)]).toEqual([200, '*', ['access-control-allow-origin']]);
  });
});

describe('H13: a call', () => {
  it('may come from a listed origin, with Authorization and Content-Type and nothing else', async () => {
    const { preflight } = await mounted([SANDBOX, 'https://other.example']);
    for (const path of [SERVICE, `${SERVICE}/feedback`]) {
      const answer = await preflight(SANDBOX, path);
      expect(answer.status).toBe(204);
      expect(allowed(answer)).toBe(SANDBOX);
      expect(answer.headers.get('access-control-allow-headers')).toBe('Authorization,Content-Type');
      expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
      expect(answer.headers.get('vary')).toContain('Origin');
    }
  });

  it.each([
    ['another origin', 'https://evil.example'],
    ['one that begins like it', `${SANDBOX}.evil.example`],
    ['one that ends like it', 'https://evil-sandbox.example'],
    ['another port', `${SANDBOX}:8443`],
    ['plain http', 'http://sandbox.example'],
    ['other capitals', 'https://SANDBOX.example'],
    ['an opaque one', 'null'],
    ['a wildcard', '*'],
  ])('from %s is allowed nothing, neither before nor in the answer', async (_, origin) => {
    const { ask, preflight } = await mounted([SANDBOX]);
    expect(allowed(await preflight(origin))).toBeNull();
    const answer = await ask(SERVICE, { method: 'POST', body: '{}', headers: { origin } });
    expect([answer.status, allowed(answer)]).toEqual([401, null]);
  });

  it('that is refused says so to a listed page too: the page may read the outcome', async () => {
    const { ask } = await mounted([SANDBOX]);
    const answer = await ask(SERVICE, { method: 'POST', body: '{}', headers: { origin: SANDBOX } });
    expect([answer.status, allowed(answer)]).toEqual([401, SANDBOX]);
  });

  it('is never allowed cookies, from anywhere', async () => {
    const { ask, preflight } = await mounted([SANDBOX]);
    const answers = [
      await preflight(SANDBOX),
      await ask('/cds-services', { headers: { origin: SANDBOX } }),
      await ask(SERVICE, { method: 'POST', body: '{}', headers: { origin: SANDBOX } }),
    ];
    for (const answer of answers) expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('from a browser is allowed to nobody where no origin is listed', async () => {
    const { ask, preflight } = await mounted([]);
    expect(cors(await preflight(SANDBOX))).toEqual([]);
    expect(cors(await ask(SERVICE, { method: 'POST', body: '{}', headers: { origin: SANDBOX } }))).toEqual([]);
  });

  it('from an EHR’s server, which sends no origin, is answered as ever', async () => {
    const stage = await openStage({ origins: [SANDBOX] });
    expect((await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong'))).status).toBe(200);
  });
});

describe('H13: the setting', () => {
  it.each([
    '*',
    'https://*.example',
    'http://sandbox.example',
    'https://sandbox.example/',
    'https://a.example/x',
    'null',
  ])('%s is no origin, and the server does not start', async (origin) => {
    const dir = await mkdtemp(join(tmpdir(), 'origins-'));
    try {
      const config = { origin: ORIGIN, port: 0, dataDir: dir, tenantsFile: 'tenants.json', cdsHooksOrigins: [origin] };
      await writeFile(`${dir}/attune.json`, JSON.stringify(config));
      await expect(readSettings(`${dir}/attune.json`, {})).rejects.toThrow(/cdsHooksOrigins/);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('H12: what became of a call is told, without a word of it', () => {
  const heard: HookSeen[] = [];
  const listening = (deadlineMs?: number) => {
    heard.length = 0;
    return openStage({ observe: (seen) => heard.push(seen), ...(deadlineMs !== undefined && { deadlineMs }) });
  };

  it('cards with their indicators, and the answer to one', async () => {
    const stage = await listening();
    const answer = await stage.call(
      'attune-order-select',
      hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']),
    );
    const [card] = cardsOf(answer);
    await stage.call(
      'attune-order-select/feedback',
      { feedback: [{ card: card?.uuid, outcome: 'overridden' }] },
      { service: 'attune-order-select/feedback' },
    );
    expect(heard).toEqual([
      expect.objectContaining({ is: 'answered', hook: 'order-select', outcome: 'cards' }),
      { is: 'feedback', outcome: 'overridden', indicator: 'critical' },
    ]);
    expect(heard[0]).toMatchObject({ indicators: expect.arrayContaining(['critical']) });
    expect(Object.keys(heard[0] ?? {}).sort()).toEqual(['hook', 'indicators', 'is', 'ms', 'outcome']);
  });

  it('no cards; something not checked; too late', async () => {
    const calm = await listening();
    await calm.call('attune-patient-view', hookCall('patient-view', 'nothing-wrong'));
    expect(heard).toEqual([expect.objectContaining({ hook: 'patient-view', outcome: 'none', indicators: [] })]);
    await calm.call('attune-order-select', hookCall('order-select', 'nothing-wrong', ['zzqx 3 mg']));
    expect(heard.at(-1)).toMatchObject({ outcome: 'not-checked' });

    const late = await listening(20);
    const { prefetch: _, ...body } = hookCall('order-select', 'nothing-wrong', ['loratadine 10 mg'], {
      fhirServer: 'https://ehr.example.org/r4',
      fhirAuthorization: { access_token: 'x', token_type: 'Bearer' },
    });
    for (const [url] of [...late.answers]) if (!url.includes('keys')) late.answers.delete(url);
    late.answers.set(`https://ehr.example.org/r4/Patient/${body.context.patientId}`, 'hang');
    await late.call('attune-order-select', body);
    expect(heard).toEqual([expect.objectContaining({ outcome: 'late', indicators: [] })]);
  });
});
