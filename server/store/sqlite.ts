/** The store in one SQLite file: outbox and record, statement by statement. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { anchorAt } from './anchor.ts';
import { canonical, GENESIS, link } from './chain.ts';
import { COLUMNS, censusOf, changed, fromColumns, toColumns } from './columns.ts';
import type { KeyRing } from './keys.ts';
import { inTransaction, openFile } from './sqlite-file.ts';
import type { Head, Move, OutboxRow, Recorded, Store } from './store.ts';

/** Opens or creates the file. One process at a time writes; a second one waits up to five seconds for the lock. */
export function sqliteStore({ path, keys }: { path: string; keys: Pick<KeyRing, 'sign'> }): Store {
  return storeIn(openFile(path), keys);
}

/** Outbox and record in a file that is open and up to date. Closing the store closes the file. */
export function storeIn(database: DatabaseSync, keys: Pick<KeyRing, 'sign'>): Store {
  const statements = prepare(database);
  const transaction = inTransaction(database);
  const update = updates(database);

  function append(event: object): Recorded {
    const last = head();
    const seq = (last?.seq ?? 0) + 1;
    const text = canonical(event);
    const hash = link(last?.hash ?? GENESIS, text);
    statements.append.run(seq, text, hash);
    statements.setHead.run(seq, hash, keys.sign(`${seq}|${hash}`));
    return { seq, event: text, hash };
  }

  function head(): Head | undefined {
    return headOf(statements.head.get());
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
    anchor: async () => headOf(statements.anchor.get()),
    archive: async (through, event) =>
      transaction(() => {
        const last = through < (head()?.seq ?? 0) ? statements.recorded.get(through - 1, 1) : undefined;
        if (Number(last?.seq) !== through) throw new Error('store: no such event before the last one');
        const anchor = anchorAt({ seq: through, hash: String(last?.hash) }, keys);
        append(event);
        statements.setAnchor.run(anchor.seq, anchor.hash, anchor.mac);
        statements.removeThrough.run(through);
        return anchor;
      }),
    close: async () => database.close(),
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
    anchor: database.prepare('SELECT seq, hash, mac FROM audit_anchor'),
    setAnchor: database.prepare('INSERT OR REPLACE INTO audit_anchor (one, seq, hash, mac) VALUES (1, ?, ?, ?)'),
    removeThrough: database.prepare('DELETE FROM audit WHERE seq <= ?'),
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

function headOf(row: Record<string, SQLOutputValue> | undefined): Head | undefined {
  return row && { seq: Number(row.seq), hash: String(row.hash), mac: String(row.mac) };
}

function optional(row: Record<string, SQLOutputValue> | undefined): OutboxRow | undefined {
  return row && fromColumns(row);
}
