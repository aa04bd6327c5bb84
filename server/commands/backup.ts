/** `backup FOLDER [--data DIR]`: a copy of what a running server keeps in SQLite, with the keys that open it and without any session. */
import { chmodSync, constants, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backUp } from '../store/sqlite-file.ts';
import { placesOf } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

const DATABASE = 'attune.sqlite';
/** What seals and signs the data; what the EHRs know us by. The session key opens nothing that is in the copy. */
const KEYS = ['keys.json', 'app-keys.json'];

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
  backUp({ from: join(dataDir, DATABASE), to: join(folder, DATABASE) });
  const keys = KEYS.filter((name) => existsSync(join(dataDir, name)));
  for (const name of keys) {
    copyFileSync(join(dataDir, name), join(folder, name), constants.COPYFILE_EXCL);
    chmodSync(join(folder, name), 0o600);
  }
  terminal.out(JSON.stringify({ folder, copied: [DATABASE, ...keys] }));
  return 0;
};
