/** Two servers over one SQLite file: what a restart, and one that starts before the other has stopped, mean for clinicians. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll } from 'vitest';
import { keptIn } from '../../../server/store/kept-in.ts';
import { openFile, sqlIn } from '../../../server/store/sqlite-file.ts';
import { serversContract } from '../../contracts/servers.ts';

const directory = await mkdtemp(join(tmpdir(), 'attune-servers-'));
afterAll(() => rm(directory, { recursive: true }));
let file = 0;
const open: DatabaseSync[] = [];

serversContract('SQLite file', {
  servers: 2,
  open: (now) => {
    const database = openFile(join(directory, `${file}.db`));
    open.push(database);
    return keptIn(sqlIn(database), { table: 'kept', now });
  },
  reset: async () => {
    for (const database of open.splice(0)) database.close();
    file += 1;
  },
});
