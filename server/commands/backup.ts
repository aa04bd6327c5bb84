/** `backup FOLDER [--data DIR]`: a copy of a running server's data folder, with the keys that open it and without any session. */
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { backUp } from '../store/sqlite-file.ts';
import { placesOf } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

const DATABASE = 'attune.sqlite';
/** It opens nothing that is in the copy. */
const SESSION_KEY = 'session.key';

/** Says what was copied. A folder that holds a copy already is left as it is. */
export const backupCommand: Command = async ({ args, terminal }) => {
  const options = { data: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [folder, ...rest] = positionals;
  if (!folder || rest.length > 0) throw new UsageError('backup takes the folder to copy into');
  if (!values.data && process.env.DATABASE_URL)
    throw new UsageError('the data are in PostgreSQL: use pg_dump --exclude-table-data=kept, and copy keys.json');
  const { dataDir } = await placesOf(values.data);
  if (!existsSync(join(dataDir, DATABASE)))
    throw new UsageError(`no ${DATABASE} in ${dataDir}; name its folder with --data`);
  if (existsSync(join(folder, DATABASE))) {
    terminal.err(`there is a copy in ${folder} already; it was left as it is`);
    return 1;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const apart = (name: string) => name.startsWith(DATABASE) || name === SESSION_KEY;
  cpSync(dataDir, folder, { recursive: true, filter: (path) => !apart(basename(path)) });
  // Last, so that no checkpoint in the copy knows of more than the record in it.
  backUp({ from: join(dataDir, DATABASE), to: join(folder, DATABASE) });
  terminal.out(JSON.stringify({ folder, copied: readdirSync(folder).sort() }));
  return 0;
};
