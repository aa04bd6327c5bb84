/**
 * A site's library folder, signed: `library.sig` holds the SHA-256 of every file and an Ed25519 signature over that list.
 * Checked at start when the configuration names a public key; whatever differs is named.
 */
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { canonical, sha256 } from './canonical.ts';
import { LibraryError, type Problem } from './problem.ts';

/** The signature's own file; not in its own list. */
export const SIGNATURE_FILE = 'library.sig';

const Signature = z.strictObject({
  algorithm: z.literal('ed25519'),
  /** Path in the folder, with `/` → lower-case hex SHA-256. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  /** Base64, over the canonical JSON of `files`. */
  signature: z.base64(),
});

/** Signs every file of the folder and writes `library.sig`. Gives how many files it holds. */
export async function signFolder(folder: string, privateKey: KeyObject): Promise<number> {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is not an Ed25519 key');
  const files = await digestsOf(folder);
  const signature = signBytes(null, Buffer.from(canonical(files)), privateKey).toString('base64');
  await writeFile(
    join(folder, SIGNATURE_FILE),
    `${JSON.stringify({ algorithm: 'ed25519', files, signature }, null, 2)}\n`,
  );
  return Object.keys(files).length;
}

/** @throws LibraryError naming each file that is altered, added or gone; or the signature itself */
export async function checkSignature(folder: string, publicKey: KeyObject): Promise<void> {
  const problems = await signatureProblems(folder, publicKey);
  if (problems.length > 0) throw new LibraryError(problems);
}

async function signatureProblems(folder: string, publicKey: KeyObject): Promise<readonly Problem[]> {
  const path = join(folder, SIGNATURE_FILE);
  if (!existsSync(path))
    return [problem(SIGNATURE_FILE, 'a signature, since the configuration names a key', 'no file')];
  const parsed = Signature.safeParse(parsedJson(await readFile(path, 'utf8')));
  if (!parsed.success) return [problem(SIGNATURE_FILE, 'a signature made by `attune sign`', 'something else')];
  const { files, signature } = parsed.data;
  const holds = verifyBytes(null, Buffer.from(canonical(files)), publicKey, Buffer.from(signature, 'base64'));
  if (!holds) return [problem(SIGNATURE_FILE, 'a signature by the configured key', 'another key, or a changed list')];
  const found = await digestsOf(folder);
  const names = [...new Set([...Object.keys(files), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const [signed, present] = [files[name], found[name]];
    if (signed === present) return [];
    if (signed === undefined) return [problem(name, 'no file that was not signed', `SHA-256 ${present}`)];
    return [problem(name, `SHA-256 ${signed}, as signed`, present === undefined ? 'no file' : `SHA-256 ${present}`)];
  });
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
