/**
 * The door for the one launch that a rehearsal waits for: our own launch routes, with the tenant's keys, for that tenant and
 * nobody else. It serves no chart and no app. Launches that were not meant are ended, and waiting goes on.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { PAGE_STYLE_PATH } from '../../launch/pages.ts';
import { indexed, type Tenant } from '../../launch/tenants.ts';
import { createApp } from '../app.ts';
import type { Audit } from '../audit.ts';
import type { Settings } from '../config.ts';
import { createEgress } from '../egress.ts';
import type { Launched, LaunchedEnv } from '../launched.ts';
import { createLog } from '../log.ts';
import { memoryKept } from '../store/kept.ts';
import { type NamedPatient, objectionTo } from './admission.ts';
import type { Installation } from './sample.ts';

/** The same for every launch, the one that was meant and any other. It names nobody. */
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal</title><link rel="stylesheet" href="${PAGE_STYLE_PATH}">
<main><h1>A rehearsal of write-back is under way here</h1><p>What comes of it is told where it was started. This window may be closed. Nothing here is for the care of a patient.</p></main></html>`;

export interface ReceptionOptions extends Installation {
  readonly settings: Pick<Settings, 'config' | 'keys' | 'sessionKey' | 'secretOf'>;
  readonly tenant: Tenant;
  readonly named: NamedPatient;
  readonly audit: Pick<Audit, 'entry' | 'record'>;
  /** Told in one line each: launches that were turned away, and warnings of the log. */
  readonly say: (line: string) => void;
  readonly clock: () => number;
}

/** The open door. */
export interface Reception {
  /** The launch that was meant; `undefined` when it did not come within so many milliseconds, or before the signal. */
  meant(within: number, signal: AbortSignal): Promise<Launched | undefined>;
  /** Ends every launch, tells the EHR, and closes the door. */
  close(): Promise<void>;
}

/** Listens at the configured address. Rejects where that is taken. */
export async function openReception(options: ReceptionOptions): Promise<Reception> {
  const { settings, tenant, named, audit, say, clock } = options;
  const { config, keys, sessionKey, secretOf } = settings;
  let admit: (launched: Launched | undefined) => void = () => {};
  const arrived = new Promise<Launched | undefined>((settle) => {
    admit = settle;
  });
  const egress = createEgress();
  const warned = createLog((line) => say(line.trimEnd()), clock);
  let admitted = false;
  const { app, end } = createApp({
    origin: config.origin,
    tenants: indexed([tenant]),
    keys,
    secretOf,
    sessionKey,
    store: memoryKept(clock),
    egress,
    assets: { index: PAGE, handler: (_, next) => next() },
    library: { ...options.library, url: '/version' },
    published: new Map(),
    // It reads the Patient alone and asks for nothing else, besides what is to be written.
    needed: [],
    firstRound: () => [],
    writeBack: new Hono<LaunchedEnv>(),
    events: new Hono<LaunchedEnv>(),
    whenLaunched: (launched) => void judge(launched),
    recordVisit: ({ tenantId, context }, type) => audit.record(audit.entry({ tenantId, context }, { type })),
    version: options.version,
    log: (line) => (line.level === 'info' ? undefined : warned(line)),
    now: clock,
    // One bucket for all: whoever floods a rehearsal stops it, and nothing else.
    addressOf: () => 'anyone',
  });
  const server = serve({ fetch: app.fetch, port: config.port, hostname: config.host });
  await new Promise<AddressInfo | null>((listening, failed) => {
    server.once('listening', () => listening(null));
    server.once('error', failed);
  });
  const launches = new Set<string>();

  async function judge(launched: Launched): Promise<void> {
    const { launchId } = launched.context;
    launches.add(launchId);
    const objection = await objectionTo(launched, named);
    if (objection === undefined && !admitted) {
      admitted = true;
      admit(launched);
      return;
    }
    say(`A launch was turned away, and nothing was written: ${objection ?? 'the rehearsal has begun already'}.`);
    await leave(launchId);
  }

  async function leave(launchId: string): Promise<void> {
    launches.delete(launchId);
    await end(launchId);
  }

  return {
    async meant(within, signal) {
      const giveUp = () => admit(undefined);
      const timer = setTimeout(giveUp, within);
      signal.addEventListener('abort', giveUp, { once: true });
      const launched = await arrived;
      clearTimeout(timer);
      admitted = true;
      return launched;
    },
    async close() {
      await Promise.all([...launches].map(leave));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await egress.close();
    },
  };
}
