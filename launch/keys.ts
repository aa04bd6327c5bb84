/** The app's own signing keys for `private_key_jwt` (T1) and their public halves (T2). Both algorithms that SMART requires of a client. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

export type KeyAlgorithm = 'ES384' | 'RS384';

/** The keys in use. More than one per algorithm is published during a rotation; the first of each signs. */
export interface AppKeys {
  signing(alg: KeyAlgorithm): { readonly key: CryptoKey; readonly kid: string };
  /** Public members only. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

const KeyFile = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), alg: z.enum(['ES384', 'RS384']), d: z.string() })).min(1),
});
const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']);

/** Reads the private JWK set at `path`, or makes one there (mode 0600) on the first run. */
export async function readAppKeys(path: string): Promise<AppKeys> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return importAppKeys(text === undefined ? await generate(path) : JSON.parse(text));
}

/** Imports a private JWK set. Throws if an algorithm is missing. */
export async function importAppKeys(json: unknown): Promise<AppKeys> {
  const imported = await Promise.all(
    KeyFile.parse(json).keys.map(async (jwk) => {
      const key = (await importJWK(jwk as JWK, jwk.alg)) as CryptoKey;
      const shown = Object.fromEntries(Object.entries(jwk).filter(([member]) => !PRIVATE_MEMBERS.has(member))) as JWK;
      const kid = shown.kid ?? (await calculateJwkThumbprint(shown));
      return { alg: jwk.alg, key, kid, shown: { ...shown, kid, use: 'sig', key_ops: ['verify'] } satisfies JWK };
    }),
  );
  const first = (alg: KeyAlgorithm) => {
    const found = imported.find((entry) => entry.alg === alg);
    if (!found) throw new Error(`app keys: no ${alg} key`);
    return found;
  };
  const chosen = { ES384: first('ES384'), RS384: first('RS384') };
  return { signing: (alg) => chosen[alg], jwks: { keys: imported.map(({ shown }) => shown) } };
}

async function generate(path: string): Promise<{ keys: JWK[] }> {
  const keys = await Promise.all(
    (['ES384', 'RS384'] as const).map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
      return { ...(await exportJWK(privateKey)), alg };
    }),
  );
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, JSON.stringify({ keys }), { mode: 0o600, flag: 'wx' });
  await chmod(path, 0o600);
  return { keys };
}
