/** The deployment's settings: one JSON file named by `ATTUNE_CONFIG`. Secrets are named there, never written there (V12, V14). */
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type AppKeys, readAppKeys } from '../launch/keys.ts';
import type { Secret } from '../launch/record.ts';
import { isLoopback, SecretReference, type Tenant, type Tenants } from '../launch/tenants.ts';
import { fingerprint, type Signers } from './library/signature.ts';
import { SecurityTxt } from './security-txt.ts';
import type { Receiver } from './syslog/sender.ts';
import { keepRelease, lastRelease } from './tenants/last-release.ts';
import { type LiveRegistry, liveRegistry } from './tenants/live.ts';
import { type Registry, type Release, type Rules, readRegistry } from './tenants/registry.ts';
import { type Place, type Snapshot, takeSnapshot } from './tenants/snapshot.ts';

const Config = z.strictObject({
  /** Our own origin as the browser sees it: https, or http on this machine. */
  origin: z.string().refine((origin) => URL.parse(origin)?.origin === origin, 'not an origin'),
  port: z.int().min(0).max(65_535),
  /** Address to listen on. */
  host: z.string().default('localhost'),
  /** Keys, outbox and record are kept here, mode 0700. */
  dataDir: z.string(),
  tenantsFile: z.string(),
  /** Ed25519 public keys (PEM files) of those who may sign the tenants file; given, it must be signed. */
  tenantsKeys: z.array(z.string()).min(1).optional(),
  /** How many different ones of them must have signed it. */
  tenantsSignatures: z.int().min(1).default(2),
  /** 32 bytes in base64; made in `dataDir` when not given. Several servers need the same one. */
  sessionKey: SecretReference.optional(),
  /** Private JWK set; made in `dataDir` when not given. */
  appKeysFile: z.string().optional(),
  clientDir: z.string().optional(),
  /** A site's own knowledge, beside ours: its files replace ours of the same name. */
  libraryDir: z.string().optional(),
  /** Ed25519 public key of whoever signs `libraryDir` (PEM file), or of each who may. */
  libraryKey: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** How many different ones of them must have. */
  librarySignatures: z.int().min(1).default(1),
  /** Prometheus figures on a listener of their own, off unless given. Whoever reaches it may read it. */
  metrics: z.strictObject({ port: z.int().min(0).max(65_535), host: z.string().default('localhost') }).optional(),
  /** Answers CDS Hooks calls of the tenants that have `cdsHooks`: a mount of its own, off unless asked for. */
  cdsHooks: z.boolean().default(false),
  /** Origins whose pages may call the hooks from a browser, such as a CDS Hooks sandbox (H13). */
  cdsHooksOrigins: z.array(z.string().refine(isCallingOrigin, 'not an https origin')).default([]),
  /** Whether launches outlive the process that opened them, sealed. `false`: a restart ends them all; for one server only. */
  keepSessions: z.boolean().default(true),
  /** How the record is signed, and what it sums up (V11). */
  audit: z
    .strictObject({
      /** File that checkpoints are appended to: best on another machine's disk, where nothing can be taken away. In `dataDir` unless given. */
      checkpoints: z.string().optional(),
      /** Ed25519 private key (PEM) that signs them; made in `dataDir` unless given. */
      checkpointKey: SecretReference.optional(),
      /** A checkpoint after so many events, or so many minutes, whichever is first. */
      every: z.int().min(1).max(10_000).default(100),
      minutes: z.int().min(1).max(1440).default(10),
      /** A syslog receiver that is sent every event, over TLS (RFC 5425): off unless given. */
      syslog: z
        .strictObject({
          host: z.string().min(1),
          port: z.int().min(1).max(65_535).default(6514),
          /** Who signed its certificate (PEM file); the system's authorities unless given. */
          ca: z.string().optional(),
          /** What this server shows of itself, where it is asked: certificate (PEM file) and its key by reference. */
          cert: z.string().optional(),
          key: SecretReference.optional(),
        })
        .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key go together')
        .optional(),
      /** Also prints each checkpoint on stdout, for a log that a SIEM keeps. */
      print: z.boolean().default(false),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** How long after its day a promised test that nobody has seen done is kept. */
      promiseDays: z.int().min(1).max(3650).default(365),
    })
    .prefault({}),
  /** Whom to tell of a weakness, served as security.txt; nothing is served unless given. */
  securityTxt: SecurityTxt.optional(),
  /** Set behind a reverse proxy that overwrites `X-Forwarded-For`. */
  trustProxy: z.boolean().default(false),
});

/** An exact https origin; http on this machine only. No pattern and no `null`. */
function isCallingOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.origin === origin && !origin.includes('*') && (url.protocol === 'https:' || isLoopback(url));
}

/** Everything the server starts from, read and checked. */
export interface Settings {
  readonly config: z.infer<typeof Config>;
  /** Live: they answer by the registry in force. */
  readonly tenants: Tenants;
  readonly keys: AppKeys;
  readonly registry: RegistrySettings;
  readonly sessionKey: Uint8Array;
  /** Signs checkpoints (PEM); one is made in `dataDir` where it is not given. */
  readonly checkpointKey?: string;
  /** With its certificates read. */
  readonly syslog?: Receiver;
  /** Given when the site's library must be signed. */
  readonly librarySigners?: Signers;
  readonly secretOf: (tenant: Tenant) => Secret;
}

/** The registry in force, and what is needed to read it again. */
export interface RegistrySettings {
  readonly live: LiveRegistry;
  /** What the one in force at the start was read from: its digest only, since the rest holds secrets. */
  readonly first: Pick<Snapshot, 'digest'>;
  readonly take: () => Promise<Snapshot>;
  /** @throws Refused */
  readonly judge: (snapshot: Snapshot) => Promise<Registry>;
  /** Remembers the release, so that no restart lets an earlier one in; only where releases are signed. */
  readonly keep: (release: Release) => Promise<void>;
}

