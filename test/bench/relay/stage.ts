/** Three processes: a plain EHR, our server as it is installed, and this one, which is all the browsers. Everything on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Pool } from 'undici';
import type { Asked, Gauged } from './gauge.ts';

const root = resolve(import.meta.dirname, '../../..');

/** An answer and how long its last byte took, in milliseconds. */
export interface Answered {
  readonly status: number;
  readonly body: Buffer;
  readonly ms: number;
}

/** One patient's chart open in the app, and the same chart at the EHR without us. */
export interface OpenLaunch {
  readonly patient: string;
  readonly launchId: string;
  /** Through `/l/<launch>/fhir/`. */
  relayed(target: string): Promise<Answered>;
  /** Straight to the EHR, with the token and the address that the relay uses. */
  direct(target: string): Promise<Answered>;
  logOut(): Promise<number>;
}

/** What a load stands on. */
export interface LoadStage {
  /** The whole sign-in of a fresh browser. */
  launch(patient: string): Promise<OpenLaunch>;
  /** A request to the server outside any launch. */
  plain(path: string): Promise<Answered>;
  /** Asks the server's process. */
  gauge(asked: Asked): Promise<Gauged>;
  /** Asks a process that does nothing: what it suffers, the machine does to all of them. */
  idle(asked: Asked): Promise<Gauged>;
  close(): Promise<void>;
}

/** Number `index` of the plain EHR's patients. */
export const patientOf = (index: number) => `p${String(index).padStart(2, '0')}`;

