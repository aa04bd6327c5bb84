/** The egress ledger (issue 7, 5): every request that left is counted once, on the account of whoever asked for it. */
import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTenants, type Tenant } from '../../../launch/tenants.ts';
import { createEgress } from '../../../server/egress.ts';
import { createLedger, type Ledger } from '../../../server/ledger/ledger.ts';
import { createReadRecord } from '../../../server/ledger/reads.ts';
import { freePort } from '../hospital.ts';
import { launchOf } from '../write-back-ehr.ts';

const packed = gzipSync('x'.repeat(10_000));
let server: Server;
let iss: string;
let tenant: Tenant;
beforeAll(async () => {
  const port = await freePort();
  server = createServer((request, response) => {
    request.resume();
    if (request.url?.includes('Missing')) return void response.writeHead(404).end('no such thing');
    if (request.url?.includes('Broken')) return void request.socket.destroy();
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
  }).listen(port, '127.0.0.1');
  iss = `http://127.0.0.1:${port}/fhir`;
  const { all } = readTenants({
    tenants: [
      {
        id: 'practice',
        name: 'Practice',
        iss,
        clientId: 'a',
        auth: { method: 'none' },
        frameAncestors: [],
        allowHttpLoopback: true,
        writeBack: { enabled: false },
      },
    ],
  });
  tenant = all[0] as Tenant;
});
afterAll(() => void server.close());

const egresses: ReturnType<typeof createEgress>[] = [];
afterEach(() => Promise.all(egresses.splice(0).map((egress) => egress.close())));
const fetchWith = (ledger: Ledger) => {
  const egress = createEgress({ through: ledger.through });
  egresses.push(egress);
  return egress.fetchFor(tenant);
};
const visit = launchOf();
const { launchId } = visit.context;
const MINUTE = 60_000;

describe('Bytes', () => {
  it('are those on the wire, before anything unpacks them, and the answer is what it was', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    await ledger.within(visit, async () => {
      const answer = await fetch(`${iss}/Observation/_search`, { method: 'POST', body: 'patient=größe' });
      expect(await answer.text()).toBe('x'.repeat(10_000));
    });
    expect(ledger.of(visit).launch).toEqual([
      {
        host: new URL(iss).host,
        kind: 'search',
        resourceType: 'Observation',
        requests: 1,
        failures: 0,
        bytesUp: Buffer.byteLength('patient=größe'),
        bytesDown: packed.length,
      },
    ]);
  });

  it('of answers that say no, or never came, are counted as failures, once each', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    await ledger.within(visit, async () => {
      await (await fetch(`${iss}/Missing/1`)).text();
      await expect(fetch(`${iss}/Broken/1`)).rejects.toThrow();
    });
    expect(ledger.of(visit).launch).toMatchObject([
      { kind: 'read', resourceType: 'Broken', requests: 1, failures: 1, bytesDown: 0 },
      { kind: 'read', resourceType: 'Missing', requests: 1, failures: 1, bytesDown: 13 },
    ]);
  });

  it('a request that was refused here never left, and is not counted', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    await expect(ledger.within(visit, () => fetch('https://evil.example/x'))).rejects.toThrow();
    expect(ledger.of(visit).launch).toEqual([]);
  });
});

describe('Reads of many launches', () => {
  it('go on the record without keeping anybody waiting', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    for (let n = 0; n < 20; n += 1) {
      const one = { ...visit, context: { ...visit.context, launchId: `launch-${n}-00000000` } };
      await ledger.within(one, async () => (await fetch(`${iss}/Patient/1`)).text());
    }
    const recorded: string[] = [];
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (recorded.length < 20) setImmediate(turn);
    };
    setImmediate(turn);
    // As SQLite does it: done before the promise is awaited.
    const audit = {
      entry: ({ context }: typeof visit, event: object) => ({ ...event, launch: context.launchId }),
      record: async (entry: { launch: string }) => recorded.push(entry.launch),
    };
    await createReadRecord({ ledger, audit: audit as never }).ofAll();
    expect(new Set(recorded).size).toBe(20);
    expect(turns).toBeGreaterThanOrEqual(19);
  });
});

describe('Whose account', () => {
  it('what a sign-in sent belongs to the launch that it became, and so does what it started', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    let early: Promise<unknown> | undefined;
    await ledger.apart(
      () => tenant.id,
      async () => {
        await fetch(`${iss}/token`, { method: 'POST', body: 'grant_type=authorization_code' });
        ledger.adopt(visit);
        early = fetch(`${iss}/Patient/1`);
      },
    );
    await early;
    expect(ledger.of(visit)).toMatchObject({
      whole: true,
      launch: [
        { kind: 'read', requests: 1 },
        { kind: 'token', requests: 1 },
      ],
      site: [],
    });
  });

  it('what became no launch falls to the hospital, as does what nobody’s launch asked for', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    await ledger.apart(
      () => tenant.id,
      () => fetch(`${iss}/token`, { method: 'POST', body: 'grant_type=authorization_code' }),
    );
    await fetch(`${iss}/.well-known/smart-configuration`);
    await fetch(`${iss}/.well-known/smart-configuration`);
    expect(ledger.of(visit)).toMatchObject({
      launch: [],
      site: [
        { kind: 'discovery', requests: 2 },
        { kind: 'token', requests: 1 },
      ],
    });
  });

  it('two launches at once do not see each other’s, nor another hospital’s', async () => {
    const ledger = createLedger({ now: Date.now });
    const fetch = fetchWith(ledger);
    const other = { ...visit, context: { ...visit.context, launchId: 'other-launch-0001' } };
    await Promise.all([
      ledger.within(visit, () => fetch(`${iss}/Patient/1`)),
      ledger.within(other, () => fetch(`${iss}/Condition?x`)),
    ]);
    expect(ledger.of(visit).launch.map(({ resourceType }) => resourceType)).toEqual(['Patient']);
    expect(ledger.of(other).launch.map(({ resourceType }) => resourceType)).toEqual(['Condition']);
    await fetch(`${iss}/metadata`);
    expect(ledger.of({ ...visit, tenantId: 'another' }).site).toEqual([]);
  });

  it('what goes to the hospital’s log is in every ledger', () => {
    const ledger = createLedger({ now: Date.now });
    for (const requests of [2, 1])
      ledger.outside({ host: 'siem.example:6514', kind: 'syslog', requests, bytesUp: 100 });
    expect(ledger.of(visit).site).toMatchObject([
      { host: 'siem.example:6514', kind: 'syslog', requests: 3, bytesUp: 200 },
    ]);
  });

  it('a count that began after the launch, or beside other servers, does not call itself whole', () => {
    const late = createLedger({ now: Date.now });
    late.within(visit, () => {});
    expect(late.of(visit).whole).toBe(false);
    const beside = createLedger({ now: Date.now, shared: true });
    beside.adopt(visit);
    expect(beside.of(visit).whole).toBe(false);
  });

  it('is forgotten after its launch has ended, and an hour after the last request where the end was elsewhere', () => {
    let now = 0;
    const ledger = createLedger({ now: () => now });
    ledger.adopt(visit);
    now = 60 * MINUTE;
    ledger.forget();
    expect(ledger.open()).toHaveLength(1);
    now += 1;
    ledger.forget();
    expect(ledger.open()).toEqual([]);
    ledger.adopt(visit);
    ledger.close(launchId);
    expect(ledger.open()).toHaveLength(1);
    ledger.forget();
    expect(ledger.open()).toEqual([]);
  });
});
