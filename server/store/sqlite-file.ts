/** The SQLite file: WAL, synchronous FULL (every commit is fsynced), mode 0600; its schema, and its copies. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Migrated, type Migration, stepsBetween } from './columns.ts';
import type { Sql } from './sql.ts';

/** In order; `user_version` counts how many have run. */
const migrations: readonly Migration[] = [
  {
    up: `CREATE TABLE outbox (
     key TEXT NOT NULL UNIQUE, approvalId TEXT NOT NULL, tenantId TEXT NOT NULL,
     patientKey TEXT NOT NULL, userKey TEXT NOT NULL, intentKey TEXT NOT NULL, payloadHash TEXT NOT NULL,
     sealed TEXT, state TEXT NOT NULL CHECK (state IN ('approved','sending','confirmed','rejected','unknown','expired')),
     detail TEXT, reference TEXT, versionId TEXT,
     approvedAt TEXT NOT NULL, sentAt TEXT, settledAt TEXT,
     attempts INTEGER NOT NULL, absences INTEGER NOT NULL,
     PRIMARY KEY (approvalId)
   ) STRICT;
   CREATE UNIQUE INDEX outbox_intent ON outbox (tenantId, intentKey)
     WHERE sealed IS NOT NULL AND state IN ('approved','sending','unknown','confirmed');
   CREATE INDEX outbox_whose ON outbox (tenantId, patientKey, userKey);
   CREATE INDEX outbox_open ON outbox (state) WHERE state IN ('approved','sending');
   CREATE TABLE audit (seq INTEGER PRIMARY KEY, event TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
   CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;`,
    down: 'DROP TABLE audit_head; DROP TABLE audit; DROP TABLE outbox;',
  },
  {
    up: 'CREATE INDEX outbox_held ON outbox (state, approvedAt) WHERE sealed IS NOT NULL;',
    down: 'DROP INDEX outbox_held;',
  },
  {
    up: `CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL, expiresAt INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX kept_until ON kept (expiresAt);
   CREATE TABLE card (key TEXT PRIMARY KEY, value TEXT NOT NULL, expiresAt INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX card_until ON card (expiresAt);
   CREATE TABLE promise (
     patientKey TEXT NOT NULL, path TEXT NOT NULL, made INTEGER NOT NULL, due INTEGER NOT NULL,
     PRIMARY KEY (patientKey, path)
   ) STRICT, WITHOUT ROWID;`,
    down: 'DROP TABLE promise; DROP TABLE card; DROP TABLE kept;',
  },
  {
    // What is archived may go; the anchor that allows it is signed, so that nobody else can say so.
    up: `CREATE TABLE audit_anchor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
   DROP TRIGGER audit_no_delete;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN OLD.seq > coalesce((SELECT seq FROM audit_anchor), 0)
     BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;`,
    down: `DROP TRIGGER audit_no_delete; DROP TABLE audit_anchor;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;`,
  },
];

/** Opens or creates the file and brings its schema up to date. Throws where the file is of a newer version. */
export function openFile(path: string): DatabaseSync {
  const database = open(path);
  migrate(database);
  return database;
}

/**
 * A second way to a file that is open, which does not wait for the disk: what is written here outlives a killed process,
 * and of a power cut all but the last moments. For what can be done over again: a launch, a preview.
 */
export function openBeside(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
  return database;
}

function open(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Created by us with its mode, for SQLite would use the umask's; WAL and SHM files take over the mode of this one.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
  return database;
}

/** Takes a closed file to a version of its schema, back too: what is not in that version is gone. */
export function migrateSqlite({ path, to }: { path: string; to?: number }): Migrated {
  const database = open(path);
  try {
    return migrate(database, to);
  } finally {
    database.close();
  }
}

/**
 * Copies the file as it is at this moment, while a server writes to it, without its sessions: a launch that has ended since
 * must not come back with the copy, and no copy holds a token. Throws where the copy is there already.
 */
export function backUp({ from, to }: { from: string; to: string }): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  closeSync(openSync(to, 'wx', 0o600));
  const database = new DatabaseSync(from, { timeout: 5_000 });
  database.prepare('VACUUM INTO ?').run(to);
  database.close();
  const copy = new DatabaseSync(to);
  copy.exec('PRAGMA secure_delete = ON; DELETE FROM kept; VACUUM;');
  copy.close();
}

/** The statements that both databases speak, on an open file. */
export function sqlIn(database: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>();
  return async (text, ...values) => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement.all(Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value])));
  };
}

function migrate(database: DatabaseSync, to = migrations.length): Migrated {
  return inTransaction(database)(() => {
    const from = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    for (const step of stepsBetween(migrations, { from, to })) database.exec(step);
    database.exec(`PRAGMA user_version = ${to}`);
    return { from, to };
  });
}

/** IMMEDIATE takes the write lock first, so that what is read inside is still true when it is written. */
export function inTransaction(database: DatabaseSync) {
  return <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
}
