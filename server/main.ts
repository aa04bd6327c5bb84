/** Starts the server from the file that `ATTUNE_CONFIG` names, and prints `{"ready":true,"url":…}` once it answers. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { firstNumber, firstRound, history, queryUrl } from '../models/engine/facts/queries.ts';
import { createApp } from './app.ts';
import { loadAssets } from './assets.ts';
import { createAudit } from './audit.ts';
import { readSettings, type Settings } from './config.ts';
import { createEgress } from './egress.ts';
import { takeCompressed } from './library/compressed.ts';
import { publishedOf } from './library/published.ts';
import { loadLibrary } from './library.ts';
import { createLog } from './log.ts';
import { createPromiseRoutes } from './promises/routes.ts';
import { forget } from './retention.ts';
import { memoryKept } from './store/kept.ts';
import { openKeyRing } from './store/keys.ts';
import { openStore } from './store/open.ts';
import { recover } from './write-back/recovery.ts';
import { createEventRoutes, createWriteBackRoutes } from './write-back/routes.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MINUTE_MS = 60_000;

const settings = await readSettings(process.env.ATTUNE_CONFIG ?? 'attune.json');
await start(settings);

async function start({ config, tenants, keys, sessionKey, libraryKey, secretOf }: Settings): Promise<void> {
  const log = createLog((line) => process.stderr.write(line));
  const ring = openKeyRing(join(config.dataDir, 'keys.json'));
  const databaseUrl = process.env.DATABASE_URL;
  const opened = await openStore({ dataDir: config.dataDir, keys: ring, databaseUrl });
  const { store: outbox, cards, promises, shared } = opened;
  if (shared && !config.keepSessions) throw new Error('config: several servers need keepSessions');
  const kept = config.keepSessions ? opened.kept : memoryKept(Date.now);
  // Other servers may be sending: what they touched lately is theirs.
  await recover({ store: outbox, now: new Date(), untouchedFor: shared ? 90_000 : 0 });
  const audit = createAudit({ store: outbox, keys: ring });
  const [assets, loaded, version] = await Promise.all([
    loadAssets(config.clientDir ?? join(ROOT, 'dist/client')),
    loadLibrary({
      dir: join(ROOT, 'models'),
      ...(config.libraryDir !== undefined && { overlay: config.libraryDir }),
      ...(libraryKey && { overlayKey: libraryKey }),
    }),
    readVersion(),
  ]);
  const published = publishedOf(loaded);
  await takeCompressed(join(ROOT, 'dist/library'), published.files.values());
  const egress = createEgress();
  const cdsHooks = config.cdsHooks
    ? await (await import('./cds-hooks/start.ts')).startCdsHooks({
        origin: config.origin,
        tenants,
        fetchFor: egress.fetchFor,
        loaded,
        audit,
        keys: ring,
        cards,
        now: Date.now,
      })
    : undefined;
  const { app, endIdle } = createApp({
    origin: config.origin,
    tenants,
    keys,
    secretOf,
    sessionKey,
    store: kept,
    egress,
    assets,
    library: published.library,
    published: published.files,
    needed: [...firstRound(), ...history()].map(({ id, resourceType, params }) => ({
      feature: id,
      resourceType,
      ...(params.category !== undefined && { category: params.category }),
    })),
    firstRound: (patientId) => [
      ...[firstNumber(), ...firstRound()].map((query) => queryUrl(query, patientId)),
      'metadata',
    ],
    writeBack: createWriteBackRoutes({ store: outbox, keys: ring, audit, shelf: kept }),
    events: createEventRoutes({ audit }),
    ...(cdsHooks && { cdsHooks }),
    promises: createPromiseRoutes({ book: promises, keys: ring, now: Date.now }),
    recordVisit: (launched, type) => audit.record(audit.entry(launched, { type })),
    // An answer from the store, whatever it is, means that approvals can be kept.
    ready: () => outbox.head().then(() => true),
    version,
    log,
    now: Date.now,
    addressOf: (c) => addressOf(c, config.trustProxy),
  });

  const server = serve(
    {
      fetch: app.fetch,
      port: config.port,
      hostname: config.host,
      serverOptions: { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 60_000 },
    },
    () => {
      log({ level: 'info', event: 'start' });
      process.stdout.write(`${JSON.stringify({ ready: true, url: config.origin })}\n`);
    },
  );
  // A round that fails is tried again at the next; the server stays up.
  const said = (errCode: string) => () => log({ level: 'error', event: 'request', errCode });
  const { promiseDays } = config.retention;
  const everyMinute = setInterval(() => {
    void endIdle().catch(said('idle-check-failed'));
    void forget({ ...opened, kept }, { now: Date.now(), promiseDays }).catch(said('purge-failed'));
  }, MINUTE_MS);

  /** Answers what is under way, takes nothing new, and lets the outbox settle (V17). */
  const stop = () => {
    clearInterval(everyMinute);
    log({ level: 'info', event: 'stop' });
    server.close(async () => {
      await egress.close();
      await outbox.close();
      process.exit(0);
    });
    // What still hangs after the longest upstream time-out is recovered as "unknown" at the next start.
    setTimeout(() => process.exit(0), 35_000).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function addressOf(c: Context, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return forwarded ?? getConnInfo(c).remote.address ?? 'unknown';
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
