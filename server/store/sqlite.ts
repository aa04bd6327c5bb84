/** The store in one SQLite file: WAL, synchronous FULL (every commit is fsynced), mode 0600. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { canonical, GENESIS, link } from './chain.ts';
import { COLUMNS, censusOf, changed, fromColumns, type Migration, stepsBetween, toColumns } from './columns.ts';
import type { KeyRing } from './keys.ts';
import type { Head, Move, OutboxRow, Recorded, Store } from './store.ts';

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
];

/** Opens or creates the file. One process at a time writes; a second one waits up to five seconds for the lock. */
export function sqliteStore(options: { path: string; keys: Pick<KeyRing, 'sign'> }): Store {
  const database = open(options.path);
  migrate(database);
  const statements = prepare(database);
  const transaction = inTransaction(database);
  const update = updates(database);

  function append(event: object): Recorded {
    const last = head();
    const seq = (last?.seq ?? 0) + 1;
    const text = canonical(event);
    const hash = link(last?.hash ?? GENESIS, text);
    statements.append.run(seq, text, hash);
    statements.setHead.run(seq, hash, options.keys.sign(`${seq}|${hash}`));
    return { seq, event: text, hash };
  }

  function head(): Head | undefined {
    const row = statements.head.get();
    return row && { seq: Number(row.seq), hash: String(row.hash), mac: String(row.mac) };
  }

  return {
    approve: async (row, event) =>
      transaction(() => {
        const existing =
          statements.find.get(row.tenantId, row.approvalId) ?? statements.standing.get(row.tenantId, row.intentKey);
        if (existing) return { inserted: false, existing: fromColumns(existing) } as const;
        statements.insert.run(...toColumns(row));
        append(event);
        return { inserted: true } as const;
      }),
    move: async (change, event) =>
      transaction(() => {
        const moved = update(change);
        if (moved && event) append(event);
        return moved && fromColumns(moved);
      }),
    find: async (tenantId, approvalId) => optional(statements.find.get(tenantId, approvalId)),
    standing: async (tenantId, intentKey) => optional(statements.standing.get(tenantId, intentKey)),
    of: async ({ tenantId, patientKey, userKey }) => statements.of.all(tenantId, patientKey, userKey).map(fromColumns),
    interrupted: async (before) => statements.interrupted.all(before).map(fromColumns),
    census: async () => statements.census.all().map(censusOf),
    purge: async (settledBefore) => transaction(() => Number(statements.purge.run(settledBefore).changes)),
    append: async (event) => transaction(() => append(event)),
    recorded: async (after, limit) =>
      statements.recorded
        .all(after, limit)
        .map((row) => ({ seq: Number(row.seq), event: String(row.event), hash: String(row.hash) })),
    head: async () => head(),
    close: async () => database.close(),
  };
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

/** Takes a closed file to a version of its schema, back too: what is not in that version is gone. For `attune`'s operators and tests. */
export function migrateSqlite(options: { path: string; to?: number }): void {
  const database = open(options.path);
  migrate(database, options.to);
  database.close();
}

/** Copies the file as it is at this moment, while a server writes to it. Throws where the copy is there already. */
export function backUp(options: { from: string; to: string }): void {
  mkdirSync(dirname(options.to), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(options.from, { timeout: 5_000 });
  database.prepare('VACUUM INTO ?').run(options.to);
  database.close();
  chmodSync(options.to, 0o600);
}

function migrate(database: DatabaseSync, to = migrations.length): void {
  inTransaction(database)(() => {
    const from = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    for (const step of stepsBetween(migrations, from, to)) database.exec(step);
    database.exec(`PRAGMA user_version = ${to}`);
  });
}

/** IMMEDIATE takes the write lock first, so that what is read inside is still true when it is written. */
function inTransaction(database: DatabaseSync) {
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

function prepare(database: DatabaseSync) {
  const columns = COLUMNS.join(', ');
  return {
    insert: database.prepare(`INSERT INTO outbox (${columns}) VALUES (${COLUMNS.map(() => '?').join(', ')})`),
    find: database.prepare(`SELECT ${columns} FROM outbox WHERE tenantId = ? AND approvalId = ?`),
    standing: database.prepare(
      `SELECT ${columns} FROM outbox WHERE tenantId = ? AND intentKey = ? AND sealed IS NOT NULL
         AND state IN ('approved','sending','unknown','confirmed')`,
    ),
    of: database.prepare(
      `SELECT ${columns} FROM outbox WHERE tenantId = ? AND patientKey = ? AND userKey = ? AND sealed IS NOT NULL
         ORDER BY approvedAt DESC`,
    ),
    interrupted: database.prepare(
      `SELECT ${columns} FROM outbox WHERE state IN ('approved','sending') AND coalesce(sentAt, approvedAt) < ?`,
    ),
    census: database.prepare(
      'SELECT state, count(*) AS rows, min(approvedAt) AS oldest FROM outbox WHERE sealed IS NOT NULL GROUP BY state',
    ),
    purge: database.prepare(
      `UPDATE outbox SET sealed = NULL WHERE sealed IS NOT NULL AND settledAt < ?
         AND state IN ('confirmed','rejected','expired')`,
    ),
    append: database.prepare('INSERT INTO audit (seq, event, hash) VALUES (?, ?, ?)'),
    setHead: database.prepare('INSERT OR REPLACE INTO audit_head (one, seq, hash, mac) VALUES (1, ?, ?, ?)'),
    recorded: database.prepare('SELECT seq, event, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?'),
    head: database.prepare('SELECT seq, hash, mac FROM audit_head'),
  };
}

/** The conditional update of `Move`, one prepared statement for each combination of columns and states. */
function updates(database: DatabaseSync) {
  const prepared = new Map<string, StatementSync>();
  return ({ approvalId, from, attempts, set }: Move) => {
    const { names, values } = changed(set);
    const sql = `UPDATE outbox SET ${names.map((name) => `${name} = ?`).join(', ')}
      WHERE approvalId = ? AND attempts = ? AND state IN (${from.map(() => '?').join(', ')}) RETURNING ${COLUMNS.join(', ')}`;
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement.get(...values, approvalId, attempts, ...from);
  };
}

function optional(row: Record<string, SQLOutputValue> | undefined): OutboxRow | undefined {
  return row && fromColumns(row);
}
