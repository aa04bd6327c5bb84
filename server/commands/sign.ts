/** `sign DIR --key FILE`: adds one person's signature to a site's library folder, after checking that it is valid over ours. */
import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SIGNATURE_FILE, signFolder } from '../library/signature.ts';
import { LibraryError, validateLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';

const OURS = fileURLToPath(new URL('../../models', import.meta.url));

/** Nothing is signed that could not be used. The key: PKCS #8 PEM, as `openssl genpkey -algorithm ed25519` makes it. */
export const signCommand: Command = async ({ args, terminal }) => {
  const options = { key: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [dir, ...rest] = positionals;
  if (!dir || rest.length > 0 || !values.key) throw new UsageError('sign takes one folder and --key FILE');
  for (const path of [dir, values.key]) if (!existsSync(path)) throw new UsageError(`there is no ${path}`);
  const problems = await validateLibrary({ dir: OURS, overlay: dir });
  if (problems.length > 0) throw new LibraryError(problems);
  const key = createPrivateKey(await readFile(values.key));
  if (key.asymmetricKeyType !== 'ed25519') throw new UsageError('the key is not an Ed25519 key');
  const { files, signers } = await signFolder(dir, key);
  const by = signers === 1 ? '' : `, by ${signers} keys`;
  terminal.err(`${files} ${files === 1 ? 'file' : 'files'} signed in ${SIGNATURE_FILE}${by}`);
  return 0;
};
