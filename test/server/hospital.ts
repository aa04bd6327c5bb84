/** A practice EHR on this machine, our app in process in front of it, and browsers with cookie jars: what the launch and relay tests stand on. */
import { createServer } from 'node:net';
import type { Bundle, FhirResource } from 'fhir/r4';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair } from 'jose';
import { createPracticeEhr, type PracticeEhr, type PracticeEhrOptions } from '../../fixtures/ehr/ehr.ts';
import { type AppKeys, importAppKeys } from '../../launch/keys.ts';
import { Secret } from '../../launch/record.ts';
import { readTenants } from '../../launch/tenants.ts';
import { type App, type AppDeps, createApp } from '../../server/app.ts';
import { createEgress, type Through } from '../../server/egress.ts';
import type { LaunchedEnv } from '../../server/launched.ts';
import type { Rates } from '../../server/limits.ts';
import { createLog } from '../../server/log.ts';
import type { SecurityTxt } from '../../server/security-txt.ts';
import { type Kept, memoryKept } from '../../server/store/kept.ts';
import { UNWATCHED, type Watch } from '../../server/watch.ts';

export const ORIGIN = 'http://localhost:4999';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function person(id: string, family: string, observations: number): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        resource: {
          resourceType: 'Patient',
          id,
          gender: 'female',
          birthDate: '1950-02-03',
          name: [{ family }],
        } as FhirResource,
      },
      ...Array.from({ length: observations }, (_, index) => ({
        resource: {
          resourceType: 'Observation' as const,
          id: `${id}-o${index}`,
          status: 'final' as const,
          category: [
            { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
          ],
          code: { coding: [{ system: 'http://loinc.org', code: '2160-0' }] },
          subject: { reference: `Patient/${id}` },
          effectiveDateTime: `2026-10-${String(index + 1).padStart(2, '0')}`,
          valueQuantity: { value: 1.5, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
        },
      })),
    ],
  };
}

let keys: Promise<AppKeys> | undefined;
/** One pair of keys for all tests: making them takes a second. */
export function appKeys(): Promise<AppKeys> {
  keys ??= Promise.all(
    (['ES384', 'RS384'] as const).map(async (alg) => ({
      ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)),
      alg,
    })),
  ).then((made) => importAppKeys({ keys: made }));
  return keys;
}

export interface HospitalOptions {
  readonly ehr?: Partial<PracticeEhrOptions>;
  readonly tenant?: Readonly<Record<string, unknown>>;
  readonly rates?: Rates;
  /** What is mounted in place of the stand-ins for write-back and events. */
  readonly mounts?: Partial<Pick<AppDeps, 'writeBack' | 'events' | 'cdsHooks' | 'recordVisit' | 'ready' | 'ledger'>>;
  /** Where sessions are kept; in memory unless it is given. Takes the app's clock. */
  readonly kept?: (now: () => number) => Kept | Promise<Kept>;
  readonly securityTxt?: SecurityTxt;
  /** Requests at one time beyond which the app sheds. */
  readonly mostUnderWay?: number;
  /** Puts itself into the log, the way out and the store, as the server's own start has it. */
  readonly watch?: Watch;
  /** What every request of the app goes out through. */
  readonly through?: Through;
  /** Reads to start at the callback. */
  readonly firstRound?: (patientId: string) => readonly string[];
}

export interface Hospital extends App {
  readonly ehr: PracticeEhr;
  readonly iss: string;
  /** Every line that the app logged. */
  readonly logged: string[];
  /** URLs that the app called, with the headers and body it sent. */
  readonly outbound: { readonly url: string; readonly authorization: string | null; readonly body: string }[];
  /** Moves the app's clock. */
  pass(ms: number): void;
  browser(): TestBrowser;
  close(): Promise<void>;
}

