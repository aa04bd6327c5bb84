/** `server/main.ts` as a process of its own, in front of a practice EHR, and a browser with a cookie jar. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bundle, Patient } from 'fhir/r4';
import { createPracticeEhr, type PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import { freePort } from '../hospital.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface ServerProcess {
  readonly ehr: PracticeEhr;
  readonly origin: string;
  /** The practice EHR's line in the tenants file. */
  readonly practice: Readonly<Record<string, unknown>>;
  readonly folder: string;
  write(tenants: readonly object[]): void;
  /** Writes, tells the process to look, and waits until its log says what came of it. */
  reload(outcome: string, write: () => void): Promise<void>;
  /** Waits until the log has one more line with this code. */
  said(errCode: string, work: () => void): Promise<void>;
  log(): string;
  browser(): Browser;
  /** Kills the process in the middle of whatever it does, and starts it again on the same folder. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  get(path: string): Promise<Response>;
  inLaunch(launchId: string, path: string, body?: unknown): Promise<Response>;
  /** `/launch` and the EHR's sign-in; the callback's address, not yet visited. */
  signIn(patientId: string): Promise<string>;
  /** Visits the callback; the launch id. */
  arrive(callback: string): Promise<string>;
  launch(patientId: string): Promise<string>;
}

const patient = (id: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [{ resource: { resourceType: 'Patient', id, gender: 'female', birthDate: '1950-02-03' } as Patient }],
});

/** Two patients, `alba` and `bruno`; one tenant, the practice EHR. `settings` are added to the configuration file. */
export async function startServer(settings: object = {}): Promise<ServerProcess> {
  const [ehrOrigin, appPort] = [`http://127.0.0.1:${await freePort()}`, await freePort()];
  const origin = `http://localhost:${appPort}`;
  const folder = mkdtempSync(join(tmpdir(), 'reloading-'));
  const ehr = await createPracticeEhr({
    origin: ehrOrigin,
    app: { origin, launchUrl: `${origin}/launch`, redirectUris: [`${origin}/callback`] },
    patients: [patient('alba'), patient('bruno')],
    now: Date.now,
    timeShift: false,
  });
  await ehr.listen(Number(new URL(ehrOrigin).port));
  const practice = {
    id: 'practice',
    name: 'Practice EHR',
    iss: `${ehrOrigin}/fhir`,
    clientId: 'attune-practice',
    auth: { method: 'private_key_jwt' },
    frameAncestors: [ehrOrigin],
    allowHttpLoopback: true,
    practice: true,
    writeBack: { enabled: true },
  };
  const write = (tenants: readonly object[]) =>
    writeFileSync(join(folder, 'tenants.json'), JSON.stringify({ tenants }));
  write([practice]);
  mkdirSync(join(folder, 'client'));
  writeFileSync(join(folder, 'client/index.html'), '<!doctype html><head><title>Attune</title></head>');
  const files = { dataDir: 'data', tenantsFile: 'tenants.json', clientDir: 'client' };
  writeFileSync(join(folder, 'attune.json'), JSON.stringify({ origin, port: appPort, ...files, ...settings }));

  const printed: string[] = [];
  let child = await start(join(folder, 'attune.json'), printed);
  const log = () => printed.join('');
  const count = (errCode: string) => log().split(`"errCode":"${errCode}"`).length;
  const said: ServerProcess['said'] = async (errCode, work) => {
    const before = count(errCode);
    work();
    const until = Date.now() + 15_000;
    while (count(errCode) === before) {
      if (Date.now() > until) throw new Error(`the server did not say ${errCode}: ${log()}`);
      await new Promise((later) => setTimeout(later, 25));
    }
  };
  const stop = () =>
    new Promise<void>((stopped) => {
      if (child.exitCode !== null) return stopped();
      child.once('exit', () => stopped());
      child.kill('SIGTERM');
    });
  return {
    ehr,
    origin,
    practice,
    folder,
    write,
    log,
    said,
    reload: (outcome, change) =>
      said(outcome, () => {
        change();
        child.kill('SIGHUP');
      }),
    browser: () => createBrowser(origin, ehr),
    crash: async () => {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await gone;
      printed.length = 0;
      child = await start(join(folder, 'attune.json'), printed);
    },
    stop,
    close: async () => {
      await stop();
      await ehr.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function start(config: string, printed: string[]): Promise<ChildProcess> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'server/main.ts')], {
    cwd: root,
    env: { ...env, ATTUNE_CONFIG: config },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((ready, failed) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed.push(chunk.toString('utf8'));
        if (printed.join('').includes('"ready":true')) ready(child);
      });
    child.once('exit', (code) => failed(new Error(`the server stopped with ${code}: ${printed.join('')}`)));
  });
}

const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };

function createBrowser(origin: string, ehr: PracticeEhr): Browser {
  const cookies = new Map<string, string>();
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...NAVIGATION, ...(init.headers as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(`${origin}${path}`, { ...init, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    const location = response.headers.get('location');
    return location?.startsWith('/launch/key?') ? request(location, init) : response;
  };
  const here = (response: Response) => {
    const { pathname, search } = new URL(response.headers.get('location') ?? '', origin);
    return pathname + search;
  };
  const browser: Browser = {
    get: (path) => request(path),
    inLaunch: (launchId, path, body) =>
      request(`/l/${launchId}${path}`, {
        headers: {
          accept: 'application/json',
          'x-launch': launchId,
          'sec-fetch-site': 'same-origin',
          'sec-fetch-dest': 'empty',
          ...(body !== undefined && { origin, 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      }),
    signIn: async (patientId) => {
      const authorize = await request(ehr.createLaunch({ patientId }).launchUrl.slice(origin.length));
      return here(await ehr.fetch(new Request(authorize.headers.get('location') ?? '')));
    },
    arrive: async (callback) => {
      const landed = await request(callback);
      const launchId = /^\/l\/([\w-]+)\/$/.exec(here(landed))?.[1];
      if (launchId === undefined) throw new Error(`no launch: ${landed.status} ${await landed.text()}`);
      return launchId;
    },
    launch: async (patientId) => browser.arrive(await browser.signIn(patientId)),
  };
  return browser;
}

/** A key for one step of a rotation, from the keys the server made for itself. */
export function appKeysOf(server: ServerProcess): { file: string; keys: { alg: string }[] } {
  const file = join(server.folder, 'data/app-keys.json');
  return { file, keys: (JSON.parse(readFileSync(file, 'utf8')) as { keys: { alg: string }[] }).keys };
}
