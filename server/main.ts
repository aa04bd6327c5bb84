/** Starts the server from the file that `ATTUNE_CONFIG` names, and prints `{"ready":true,"url":…}` once it answers. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { firstNumber, firstRound, history, queryUrl } from '../models/engine/facts/queries.ts';
import { createApp } from './app.ts';
import { loadAssets } from './assets.ts';
import { createAudit, recordConfigChange } from './audit.ts';
import { startCheckpoints } from './checkpoints/start.ts';
import { readSettings, type Settings } from './config.ts';
import { createEgress } from './egress.ts';
import { lastResort } from './last-resort.ts';
import { createLedger } from './ledger/ledger.ts';
import { createReadRecord } from './ledger/reads.ts';
import { mountOf } from './ledger/routes.ts';
import { takeCompressed } from './library/compressed.ts';
import { publishedOf } from './library/published.ts';
import { loadLibrary } from './library.ts';
import { LISTENER } from './listener.ts';
import { createLog } from './log.ts';
import { createPromiseRoutes } from './promises/routes.ts';
import { createTriedOf } from './rehearse/kept.ts';
import { forget } from './retention.ts';
import { canonical } from './store/chain.ts';
import { memoryKept } from './store/kept.ts';
import { openKeyRing } from './store/keys.ts';
import { openStore } from './store/open.ts';
import { assertOwnKeys } from './store/own-keys.ts';
import { followTenants } from './tenants/follow.ts';
import { UNWATCHED } from './watch.ts';
import { recover } from './write-back/recovery.ts';
import { createEventRoutes, createWriteBackRoutes } from './write-back/routes.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MINUTE_MS = 60_000;

// Asked to look at its files before it runs, it is not to end: its first look comes soon.
process.on('SIGHUP', () => {});
const settings = await readSettings(process.env.ATTUNE_CONFIG ?? 'attune.json');
await start(settings);

async function start({
  config,
  tenants,
  keys,
  registry,
  sessionKey,
  checkpointKey,
  syslog,
  librarySigners,
  secretOf,
}: Settings): Promise<void> {
  const metrics = config.metrics && (await (await import('./metrics/start.ts')).startMetrics(config.metrics, Date.now));
  const watch = metrics ?? UNWATCHED;
  const log = watch.log(createLog((line) => process.stderr.write(line)));
  const ring = openKeyRing(join(config.dataDir, 'keys.json'));
  const databaseUrl = process.env.DATABASE_URL;
  const opened = await openStore({ dataDir: config.dataDir, keys: ring, databaseUrl });
  await assertOwnKeys(opened.store, ring);
  const { cards, promises, shared } = opened;
  const checkpoints = startCheckpoints({
    dataDir: config.dataDir,
    settings: config.audit,
    ...(checkpointKey !== undefined && { key: checkpointKey }),
    opened,
    log,
    now: Date.now,
    ...(config.audit.print && { echo: (line: string) => process.stdout.write(`${line}\n`) }),
  });
  const outbox = checkpoints.watch(watch.store(opened.store));
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
      ...(librarySigners && { overlaySigners: librarySigners }),
    }),
    readVersion(),
  ]);
  const published = publishedOf(loaded);
  metrics?.inForce({ version, library: published.library });
  await takeCompressed(join(ROOT, 'dist/library'), published.files.values());
  const ledger = createLedger({ now: Date.now, shared });
  const reads = createReadRecord({ ledger, audit });
  const forwarding =
    syslog &&
    (await import('./syslog/start.ts')).startSyslog({
      receiver: syslog,
      opened,
      origin: config.origin,
      log,
      now: Date.now,
      onSent: ({ messages, bytes }) =>
        ledger.outside({ host: `${syslog.host}:${syslog.port}`, kind: 'syslog', requests: messages, bytesUp: bytes }),
    });
  const egress = createEgress({ through: ledger.through });
  const fetchFor = watch.fetchFor(egress.fetchFor);
  const cdsHooks = config.cdsHooks
    ? await (await import('./cds-hooks/start.ts')).startCdsHooks({
        origin: config.origin,
        tenants,
        fetchFor,
        origins: config.cdsHooksOrigins,
        observe: watch.hook,
        loaded,
        audit,
        keys: ring,
        cards,
        now: Date.now,
      })
    : undefined;
  const followed = followTenants({
    registry,
    audit,
    log,
    now: Date.now,
    settle: async ({ tenants: { all } }) => {
      await endIdle();
      await egress.keepOnly(all);
    },
  });
  const { app, endIdle } = createApp({
    origin: config.origin,
    tenants,
    keys,
    secretOf,
    sessionKey,
    store: kept,
    egress: { fetchFor },
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
    writeBack: createWriteBackRoutes({
      store: outbox,
      keys: ring,
      audit,
      shelf: kept,
      triedOf: createTriedOf({ dataDir: config.dataDir, tenants, now: Date.now }),
    }),
    events: createEventRoutes({ audit }),
    ...(cdsHooks && { cdsHooks: cdsHooks.routes, openCard: cdsHooks.openCard }),
    promises: createPromiseRoutes({ book: promises, keys: ring, now: Date.now }),
    recordVisit: async (visit, type, reason) => {
      watch.visit(type);
      if (type === 'ended') await reads.last(visit);
      return audit.record(audit.entry(visit, { type, ...(reason && { reason }) }));
    },
    ledger: mountOf(ledger),
    // An answer from the store, whatever it is, means that approvals can be kept.
    ready: () => outbox.head().then(() => true),
    degraded: () => [
      ...(followed.refused() ? [`tenants-${followed.refused()}`] : []),
      ...[checkpoints.trouble(), forwarding?.trouble()].filter((code) => code !== undefined),
    ],
    ...(config.securityTxt && { securityTxt: config.securityTxt }),
    version,
    log,
    now: Date.now,
    addressOf: (c) => addressOf(c, config.trustProxy),
  });

  await followed.start();
  const began = { at: new Date() };
  await recordConfigChange(audit, { what: 'settings', digest: digestOf(config), ...began });
  await recordConfigChange(audit, { what: 'library', digest: published.library.digest, ...began });
  // From here on it holds charts; until here an error is told to the operator in full.
  lastResort(log);
  const server = serve(
    {
      fetch: app.fetch,
      port: config.port,
      hostname: config.host,
      serverOptions: LISTENER,
    },
    () => {
      log({ level: 'info', event: 'start' });
      process.stdout.write(`${JSON.stringify({ ready: true, url: config.origin })}\n`);
    },
  );
  // A round that fails is tried again at the next; the server stays up.
  const said = (errCode: string) => () => log({ level: 'error', event: 'request', errCode });
  const everyFewMinutes = setInterval(() => void reads.ofAll().catch(said('record-failed')), 5 * MINUTE_MS);
  const { promiseDays } = config.retention;
  const everyMinute = setInterval(() => {
    void endIdle().catch(said('idle-check-failed'));
    void checkpoints.look();
    void forget({ ...opened, kept }, { now: Date.now(), promiseDays }).catch(said('purge-failed'));
  }, MINUTE_MS);

  /** Answers what is under way, takes nothing new, and lets the outbox settle (V17). */
  const stop = () => {
    clearInterval(everyMinute);
    clearInterval(everyFewMinutes);
    followed.stop();
    log({ level: 'info', event: 'stop' });
    server.close(async () => {
      await egress.close();
      await watch.close();
      await reads.ofAll().catch(said('record-failed'));
      await checkpoints.last();
      await forwarding?.close();
      await outbox.close();
      process.exit(0);
    });
    // What still hangs after the longest upstream time-out is recovered as "unknown" at the next start.
    setTimeout(() => process.exit(0), 35_000).unref();
  };
  process.on('SIGHUP', () => void followed.look().catch(said('tenants-look-failed')));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Of the settings, secrets left out as they are there: by reference. */
function digestOf(config: Settings['config']): string {
  return createHash('sha256').update(canonical(config)).digest('hex');
}

function addressOf(c: Context, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return forwarded ?? getConnInfo(c).remote.address ?? 'unknown';
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