/** The configuration file by itself, and how the names in it are resolved. */
export async function readConfig(path: string) {
  const config = Config.parse(JSON.parse(await readFile(path, 'utf8')));
  return { config, at: (file: string) => resolve(dirname(path), file) };
}

/** What a configuration asks of its tenants file. Throws when the keys in it could never make up the signatures asked for. */
export async function rulesOf({ config, at }: Awaited<ReturnType<typeof readConfig>>): Promise<Rules> {
  const { tenantsKeys = [], tenantsSignatures: signatures } = config;
  const { keys } = await signersIn({ files: tenantsKeys.map(at), signatures, setting: 'tenantsKeys' });
  return { origin: new URL(config.origin), signers: keys, signatures };
}

async function signersIn(asked: {
  readonly files: readonly string[];
  readonly signatures: number;
  readonly setting: string;
}): Promise<Signers> {
  const { files, signatures, setting } = asked;
  const keys = await Promise.all(files.map((file) => publicKey(file, setting)));
  const different = new Set(keys.map(fingerprint)).size;
  if (keys.length > 0 && different < signatures)
    throw new Error(`config: ${signatures} signatures cannot come of ${different} different ${setting}`);
  return { keys, signatures };
}

/** Reads the configuration and all that it names. Throws, and so refuses to start, on anything unreadable or insecure. */
export async function readSettings(path: string, env: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const read = await readConfig(path);
  const { config, at } = read;
  const dataDir = at(config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const appKeys = config.appKeysFile ? at(config.appKeysFile) : join(dataDir, 'app-keys.json');
  // Made here on the first run.
  await readAppKeys(appKeys);
  const place = { tenants: at(config.tenantsFile), appKeys, at, env };
  const registry = await openRegistry({ place, dataDir, rules: await rulesOf(read) });
  const { libraryKey: librarians, librarySignatures: signatures } = config;
  const librarySigners =
    librarians === undefined
      ? undefined
      : await signersIn({ files: [librarians].flat().map(at), signatures, setting: 'libraryKey' });
  if (librarySigners && config.libraryDir === undefined) throw new Error('config: libraryKey without libraryDir');
  const { checkpointKey, syslog } = config.audit;
  return {
    ...(checkpointKey && { checkpointKey: await dereference(checkpointKey, at, env) }),
    ...(syslog && { syslog: await receiverOf(syslog, at, env) }),
    ...(librarySigners && { librarySigners }),
    config: {
      ...config,
      dataDir,
      audit: {
        ...config.audit,
        ...(config.audit.checkpoints !== undefined && { checkpoints: at(config.audit.checkpoints) }),
      },
      ...(config.libraryDir !== undefined && { libraryDir: at(config.libraryDir) }),
      ...(config.clientDir !== undefined && { clientDir: at(config.clientDir) }),
    },
    tenants: registry.live.tenants,
    keys: registry.live.keys,
    registry,
    sessionKey: config.sessionKey
      ? key(await dereference(config.sessionKey, at, env))
      : await keptKey(join(dataDir, 'session.key')),
    secretOf: registry.live.secretOf,
  };
}

async function openRegistry(deps: {
  readonly place: Place;
  readonly dataDir: string;
  readonly rules: Rules;
}): Promise<RegistrySettings> {
  const { place, dataDir, rules } = deps;
  const signed = rules.signers.length > 0;
  const take = () => takeSnapshot(place);
  const keep = (release: Release) => (signed ? keepRelease(dataDir, release) : Promise.resolve());
  const first = await take();
  const last = signed ? await lastRelease(dataDir) : undefined;
  const live = liveRegistry(await readRegistry(first, { place, rules, last }));
  await keep(live.inForce());
  return {
    live,
    first: { digest: first.digest },
    take,
    judge: (snapshot) => readRegistry(snapshot, { place, rules, last: live.inForce() }),
    keep,
  };
}

/** @throws when the file is none, is private, or of another kind than Ed25519 */
async function publicKey(path: string, setting: string): Promise<KeyObject> {
  const pem = await readFile(path, 'utf8');
  // Whoever has the server would have the signer.
  if (pem.includes('PRIVATE KEY')) throw new Error(`config: ${setting}: ${path} is a private key`);
  const read = createPublicKey(pem);
  if (read.asymmetricKeyType !== 'ed25519') throw new Error(`config: ${setting}: ${path} is no Ed25519 key`);
  return read;
}

async function receiverOf(
  { host, port, ca, cert, key: reference }: NonNullable<z.infer<typeof Config>['audit']['syslog']>,
  at: (file: string) => string,
  env: NodeJS.ProcessEnv,
): Promise<Receiver> {
  return {
    host,
    port,
    ...(ca !== undefined && { ca: await readFile(at(ca), 'utf8') }),
    ...(cert !== undefined && { cert: await readFile(at(cert), 'utf8') }),
    ...(reference && { key: await dereference(reference, at, env) }),
  };
}

async function dereference(
  reference: z.infer<typeof SecretReference>,
  at: (file: string) => string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if ('file' in reference) return (await readFile(at(reference.file), 'utf8')).trim();
  const value = env[reference.env];
  if (!value) throw new Error(`config: the environment has no ${reference.env}`);
  return value;
}

async function keptKey(path: string): Promise<Uint8Array> {
  try {
    return key(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = randomBytes(32);
  await writeFile(path, made.toString('base64'), { mode: 0o600, flag: 'wx' });
  return made;
}

function key(text: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== 32) throw new Error('config: the session key is not 32 bytes in base64');
  return bytes;
}
