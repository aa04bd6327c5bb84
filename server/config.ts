/** The deployment's settings: one JSON file named by `ATTUNE_CONFIG`. Secrets are named there, never written there (V12, V14). */
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type AppKeys, readAppKeys } from '../launch/keys.ts';
import { Secret } from '../launch/record.ts';
import { isLoopback, readTenants, SecretReference, type Tenant, type Tenants } from '../launch/tenants.ts';
import { withCodeMaps } from './code-map.ts';

const Config = z.strictObject({
  /** Our own origin as the browser sees it: https, or http on this machine. */
  origin: z.string().refine((origin) => URL.parse(origin)?.origin === origin, 'not an origin'),
  port: z.int().min(0).max(65_535),
  /** Address to listen on. */
  host: z.string().default('localhost'),
  /** Keys, outbox and record are kept here, mode 0700. */
  dataDir: z.string(),
  tenantsFile: z.string(),
  /** 32 bytes in base64; made in `dataDir` when not given. Several servers need the same one. */
  sessionKey: SecretReference.optional(),
  /** Private JWK set; made in `dataDir` when not given. */
  appKeysFile: z.string().optional(),
  clientDir: z.string().optional(),
  /** A site's own knowledge, beside ours: its files replace ours of the same name. */
  libraryDir: z.string().optional(),
  /** Ed25519 public key (PEM file) with which `libraryDir` must be signed. */
  libraryKey: z.string().optional(),
  /** Answers CDS Hooks calls of the tenants that have `cdsHooks`: a mount of its own, off unless asked for. */
  cdsHooks: z.boolean().default(false),
  /** Whether launches outlive the process that opened them, sealed. `false`: a restart ends them all; for one server only. */
  keepSessions: z.boolean().default(true),
  retention: z
    .strictObject({
      /** How long after its day a promised test that nobody has seen done is kept. */
      promiseDays: z.int().min(1).max(3650).default(365),
    })
    .prefault({}),
  /** Set behind a reverse proxy that overwrites `X-Forwarded-For`. */
  trustProxy: z.boolean().default(false),
});

/** Everything the server starts from, read and checked. */
export interface Settings {
  readonly config: z.infer<typeof Config>;
  readonly tenants: Tenants;
  readonly keys: AppKeys;
  readonly sessionKey: Uint8Array;
  /** Given when the site's library must be signed. */
  readonly libraryKey?: KeyObject;
  readonly secretOf: (tenant: Tenant) => Secret;
}

/** Reads the configuration and all that it names. Throws, and so refuses to start, on anything unreadable or insecure. */
export async function readSettings(path: string, env: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const config = Config.parse(JSON.parse(await readFile(path, 'utf8')));
  const at = (file: string) => resolve(dirname(path), file);
  const written: unknown = JSON.parse(await readFile(at(config.tenantsFile), 'utf8'));
  const tenants = readTenants(await withCodeMaps(written, (file) => readFile(at(file), 'utf8')));
  refuseInsecure(new URL(config.origin), tenants);
  const dataDir = at(config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const secrets = new Map<string, Secret>();
  for (const { id, auth } of tenants.all)
    if (auth.method === 'client_secret_basic') secrets.set(id, new Secret(await dereference(auth.secret, at, env)));
  const libraryKey =
    config.libraryKey === undefined ? undefined : createPublicKey(await readFile(at(config.libraryKey)));
  if (libraryKey && config.libraryDir === undefined) throw new Error('config: libraryKey without libraryDir');
  if (libraryKey && libraryKey.asymmetricKeyType !== 'ed25519') throw new Error('config: libraryKey is no Ed25519 key');
  return {
    ...(libraryKey && { libraryKey }),
    config: {
      ...config,
      dataDir,
      ...(config.libraryDir !== undefined && { libraryDir: at(config.libraryDir) }),
      ...(config.clientDir !== undefined && { clientDir: at(config.clientDir) }),
    },
    tenants,
    keys: await readAppKeys(config.appKeysFile ? at(config.appKeysFile) : join(dataDir, 'app-keys.json')),
    sessionKey: config.sessionKey
      ? key(await dereference(config.sessionKey, at, env))
      : await keptKey(join(dataDir, 'session.key')),
    secretOf: (tenant) => {
      const secret = secrets.get(tenant.id);
      if (!secret) throw new Error('no client secret for this tenant');
      return secret;
    },
  };
}

function refuseInsecure(origin: URL, tenants: Tenants): void {
  if (origin.protocol === 'https:') return;
  if (!isLoopback(origin)) throw new Error('config: origin must be https');
  const remote = tenants.all.find((tenant) => !tenant.allowHttpLoopback);
  if (remote) throw new Error(`config: an http origin is for EHRs on this machine only, and ${remote.id} is not one`);
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
