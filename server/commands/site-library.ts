/** The site's own library, as the command line is told of it: `LIBRARY_DIR`, and `LIBRARY_KEY` to hold it to its signature. */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SIGNATURE_FILE } from '../library/signature.ts';
import type { LibraryFolders } from '../library.ts';
import { type Terminal, UsageError } from './command.ts';

/**
 * Ours with the site's over it. With a key (PEM, Ed25519) the loader refuses a folder that is not as signed; a signature
 * that nobody asked to be checked is said to be unchecked.
 * @throws UsageError for a key without a folder, a path that leads nowhere, or a key of another kind
 */
export async function libraryFolders(options: {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, 'err'>;
}): Promise<LibraryFolders> {
  const { dir, env, terminal } = options;
  const { LIBRARY_DIR: overlay, LIBRARY_KEY: keyFile } = env;
  if (!overlay) {
    if (keyFile) throw new UsageError('LIBRARY_KEY without LIBRARY_DIR');
    return { dir };
  }
  for (const path of [overlay, keyFile]) if (path && !existsSync(path)) throw new UsageError(`there is no ${path}`);
  if (!keyFile) {
    if (existsSync(join(overlay, SIGNATURE_FILE))) terminal.err(`${SIGNATURE_FILE} not checked: no LIBRARY_KEY`);
    return { dir, overlay };
  }
  const overlayKey = createPublicKey(await readFile(keyFile));
  if (overlayKey.asymmetricKeyType !== 'ed25519') throw new UsageError('LIBRARY_KEY is no Ed25519 key');
  return { dir, overlay, overlayKey };
}
