/** On a real socket: what the listener turns away, what a browser that goes away takes along, and what is shed when there is too much (V8). */

import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { LISTENER } from '../../server/listener.ts';
import { openWhole } from '../security/whole.ts';
import { awkwardTenant, launchId as launchedAt, openAwkwardEhr } from './awkward-ehr.ts';
import { ORIGIN, openHospital } from './hospital.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A listener with these options over an app; the port it got. */
async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  options: object = {},
): Promise<number> {
  return new Promise((ready) => {
    const server = serve(
      { fetch, port: 0, hostname: '127.0.0.1', serverOptions: { ...LISTENER, ...options } },
      ({ port }: AddressInfo) => ready(port),
    );
    closing.push(() => server.close());
  });
}

/** Sends bytes as they are and collects the answer until the other side closes. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((closed, failed) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => closed(text));
    socket.on('error', failed);
  });
}

describe('The listener', () => {
  const hello = new Hono()
    .all('/*', async (c) => c.text(`${(await c.req.text()).length}`))
    .onError((_, c) => c.body(null, 400));

  it('takes a header of 15 KB and refuses one of 17 KB', async () => {
    const port = await listen(hello.fetch);
    const status = async (kilobytes: number) =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-long': 'a'.repeat(kilobytes * 1024) } })).status;
    expect(await status(15)).toBe(200);
    expect(await status(17)).toBe(431);
  });

  it('waits 15 s for a header and a minute for a request, no longer', () => {
    expect(LISTENER).toMatchObject({ headersTimeout: 15_000, requestTimeout: 60_000 });
    // The clock of the checks: a limit that is looked at every half minute would be half a minute longer.
    expect(LISTENER.connectionsCheckingInterval).toBeLessThanOrEqual(5_000);
  });

  const soon = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
  it('closes on a header that never ends (slow loris)', async () => {
    const port = await listen(hello.fetch, soon);
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')).toContain('408');
  });

  it('closes on a body that never comes', async () => {
    const port = await listen(hello.fetch, soon);
    expect(await raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')).toContain('408');
  });
});

describe('A browser that goes away', () => {
  it('takes its read of the EHR along', async () => {
    const ehr = await openAwkwardEhr();
    const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    closing.push(() => Promise.all([hospital.close(), ehr.close()]));
    const browser = hospital.browser();
    const launch = await launchedAt(browser, ehr);
    let asked = () => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const aborted = new Promise<void>((resolve) => {
      ehr.script.fhir = (request) => {
        request.signal.addEventListener('abort', () => resolve());
        asked();
        return new Promise(() => {});
      };
    });
    const port = await listen((request) => hospital.app.fetch(request));
    const away = new AbortController();
    const read = fetch(`http://127.0.0.1:${port}/l/${launch}/fhir/Observation?code=1`, {
      signal: away.signal,
      headers: {
        'x-launch': launch,
        'sec-fetch-site': 'same-origin',
        cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    await reached;
    away.abort();
    await expect(read).rejects.toThrow();
    await aborted;
  });
});

describe('Too much at once', () => {
  it('is refused at the door with 503 and when to ask again, while health is still answered and what is under way finishes', async () => {
    const ehr = await openAwkwardEhr();
    const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss), mostUnderWay: 3 });
    closing.push(() => Promise.all([hospital.close(), ehr.close()]));
    const browser = hospital.browser();
    const launch = await launchedAt(browser, ehr);
    const answers: (() => void)[] = [];
    ehr.script.fhir = () =>
      new Promise((answer) => answers.push(() => answer(Response.json({ resourceType: 'Bundle', type: 'searchset' }))));
    const slow = [1, 2, 3].map((code) => browser.inLaunch(launch, `/fhir/Observation?code=${code}`));
    while (answers.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));

    const refused = await browser.inLaunch(launch, '/context');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.json()).toMatchObject({
      code: 'overloaded',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(refused.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const path of ['/livez', '/readyz']) expect((await hospital.app.request(`${ORIGIN}${path}`)).status).toBe(200);

    const page = await browser.request('/launch?iss=x&launch=y');
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('The app is busy')]);

    for (const answer of answers) answer();
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await browser.inLaunch(launch, '/context')).status).toBe(200);
    expect(hospital.logged.join('')).toContain('overloaded');
  });

  it('of one launch: twelve reads at once at the EHR, the others wait their turn, and another launch is not held up', async () => {
    const ehr = await openAwkwardEhr();
    const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    closing.push(() => Promise.all([hospital.close(), ehr.close()]));
    const [busy, calm] = [hospital.browser(), hospital.browser()];
    const [a, b] = [await launchedAt(busy, ehr), await launchedAt(calm, ehr)];
    const answers: (() => void)[] = [];
    ehr.script.fhir = (request) =>
      request.url.includes('code=calm')
        ? Response.json({ resourceType: 'Bundle', type: 'searchset' })
        : new Promise((answer) =>
            answers.push(() => answer(Response.json({ resourceType: 'Bundle', type: 'searchset' }))),
          );
    const reads = Array.from({ length: 140 }, (_, code) => busy.inLaunch(a, `/fhir/Observation?code=${code}`));
    while (answers.length < 12) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await calm.inLaunch(b, '/fhir/Observation?code=calm')).status).toBe(200);
    expect(answers).toHaveLength(12);
    // The line is full: who comes now is told when to come again.
    const refused = await busy.inLaunch(a, '/fhir/Observation?code=late');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    const finish = setInterval(() => {
      for (const answer of answers.splice(0)) answer();
    }, 5);
    const statuses = (await Promise.all(reads)).map(({ status }) => status);
    clearInterval(finish);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('Depth (V8)', () => {
  const deep = `${'['.repeat(41)}${']'.repeat(41)}`;

  it('of 41 in a body is turned away on every road, and is no error of ours', async () => {
    const whole = await openWhole();
    closing.push(() => whole.close());
    const browser = whole.browser();
    const launch = await browser.launch({ patientId: 'alba' });
    for (const path of ['/write-back/preview', '/write-back/approve', '/events']) {
      const answer = await browser.inLaunch(launch, path, { method: 'POST', body: deep });
      expect([answer.status, await answer.json()], path).toEqual([400, expect.objectContaining({ code: 'malformed' })]);
    }
    const report = { method: 'POST', body: `[${'{"effectiveDirective":"script-src","a":'.repeat(5_000)}` };
    expect((await browser.request('/csp-report', report)).status).toBe(204);
    expect(whole.logged.at(-2)).toContain('unreadable');
  });

  it('of 41 in an EHR’s discovery or token is not accepted', async () => {
    for (const part of ['configuration', 'token'] as const) {
      const ehr = await openAwkwardEhr();
      const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
      closing.push(() => Promise.all([hospital.close(), ehr.close()]));
      ehr.script[part] = { ...ehr.script[part], extra: JSON.parse(deep) };
      await expect(launchedAt(hospital.browser(), ehr), part).rejects.toThrow();
      ehr.script[part] = { ...ehr.script[part], extra: JSON.parse(`${'['.repeat(39)}${']'.repeat(39)}`) };
      await expect(launchedAt(hospital.browser(), ehr), part).resolves.toMatch(/^[\w-]+$/);
    }
  });

  it('of 41 in a CapabilityStatement is not passed on', async () => {
    const ehr = await openAwkwardEhr();
    const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    closing.push(() => Promise.all([hospital.close(), ehr.close()]));
    const browser = hospital.browser();
    const launch = await launchedAt(browser, ehr);
    ehr.script.fhir = () => Response.json({ resourceType: 'CapabilityStatement', rest: JSON.parse(deep) });
    expect((await browser.inLaunch(launch, '/fhir/metadata')).status).toBe(502);
  });
});
