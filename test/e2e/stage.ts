/**
 * The stage of a browser test: the practice EHR in this process (so that a test can make it fail), the app's server as a
 * process of its own (so that everything it prints is kept), and a Chromium page with the chart open.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bundle } from 'fhir/r4';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { createPracticeEhr, type PracticeEhr } from '../../fixtures/ehr/ehr.ts';
import { launchChromium } from './chromium.ts';
import { openWayWithoutCookies } from './without-cookies.ts';

const root = resolve(import.meta.dirname, '../..');

export interface StageOptions {
  /** Bundles, or files and folders of them; our own synthetic patients unless given. */
  readonly patients?: readonly (Bundle | string)[];
  readonly latencyMs?: number;
  readonly writeBack?: boolean;
  readonly accessTokenSeconds?: number;
  /** A site's own library folder. */
  readonly libraryDir?: string;
  /** What the tenant's line says besides, given the practice EHR's origin; and what the configuration does. */
  readonly tenant?: (ehrOrigin: string) => Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** `none`: no cookie passes between browser and app. */
  readonly cookies?: 'none';
}

export interface Stage {
  readonly ehr: PracticeEhr;
  readonly ehrOrigin: string;
  readonly appOrigin: string;
  readonly browser: Browser;
  /** A fresh browser profile with the chart of a patient open, the app in its sidebar. */
  openChart(patientId: string, options?: OpenOptions): Promise<OpenChart>;
  /** Everything the app's server printed so far. */
  log(): string;
  /** Every byte the server keeps on disk, as latin-1 text: what a canary is looked for in. */
  disk(): string;
  stopApp(): Promise<void>;
  startApp(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Scopes the practice EHR refuses at this launch. */
  readonly deny?: string;
  /** What else the chart's address says: `messaging`, `appContext`, `intent`. */
  readonly query?: Readonly<Record<string, string>>;
  readonly width?: number;
  readonly context?: BrowserContext;
}

export interface OpenChart {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The app inside the chart's cross-site iframe. */
  readonly app: FrameLocator;
  /** Uncaught errors and CSP violations of every frame. */
  readonly troubles: readonly string[];
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Sets the stage; `close` strikes it. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const [ehrPort, appPort] = [await freePort(), await freePort()];
  const ehrOrigin = `http://127.0.0.1:${ehrPort}`;
  const appOrigin = `http://localhost:${appPort}`;
  const data = mkdtempSync(join(tmpdir(), 'attune-e2e-'));
  const { writeBack = true, libraryDir } = options;
  const listenOn = options.cookies === 'none' ? await freePort() : appPort;
  const closeWay = listenOn === appPort ? undefined : await openWayWithoutCookies({ from: appPort, to: listenOn });
  const config = writeConfiguration({ data, appOrigin, appPort: listenOn, ehrOrigin, writeBack, libraryDir, options });

  const ehr = await createPracticeEhr({
    origin: ehrOrigin,
    app: { origin: appOrigin, launchUrl: `${appOrigin}/launch`, redirectUris: [`${appOrigin}/callback`] },
    patients: options.patients ?? [join(root, 'fixtures/patients')],
    now: Date.now,
    latencyMs: options.latencyMs ?? 0,
    ...(options.accessTokenSeconds === undefined ? {} : { accessTokenSeconds: options.accessTokenSeconds }),
  });
  await ehr.listen(ehrPort);

  const printed: string[] = [];
  let app = await startApp(config, printed);
  const browser = await launchChromium();

  return {
    ehr,
    ehrOrigin,
    appOrigin,
    browser,
    log: () => printed.join(''),
    disk: () => bytesUnder(data),
    stopApp: () => stop(app),
    startApp: async () => {
      app = await startApp(config, printed);
    },
    openChart: (patientId, open = {}) => openChart({ browser, ehrOrigin, appOrigin, patientId, open }),
    close: async () => {
      await browser.close();
      await closeWay?.();
      await stop(app);
      await ehr.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function openChart(scene: {
  browser: Browser;
  ehrOrigin: string;
  appOrigin: string;
  patientId: string;
  open: OpenOptions;
}): Promise<OpenChart> {
  const { open } = scene;
  const context =
    open.context ?? (await scene.browser.newContext({ viewport: { width: open.width ?? 1280, height: 900 } }));
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`${message.text()} ${message.location().url}`);
  });
  const query = new URLSearchParams({ ...open.query, ...(open.deny !== undefined && { deny: open.deny }) });
  await page.goto(`${scene.ehrOrigin}/chart/${encodeURIComponent(scene.patientId)}?${query}`);
  return { context, page, app: page.frameLocator('iframe'), troubles };
}

function writeConfiguration(scene: {
  data: string;
  appOrigin: string;
  appPort: number;
  ehrOrigin: string;
  writeBack: boolean;
  libraryDir: string | undefined;
  options: Pick<StageOptions, 'tenant' | 'config'>;
}): string {
  const tenantsFile = join(scene.data, 'tenants.json');
  const tenant = {
    id: 'practice',
    name: 'Practice EHR',
    iss: `${scene.ehrOrigin}/fhir`,
    clientId: 'attune-practice',
    auth: { method: 'private_key_jwt' },
    frameAncestors: [scene.ehrOrigin],
    allowHttpLoopback: true,
    practice: true,
    writeBack: { enabled: scene.writeBack },
    ...scene.options.tenant?.(scene.ehrOrigin),
  };
  writeFileSync(tenantsFile, JSON.stringify({ tenants: [tenant] }));
  const file = join(scene.data, 'config.json');
  writeFileSync(
    file,
    JSON.stringify({
      origin: scene.appOrigin,
      port: scene.appPort,
      dataDir: scene.data,
      tenantsFile,
      libraryDir: scene.libraryDir,
      ...scene.options.config,
    }),
  );
  return file;
}

function startApp(config: string, printed: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'server/main.ts')], {
    cwd: root,
    env: { ...process.env, ATTUNE_CONFIG: config },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const before = printed.length;
  return new Promise((ready, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed.push(chunk.toString('utf8'));
        if (/"ready"\s*:\s*true/.test(printed.slice(before).join(''))) ready(child);
      });
    }
    child.once('exit', (code) => failed(new Error(`the app stopped with code ${code ?? 'none'}: ${printed.join('')}`)));
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((stopped) => {
    child.once('exit', () => stopped());
    child.kill('SIGTERM');
  });
}

function bytesUnder(folder: string): string {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => (statSync(path).isDirectory() ? bytesUnder(path) : readFileSync(path, 'latin1')))
    .join('\n');
}