/** Starts the EHR and the server. `nodeOptions` are for the server's Node. */
export async function openLoadStage(
  options: { readonly patients?: number; readonly nodeOptions?: readonly string[] } = {},
): Promise<LoadStage> {
  const [ehrPort, appPort] = [await freePort(), await freePort()];
  const ehrOrigin = `http://127.0.0.1:${ehrPort}`;
  const appOrigin = `http://localhost:${appPort}`;
  const data = mkdtempSync(join(tmpdir(), 'attune-load-'));
  const ehrArguments = ['--port', `${ehrPort}`, '--patients', `${options.patients ?? 1}`];
  const ehr = spawn(process.execPath, [join(import.meta.dirname, 'plain-ehr.ts'), ...ehrArguments], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gauged = ['--expose-gc', '--import', join(import.meta.dirname, 'gauge.ts')];
  const log = join(data, 'log');
  const server = spawn(process.execPath, [...gauged, ...(options.nodeOptions ?? []), join(root, 'server/main.ts')], {
    cwd: root,
    env: { ...process.env, ATTUNE_CONFIG: writeConfiguration({ data, ehrOrigin, appOrigin, appPort }) },
    stdio: ['ignore', 'pipe', openSync(log, 'w'), 'ipc'],
  });
  const idle = spawn(process.execPath, [...gauged, '--eval', 'setInterval(() => undefined, 1e9)'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const children = [ehr, server, idle];
  try {
    await Promise.all([ready(ehr), ready(server)]);
  } catch (error) {
    for (const child of children) child.kill();
    throw new Error(readFileSync(log, 'utf8').slice(-2_000), { cause: error });
  }

  const toEhr = new Pool(ehrOrigin, { connections: 64 });
  const toApp = new Pool(`http://127.0.0.1:${appPort}`, { connections: 64 });
  return {
    launch: (patient) => launch({ toEhr, toApp, ehrOrigin, appOrigin, patient }),
    plain: (path) => get(toApp, path, {}),
    gauge: (asked) => ask(server, asked),
    idle: (asked) => ask(idle, asked),
    close: async () => {
      await Promise.all([toEhr.destroy(), toApp.destroy()]);
      await Promise.all(children.map(stop));
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** `X-Forwarded-For` is believed, so that fifty workstations are not one address. */
function writeConfiguration(at: { data: string; ehrOrigin: string; appOrigin: string; appPort: number }): string {
  const write = (name: string, content: unknown) => {
    writeFileSync(join(at.data, name), typeof content === 'string' ? content : JSON.stringify(content));
    return join(at.data, name);
  };
  write('index.html', '<!doctype html><html><head></head></html>');
  const tenant = {
    id: 'load',
    name: 'Load',
    iss: `${at.ehrOrigin}/fhir`,
    clientId: 'load',
    auth: { method: 'private_key_jwt' },
    frameAncestors: [at.ehrOrigin],
    allowHttpLoopback: true,
    practice: true,
    writeBack: { enabled: true },
  };
  return write('config.json', {
    origin: at.appOrigin,
    port: at.appPort,
    host: '127.0.0.1',
    dataDir: join(at.data, 'data'),
    clientDir: at.data,
    tenantsFile: write('tenants.json', { tenants: [tenant] }),
    trustProxy: true,
  });
}

async function launch(to: {
  toEhr: Pool;
  toApp: Pool;
  ehrOrigin: string;
  appOrigin: string;
  patient: string;
}): Promise<OpenLaunch> {
  const { toEhr, toApp, ehrOrigin, appOrigin, patient } = to;
  const cookies = new Map<string, string>();
  const address = { 'x-forwarded-for': `198.51.100.${Number(patient.slice(1)) + 1}` };
  const navigate = async (path: string): Promise<URL> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...address, accept: 'text/html', 'sec-fetch-dest': 'iframe', ...(cookie !== '' && { cookie }) };
    const answer = await toApp.request({ method: 'GET', path, headers });
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const said = await answer.body.text();
    if (answer.statusCode !== 303) throw new Error(`no launch: ${answer.statusCode} ${said}`);
    return new URL(String(answer.headers.location), appOrigin);
  };
  let authorize = await navigate(`/launch?${new URLSearchParams({ iss: `${ehrOrigin}/fhir`, launch: patient })}`);
  // We redirect to ourselves first, to see whether cookies come back.
  while (authorize.origin === appOrigin) authorize = await navigate(authorize.pathname + authorize.search);
  const back = await toEhr.request({ method: 'GET', path: authorize.pathname + authorize.search });
  await back.body.dump();
  const callback = new URL(String(back.headers.location));
  const page = await navigate(callback.pathname + callback.search);
  const launchId = page.pathname.split('/')[2] ?? '';
  const inLaunch = {
    ...address,
    accept: 'application/json',
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-launch': launchId,
    'sec-fetch-site': 'same-origin',
    'sec-fetch-dest': 'empty',
  };
  const atEhr = { accept: 'application/fhir+json', authorization: `Bearer token-of-${patient}` };
  return {
    patient,
    launchId,
    relayed: (target) => get(toApp, `/l/${launchId}/fhir/${target}`, inLaunch),
    direct: (target) => get(toEhr, `/fhir/${target.replace('?', `?patient=${patient}&`)}`, atEhr),
    logOut: async () => {
      const headers = { ...inLaunch, origin: appOrigin, 'content-type': 'application/json' };
      const answer = await toApp.request({ method: 'POST', path: `/l/${launchId}/logout`, headers, body: '{}' });
      await answer.body.dump();
      return answer.statusCode;
    },
  };
}

async function get(pool: Pool, path: string, headers: Record<string, string>): Promise<Answered> {
  const start = performance.now();
  const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
  const bytes = await body.arrayBuffer();
  return { status: statusCode, body: Buffer.from(bytes), ms: performance.now() - start };
}

async function ask(child: ChildProcess, asked: Asked): Promise<Gauged> {
  child.send(asked);
  const [gauged] = (await once(child, 'message')) as [Gauged];
  return gauged;
}

/** Resolves when a process has printed that it is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((isReady, failed) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen = (seen + chunk.toString('utf8')).slice(-1_000);
      if (/"ready"\s*:\s*true/.test(seen)) isReady();
    });
    child.once('exit', (code) => failed(new Error(`a process stopped with code ${code ?? 'none'}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
