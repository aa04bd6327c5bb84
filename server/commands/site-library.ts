/** The site's own library, as the command line is told of it: `LIBRARY_DIR`, and `LIBRARY_KEY` to hold it to its signatures. */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { SIGNATURE_FILE } from '../library/signature.ts';
import type { LibraryFolders } from '../library.ts';
import { type Terminal, UsageError } from './command.ts';

/**
 * Ours with the site's over it. With keys (PEM, Ed25519; several with `:` between them) the loader refuses a folder that is
 * not as each of them signed it; a signature that nobody asked to be checked is said to be unchecked.
 * @throws UsageError for a key without a folder, a path that leads nowhere, or a key of another kind
 */
export async function libraryFolders(options: {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, 'err'>;
}): Promise<LibraryFolders> {
  const { dir, env, terminal } = options;
  const { LIBRARY_DIR: overlay, LIBRARY_KEY: named } = env;
  const keyFiles = named ? named.split(delimiter) : [];
  if (!overlay) {
    if (named) throw new UsageError('LIBRARY_KEY without LIBRARY_DIR');
    return { dir };
  }
  for (const path of [overlay, ...keyFiles]) if (!existsSync(path)) throw new UsageError(`there is no ${path}`);
  if (!named) {
    if (existsSync(join(overlay, SIGNATURE_FILE))) terminal.err(`${SIGNATURE_FILE} not checked: no LIBRARY_KEY`);
    return { dir, overlay };
  }
  const keys = await Promise.all(keyFiles.map(async (file) => createPublicKey(await readFile(file))));
  if (keys.some((key) => key.asymmetricKeyType !== 'ed25519')) throw new UsageError('LIBRARY_KEY is no Ed25519 key');
  return { dir, overlay, overlaySigners: { keys, signatures: keys.length } };
}
