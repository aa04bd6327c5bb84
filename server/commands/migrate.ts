/** `migrate VERSION [--data DIR]`: takes the schema of stopped servers forward or back; a start brings it up to date by itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Migrated, SchemaError } from '../store/columns.ts';
import { migrateSqlite } from '../store/sqlite-file.ts';
import { placesOf } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

/** Says from which version to which. What the version does not have is gone from the data: back up first. */
export const migrateCommand: Command = async ({ args, terminal }) => {
  const options = { data: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [version = '', ...rest] = positionals;
  // Version 0 is no schema at all: nothing would be left.
  if (!/^[1-9]\d*$/.test(version) || rest.length > 0) throw new UsageError('migrate takes a version, 1 or above');
  try {
    terminal.out(JSON.stringify(await migrate(values.data, Number(version))));
    return 0;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    terminal.err(error.message);
    return 1;
  }
};

async function migrate(data: string | undefined, to: number): Promise<Migrated> {
  const url = data ? undefined : process.env.DATABASE_URL;
  if (url) return (await import('../store/postgres.ts')).migratePostgres({ url, to });
  const path = join((await placesOf(data)).dataDir, 'attune.sqlite');
  if (!existsSync(path)) throw new UsageError(`no ${path}; name its folder with --data`);
  return migrateSqlite({ path, to });
}
