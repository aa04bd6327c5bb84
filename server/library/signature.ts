/**
 * A site's library folder, signed: `library.sig` holds the SHA-256 of every file and, of each person who signed, an Ed25519
 * signature over that list. Checked at start when the configuration names public keys; whatever differs is named.
 */
import { createPublicKey, type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { canonical, sha256 } from './canonical.ts';
import { LibraryError, type Problem } from './problem.ts';

/** The signature's own file; not in its own list. */
export const SIGNATURE_FILE = 'library.sig';

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Signed = z.strictObject({
  algorithm: z.literal('ed25519'),
  /** Path in the folder, with `/` → lower-case hex SHA-256. */
  files: z.record(z.string(), Digest),
  /** The fingerprint of the signer's key, and base64. */
  signatures: z.array(z.strictObject({ key: Digest, signature: z.base64() })).max(50),
});

/** Who may sign, and how many different ones of them must have. */
export interface Signers {
  readonly keys: readonly KeyObject[];
  readonly signatures: number;
}

/** The key's name: SHA-256 (hex) of its SubjectPublicKeyInfo. Of a private key, its public half's. */
export function fingerprint(key: KeyObject): string {
  return sha256((key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' }));
}

/**
 * Signs every file of the folder into `library.sig`, beside those who signed the same files before. Gives how many files it
 * holds, and how many have signed.
 */
export async function signFolder(folder: string, privateKey: KeyObject): Promise<{ files: number; signers: number }> {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is not an Ed25519 key');
  const path = join(folder, SIGNATURE_FILE);
  const files = await digestsOf(folder);
  const key = fingerprint(privateKey);
  const earlier = existsSync(path) ? Signed.safeParse(parsedJson(await readFile(path, 'utf8'))).data : undefined;
  const same = earlier !== undefined && canonical(earlier.files) === canonical(files);
  const others = same ? earlier.signatures.filter((one) => one.key !== key) : [];
  const signatures = [...others, { key, signature: signBytes(null, message(files), privateKey).toString('base64') }];
  await writeFile(path, `${JSON.stringify({ algorithm: 'ed25519', files, signatures }, null, 2)}\n`);
  return { files: Object.keys(files).length, signers: signatures.length };
}

/** @throws LibraryError naming each file that is altered, added or gone; or the signatures themselves */
export async function checkSignature(folder: string, signers: Signers): Promise<void> {
  const problems = await signatureProblems(folder, signers);
  if (problems.length > 0) throw new LibraryError(problems);
}

async function signatureProblems(folder: string, { keys, signatures }: Signers): Promise<readonly Problem[]> {
  const path = join(folder, SIGNATURE_FILE);
  if (!existsSync(path))
    return [problem(SIGNATURE_FILE, 'a signature, since the configuration names a key', 'no file')];
  const parsed = Signed.safeParse(parsedJson(await readFile(path, 'utf8')));
  if (!parsed.success) return [problem(SIGNATURE_FILE, 'a signature made by `attune sign`', 'something else')];
  const { files } = parsed.data;
  const signed = new Set(
    parsed.data.signatures.flatMap(({ key: name, signature }) => {
      const key = keys.find((one) => fingerprint(one) === name);
      return key && verifyBytes(null, message(files), key, Buffer.from(signature, 'base64')) ? [name] : [];
    }),
  );
  if (signed.size < signatures) {
    const found = signed.size === 0 ? 'another key, or a changed list' : `${signed.size}`;
    return [problem(SIGNATURE_FILE, `signatures by ${signatures} of the configured keys`, found)];
  }
  const found = await digestsOf(folder);
  const names = [...new Set([...Object.keys(files), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const [signed, present] = [files[name], found[name]];
    if (signed === present) return [];
    if (signed === undefined) return [problem(name, 'no file that was not signed', `SHA-256 ${present}`)];
    return [problem(name, `SHA-256 ${signed}, as signed`, present === undefined ? 'no file' : `SHA-256 ${present}`)];
  });
}

/** What is signed. It begins with its purpose, so that no signature over something else passes for one. */
function message(files: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(`attune library\n${canonical(files)}`);
}

/** Every file below the folder but the signature. */
async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const digests: Record<string, string> = {};
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name !== SIGNATURE_FILE) digests[name] = sha256(await readFile(path));
  }
  return digests;
}

function problem(file: string, expected: string, found: string): Problem {
  return { file, line: 1, path: '', expected, found, advice: 'put back what was signed, or review it and sign again' };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