/** A hospital with two patients, `alba` (with 12 creatinines) and `bruno`. */
export async function openHospital(options: HospitalOptions = {}): Promise<Hospital> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const signing = await appKeys();
  const ehr = await createPracticeEhr({
    origin,
    app: { origin: ORIGIN, launchUrl: `${ORIGIN}/launch`, redirectUris: [`${ORIGIN}/callback`] },
    clients: [
      {
        clientId: 'attune-practice',
        redirectUris: [`${ORIGIN}/callback`],
        auth: { method: 'private_key_jwt', jwks: { keys: [...signing.jwks.keys] } },
      },
      {
        clientId: 'attune-secret',
        redirectUris: [`${ORIGIN}/callback`],
        auth: { method: 'client_secret_basic', secret: 'practice-secret' },
      },
      { clientId: 'attune-public', redirectUris: [`${ORIGIN}/callback`], auth: { method: 'none' } },
    ],
    patients: [person('alba', 'ZZTEST-Alba', 12), person('bruno', 'ZZTEST-Bruno', 1)],
    now: Date.now,
    timeShift: false,
    ...options.ehr,
  });
  await ehr.listen(port);

  const tenants = readTenants({
    tenants: [
      {
        id: 'practice',
        name: 'Practice EHR',
        iss: `${origin}/fhir`,
        clientId: 'attune-practice',
        auth: { method: 'private_key_jwt' },
        frameAncestors: [origin],
        allowHttpLoopback: true,
        practice: true,
        writeBack: { enabled: true },
        ...options.tenant,
      },
    ],
  });
  const logged: string[] = [];
  const outbound: Hospital['outbound'] = [];
  let offset = 0;
  const now = () => Date.now() + offset;
  const { through } = options;
  const egress = createEgress({ ...(through && { through }) });
  const { watch = UNWATCHED } = options;
  const fetchFor = watch.fetchFor(egress.fetchFor);
  const { app, endIdle, end } = createApp({
    origin: ORIGIN,
    tenants,
    keys: signing,
    secretOf: () => new Secret('practice-secret'),
    sessionKey: Buffer.alloc(32, 7),
    store: (await options.kept?.(now)) ?? memoryKept(now),
    egress: {
      fetchFor: (tenant) => (url, init) => {
        const headers = new Headers(init?.headers);
        outbound.push({ url, authorization: headers.get('authorization'), body: String(init?.body ?? '') });
        return fetchFor(tenant)(url, init);
      },
    },
    assets: {
      index: '<!doctype html><title>Attune</title>',
      handler: (c, next) => {
        if (!/\.js$/.test(c.req.path)) return next();
        c.set('immutable', true);
        c.set('wasm', c.req.path.includes('worker'));
        return c.body('export {}');
      },
    },
    library: { version: '2026.11', digest: 'sha256:abc', url: '/library/abc.json' },
    published: new Map([['/library/abc.json', { bytes: Buffer.from('{}'), contentType: 'application/json' }]]),
    needed: [
      { feature: 'patient', resourceType: 'Patient' },
      { feature: 'laboratory', resourceType: 'Observation', category: 'laboratory' },
      { feature: 'conditions', resourceType: 'Condition' },
    ],
    firstRound: options.firstRound ?? (() => []),
    writeBack: new Hono<LaunchedEnv>().post('/preview', (c) => c.json({ patient: c.get('launch').context.patientId })),
    events: new Hono<LaunchedEnv>().post('/', (c) => c.body(null, 204)),
    version: '0.1.0',
    log: watch.log(createLog((line) => logged.push(line), now)),
    now,
    addressOf: () => '192.0.2.1',
    ...(options.rates && { rates: options.rates }),
    ...(options.securityTxt && { securityTxt: options.securityTxt }),
    ...(options.mostUnderWay !== undefined && { mostUnderWay: options.mostUnderWay }),
    ...options.mounts,
  });
  return {
    app,
    endIdle,
    end,
    ehr,
    iss: `${origin}/fhir`,
    logged,
    outbound,
    pass: (ms) => {
      offset += ms;
    },
    browser: () => createBrowser(app, ehr),
    close: async () => {
      await egress.close();
      await ehr.close();
    },
  };
}

export interface TestBrowser {
  readonly cookies: Map<string, string>;
  /** A request to our app with this jar's cookies; cookies set are kept. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** A request from the app's own page of a launch. */
  inLaunch(launchId: string, path: string, init?: RequestInit): Promise<Response>;
  /** `/launch` and the EHR's authorize; returns the callback's path and query, not yet visited. */
  signIn(launch: Parameters<PracticeEhr['createLaunch']>[0]): Promise<string>;
  /** The whole launch; returns the launch id. */
  launch(launch: Parameters<PracticeEhr['createLaunch']>[0]): Promise<string>;
}

const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };

function createBrowser(app: App['app'], ehr: PracticeEhr): TestBrowser {
  const cookies = new Map<string, string>();
  const request: TestBrowser['request'] = async (path, init = {}) => {
    const headers = new Headers(init.headers ?? NAVIGATION);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await app.request(`${ORIGIN}${path}`, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    // Sent on once to see whether the cookie returns.
    const location = response.headers.get('location');
    if (location?.startsWith('/launch/key?')) return request(location, init);
    return response;
  };
  const signIn: TestBrowser['signIn'] = async (launch) => {
    const { launchUrl } = ehr.createLaunch(launch);
    const authorize = await request(launchUrl.slice(ORIGIN.length));
    const answer = await ehr.fetch(new Request(authorize.headers.get('location') ?? ''));
    return (answer.headers.get('location') ?? '').slice(ORIGIN.length);
  };
  return {
    cookies,
    request,
    signIn,
    inLaunch: (launchId, path, init = {}) =>
      request(`/l/${launchId}${path}`, {
        ...init,
        headers: {
          accept: 'application/json',
          'x-launch': launchId,
          'sec-fetch-site': 'same-origin',
          'sec-fetch-dest': 'empty',
          ...(init.method && init.method !== 'GET' && { origin: ORIGIN, 'content-type': 'application/json' }),
          ...(init.headers as Record<string, string>),
        },
      }),
    launch: async (launch) => {
      const landed = await request(await signIn(launch));
      const launchId = /^\/l\/([\w-]+)\/$/.exec(landed.headers.get('location') ?? '')?.[1];
      if (landed.status !== 303 || launchId === undefined)
        throw new Error(`no launch: ${landed.status} ${await landed.text()}`);
      return launchId;
    },
  };
}
