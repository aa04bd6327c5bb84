/**
 * The tenants file, signed: `tenants.json.sig` holds one Ed25519 signature a person, over the digest of the file and of
 * every code map that it names. As many different keys as the configuration asks for must have signed (V14: four eyes).
 */
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { z } from 'zod';
import { canonical, sha256 } from '../library/canonical.ts';
import { fingerprint } from '../library/signature.ts';

/** What the name of the signatures' file has after that of the tenants file. */
export const SIGNATURES_SUFFIX = '.sig';

const Signature = z.strictObject({
  /** Fingerprint of the signer's public key. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of what was signed (`digestOf`). */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  signedAt: z.iso.datetime(),
  signature: z.base64(),
});
const Signatures = z.array(Signature).max(50);
type Signature = z.infer<typeof Signature>;

/** Who signed, and when (ISO instant). */
export interface Signer {
  readonly key: string;
  readonly signedAt: string;
}

/** SHA-256 (hex) of a registry as written: the file's bytes, and those of its code maps by the name they have in it. */
export function digestOf(written: {
  readonly tenants: Uint8Array;
  readonly codeMaps: ReadonlyMap<string, Uint8Array>;
}): string {
  const codeMaps = Object.fromEntries([...written.codeMaps].map(([name, bytes]) => [name, sha256(bytes)]));
  return sha256(canonical({ tenants: sha256(written.tenants), codeMaps }));
}

/**
 * The text of a signatures' file (`undefined`: none yet) with one more signature in it. What was signed of an earlier
 * content goes, and so does an earlier signature by the same key.
 */
export function withSignature(
  text: string | undefined,
  { digest, key, now }: { readonly digest: string; readonly key: KeyObject; readonly now: Date },
): { readonly text: string; readonly signers: readonly Signer[] } {
  const own = { key: fingerprint(key), digest, signedAt: now.toISOString() };
  const signature = signBytes(null, message(own), key).toString('base64');
  const others = signaturesIn(text ?? '[]').filter((one) => one.digest === digest && one.key !== own.key);
  const all = [...others, { ...own, signature }];
  return {
    text: `${JSON.stringify(all, null, 2)}\n`,
    signers: all.map(({ key: by, signedAt }) => ({ key: by, signedAt })),
  };
}

/** Which of `keys` signed this digest, each once. A signature that does not hold, or by anyone else, counts for nothing. */
export function signersOf(text: string, digest: string, keys: readonly KeyObject[]): readonly Signer[] {
  const byName = new Map(keys.map((key) => [fingerprint(key), key]));
  const holding = signaturesIn(text).filter((one) => {
    const key = byName.get(one.key);
    if (!key || one.digest !== digest) return false;
    return verifyBytes(null, message(one), key, Buffer.from(one.signature, 'base64'));
  });
  return [...new Map(holding.map(({ key, signedAt }) => [key, { key, signedAt }])).values()];
}

/** What is signed. It begins with its purpose, so that no signature over something else passes for one. */
function message({ key, digest, signedAt }: Pick<Signature, 'key' | 'digest' | 'signedAt'>): Buffer {
  return Buffer.from(`attune tenants\n${digest}\n${signedAt}\n${key}\n`);
}

/** None where the text is not a list of signatures. */
function signaturesIn(text: string): readonly Signature[] {
  try {
    return Signatures.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}
