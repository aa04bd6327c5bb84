/** Everything a registry is read from, at one moment: the tenants file, its signatures, code maps and secrets, and the app's keys. */
import { readFile } from 'node:fs/promises';
import { isObject } from '../../models/engine/facts/json.ts';
import { canonical, sha256 } from '../library/canonical.ts';
import { Refused } from './refused.ts';
import { SIGNATURES_SUFFIX } from './signatures.ts';

/** Where the files are. */
export interface Place {
  readonly tenants: string;
  readonly appKeys: string;
  /** Resolves a name that stands in the tenants file. */
  readonly at: (file: string) => string;
  readonly env: NodeJS.ProcessEnv;
}

/** The files' contents. What is judged is what was read here, so that nothing can change in between. */
export interface Snapshot {
  /** SHA-256 (hex) of all of it, secrets included: for comparing within this process, and to be shown nowhere. */
  readonly digest: string;
  /** @throws Refused `unreadable` */
  bytes(path: string): Buffer;
  /** @throws Refused `unreadable` */
  text(path: string): string;
  /** The JSON in a file. @throws Refused `unreadable` */
  json(path: string): unknown;
}

/** Reads them all; a file that is not there, or may not be read, is part of the picture. */
export async function takeSnapshot(place: Place): Promise<Snapshot> {
  const tenants = await contentOf(place.tenants);
  const names = tenants ? namedIn(tenants.toString('utf8')) : [];
  const others = new Set([`${place.tenants}${SIGNATURES_SUFFIX}`, place.appKeys, ...names.map(place.at)]);
  const contents = new Map<string, Buffer | undefined>([[place.tenants, tenants]]);
  await Promise.all([...others].map(async (path) => contents.set(path, await contentOf(path))));

  const digests = [...contents].map(([path, bytes]) => [path, bytes ? sha256(bytes) : null]);
  const bytes = (path: string): Buffer => {
    const found = contents.get(path);
    if (!found) throw new Refused('unreadable', `${path} cannot be read`);
    return found;
  };
  const text = (path: string) => bytes(path).toString('utf8');
  const json = (path: string): unknown => {
    const written = text(path);
    try {
      return JSON.parse(written);
    } catch {
      throw new Refused('unreadable', `${path} is not JSON`);
    }
  };
  return { digest: sha256(canonical(Object.fromEntries(digests))), bytes, text, json };
}

/** The names of the code maps in a registry as written. */
export function codeMapsIn(registry: unknown): readonly string[] {
  return tenantsIn(registry).flatMap(({ codeMap }) => (typeof codeMap === 'string' ? [codeMap] : []));
}

/** Code maps and client secrets. */
function namedIn(text: string): readonly string[] {
  let registry: unknown;
  try {
    registry = JSON.parse(text);
  } catch {
    return [];
  }
  const secrets = tenantsIn(registry).flatMap(({ auth }) => {
    const secret = isObject(auth) && isObject(auth.secret) ? auth.secret.file : undefined;
    return typeof secret === 'string' ? [secret] : [];
  });
  return [...codeMapsIn(registry), ...secrets];
}

function tenantsIn(registry: unknown): readonly Record<string, unknown>[] {
  return isObject(registry) && Array.isArray(registry.tenants) ? registry.tenants.filter(isObject) : [];
}

function contentOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}
