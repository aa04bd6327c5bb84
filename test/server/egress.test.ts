/** Where this server may go, and where not (V7, E-1, I-2). */
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readTenants, type Tenant } from '../../launch/tenants.ts';
import { withinBase } from '../../server/authorize.ts';
import { createEgress, EGRESS_LIMITS, EgressRefused, isAllowedAddress } from '../../server/egress.ts';
import { freePort } from './hospital.ts';

function tenant(changes: object): Tenant {
  const { all } = readTenants({
    tenants: [
      {
        id: 'north',
        name: 'North',
        iss: 'https://fhir.north.example/r4',
        clientId: 'a',
        auth: { method: 'none' },
        frameAncestors: [],
        writeBack: { enabled: false },
        ...changes,
      },
    ],
  });
  return all[0] as Tenant;
}
/** A resolver that answers one address and counts. */
function resolver(address: string) {
  const asked: string[] = [];
  const lookup = (
    host: string,
    _: object,
    answer: (error: null, found: { address: string; family: number }[]) => void,
  ) => {
    asked.push(host);
    answer(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return { asked, lookup: lookup as never };
}
const causes = (error: unknown): unknown[] => (error instanceof Error ? [error, ...causes(error.cause)] : []);

const egresses: ReturnType<typeof createEgress>[] = [];
const open = (options: Parameters<typeof createEgress>[0]) => {
  const egress = createEgress(options);
  egresses.push(egress);
  return egress;
};
afterEach(() => Promise.all(egresses.splice(0).map((egress) => egress.close())));

describe('A host that is not the tenant’s is not even resolved', () => {
  it.each([
    'https://evil.example/x',
    'https://fhir.north.example.evil.example/x',
    'https://fhir.north.example:8443/x',
    'http://fhir.north.example/x',
    'https://u:p@fhir.north.example/x',
    'https://169.254.169.254/latest',
    'http://localhost/x',
    'file:///etc/passwd',
  ])('%s', async (url) => {
    const { lookup, asked } = resolver('93.184.215.14');
    await expect(open({ lookup }).fetchFor(tenant({}))(url)).rejects.toBeInstanceOf(EgressRefused);
    expect(asked).toEqual([]);
  });
});

describe('A name of the tenant’s that resolves to a private address is not connected to (DNS rebinding)', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    'fd00::1',
    'fe80::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('%s', async (address) => {
    const { lookup, asked } = resolver(address);
    const error = await open({ lookup })
      .fetchFor(tenant({}))('https://fhir.north.example/r4/x')
      .catch((thrown: unknown) => thrown);
    expect(asked).toEqual(['fhir.north.example']);
    expect(causes(error).some((cause) => cause instanceof EgressRefused)).toBe(true);
  });

  it('unless the tenant declares that network, and then only that one', () => {
    const onPremises = { allowPrivate: ['10.20.0.0/16'] };
    expect(isAllowedAddress(onPremises, '10.20.3.4')).toBe(true);
    expect(isAllowedAddress(onPremises, '10.21.3.4')).toBe(false);
    expect(isAllowedAddress(onPremises, '169.254.169.254')).toBe(false);
    expect(isAllowedAddress(onPremises, '93.184.215.14')).toBe(true);
  });

  it('and a loopback tenant reaches this machine only', () => {
    const practice: Parameters<typeof isAllowedAddress>[0] = { allowHttpLoopback: true, allowPrivate: [] };
    expect(isAllowedAddress(practice, '127.0.0.1')).toBe(true);
    expect(isAllowedAddress(practice, '::1')).toBe(true);
    expect(isAllowedAddress(practice, '10.0.0.1')).toBe(false);
    expect(isAllowedAddress(practice, '93.184.215.14')).toBe(false);
  });
});

it('a redirect is not followed, not even within the tenant’s host', async () => {
  const port = await freePort();
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(302, { location: '/fhir/elsewhere' }).end();
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const local = tenant({ iss: `http://127.0.0.1:${port}/fhir`, allowHttpLoopback: true });
  await expect(open({}).fetchFor(local)(`http://127.0.0.1:${port}/fhir/x`)).rejects.toThrow();
  expect(seen).toEqual(['/fhir/x']);
  await new Promise((closed) => server.close(closed));
});

describe('An address within the FHIR base', () => {
  const base = 'https://fhir.north.example/r4';
  it.each([
    ['Observation?patient=1', `${base}/Observation?patient=1`],
    [`${base}/Observation?page=2`, `${base}/Observation?page=2`],
    [`${base}?_getpages=1`, `${base}?_getpages=1`],
  ])('%s is', (path, url) => expect(withinBase(base, path)).toBe(url));
  it.each([
    'https://evil.example/r4/x',
    '//evil.example/r4',
    '../admin',
    '/admin',
    'https://fhir.north.example/r4x',
    'http://fhir.north.example/r4/x',
    'https://fhir.north.example:444/r4/x',
    'https://a@fhir.north.example/r4/x',
    'x/%2e%2e/%2e%2e/admin',
    'x%2f..%2fadmin',
    'javascript:alert(1)',
  ])('%s is not', (path) => expect(withinBase(base, path)).toBeUndefined());
});

describe('An EHR that takes its time (V8)', () => {
  it('has 3 s to connect, 30 s for all, and 20 MB', () => {
    expect(EGRESS_LIMITS).toEqual({ connectMs: 3_000, totalMs: 30_000, responseBytes: 20 * 1024 * 1024 });
  });

  it('is given up when it takes the connection and never shakes hands', async () => {
    const silent = createSocket(() => {});
    const port = await freePort();
    await new Promise<void>((listening) => silent.listen(port, '127.0.0.1', listening));
    const egress = open({ limits: { ...EGRESS_LIMITS, connectMs: 200 } });
    const began = Date.now();
    const error = await egress
      .fetchFor(tenant({ iss: `https://127.0.0.1:${port}/r4`, allowPrivate: ['127.0.0.0/8'] }))(
        `https://127.0.0.1:${port}/r4/metadata`,
      )
      .catch((failure: unknown) => failure);
    expect(causes(error)).toContainEqual(expect.objectContaining({ code: 'UND_ERR_CONNECT_TIMEOUT' }));
    expect(Date.now() - began).toBeLessThan(3_000);
    silent.close();
  });

  it.each<[string, (answer: ServerResponse) => void]>([
    ['does not begin to answer', () => {}],
    ['answers a byte at a time', (answer) => drip(answer)],
  ])('is given up in all when it %s', async (_, answering) => {
    const slow = createServer((_request, answer) => answering(answer));
    const port = await freePort();
    await new Promise<void>((listening) => slow.listen(port, '127.0.0.1', listening));
    const iss = `http://127.0.0.1:${port}/r4`;
    const egress = open({ limits: { ...EGRESS_LIMITS, totalMs: 300 } });
    const began = Date.now();
    const read = async () =>
      (await egress.fetchFor(tenant({ iss, allowHttpLoopback: true }))(`${iss}/metadata`)).text();
    await expect(read()).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(Date.now() - began).toBeLessThan(3_000);
    slow.closeAllConnections();
    slow.close();
  });
});

/** Never idle, never done. */
function drip(answer: ServerResponse): void {
  const drops = setInterval(() => answer.write(' '), 20);
  answer.on('close', () => clearInterval(drops));
}
