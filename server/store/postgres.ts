/**
 * The store in PostgreSQL, for several servers at once: set `DATABASE_URL`. The driver is an optional dependency and loaded
 * only here. Rows are decided by the database: a sender claims its row (`FOR UPDATE SKIP LOCKED`), and the record is
 * appended by one server at a time.
 */
import type { Pool, PoolClient } from 'pg';
import { anchorAt } from './anchor.ts';
import { canonical, GENESIS, link } from './chain.ts';
import {
  COLUMNS,
  censusOf,
  changed,
  fromColumns,
  type Migrated,
  type Migration,
  stepsBetween,
  toColumns,
} from './columns.ts';
import type { KeyRing } from './keys.ts';
import type { Sql } from './sql.ts';
import type { Head, OutboxRow, Recorded, Store } from './store.ts';

/** In order; the table `attune_schema` counts how many have run. */
const migrations: readonly Migration[] = [
  {
    up: `CREATE TABLE outbox (
       "key" TEXT NOT NULL UNIQUE, "approvalId" TEXT PRIMARY KEY, "tenantId" TEXT NOT NULL,
       "patientKey" TEXT NOT NULL, "userKey" TEXT NOT NULL, "intentKey" TEXT NOT NULL, "payloadHash" TEXT NOT NULL,
       "sealed" TEXT, "state" TEXT NOT NULL CHECK ("state" IN ('approved','sending','confirmed','rejected','unknown','expired')),
       "detail" TEXT, "reference" TEXT, "versionId" TEXT,
       "approvedAt" TEXT NOT NULL, "sentAt" TEXT, "settledAt" TEXT,
       "attempts" INTEGER NOT NULL, "absences" INTEGER NOT NULL
     );
     CREATE UNIQUE INDEX outbox_intent ON outbox ("tenantId", "intentKey")
       WHERE "sealed" IS NOT NULL AND "state" IN ('approved','sending','unknown','confirmed');
     CREATE INDEX outbox_whose ON outbox ("tenantId", "patientKey", "userKey");
     CREATE INDEX outbox_open ON outbox ("state") WHERE "state" IN ('approved','sending');
     CREATE TABLE audit (seq BIGINT PRIMARY KEY, event TEXT NOT NULL, hash TEXT NOT NULL);
     CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq BIGINT NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL);
     CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$;
     CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();`,
    down: 'DROP TABLE audit_head; DROP TABLE audit; DROP FUNCTION audit_append_only(); DROP TABLE outbox;',
  },
  {
    up: `CREATE TABLE kept ("key" TEXT PRIMARY KEY, "value" TEXT NOT NULL, "expiresAt" BIGINT NOT NULL);
     CREATE INDEX kept_until ON kept ("expiresAt");`,
    down: 'DROP TABLE kept',
  },
  {
    up: 'CREATE INDEX outbox_held ON outbox ("state", "approvedAt") WHERE "sealed" IS NOT NULL',
    down: 'DROP INDEX outbox_held',
  },
  {
    // Keys are looked for by how they begin: byte by byte, whatever the database's language.
    up: `ALTER TABLE kept ALTER COLUMN "key" TYPE TEXT COLLATE "C";
     CREATE TABLE card ("key" TEXT COLLATE "C" PRIMARY KEY, "value" TEXT NOT NULL, "expiresAt" BIGINT NOT NULL);
     CREATE INDEX card_until ON card ("expiresAt");
     CREATE TABLE promise (
       "patientKey" TEXT NOT NULL, "path" TEXT NOT NULL, "made" BIGINT NOT NULL, "due" BIGINT NOT NULL,
       PRIMARY KEY ("patientKey", "path")
     );`,
    down: 'DROP TABLE promise; DROP TABLE card; ALTER TABLE kept ALTER COLUMN "key" TYPE TEXT COLLATE "default";',
  },
  {
    // What is archived may go; the anchor that allows it is signed, so that nobody else can say so.
    up: `CREATE TABLE audit_anchor (one INTEGER PRIMARY KEY CHECK (one = 1), seq BIGINT NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL);
     DROP TRIGGER audit_append_only ON audit;
     CREATE TRIGGER audit_append_only BEFORE UPDATE OR TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
     CREATE FUNCTION audit_archived_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN
         IF OLD.seq > coalesce((SELECT seq FROM audit_anchor), 0) THEN RAISE EXCEPTION 'the record is append-only'; END IF;
         RETURN OLD;
       END $$;
     CREATE TRIGGER audit_archived_only BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_archived_only();`,
    down: `DROP TRIGGER audit_archived_only ON audit; DROP FUNCTION audit_archived_only();
     DROP TRIGGER audit_append_only ON audit; DROP TABLE audit_anchor;
     CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();`,
  },
];

/** Names of our locks in the database. */
const LOCK = { schema: 74_205_001, record: 74_205_002 };
const names = COLUMNS.map(quoted).join(', ');
const STANDING = `"tenantId" = $1 AND "intentKey" = $2 AND "sealed" IS NOT NULL
  AND "state" IN ('approved','sending','unknown','confirmed')`;

/** Connects, and brings the schema up to date under a lock of its own. Throws when the driver or the database is not there. */
export async function openPostgres({ url, keys }: { url: string; keys: Pick<KeyRing, 'sign'> }): Promise<{
  readonly store: Store;
  readonly sql: Sql;
}> {
  const pool = await connect(url);
  await migrate(pool, migrations.length);
  return { store: storeIn(pool, keys), sql: async (text, ...values) => (await pool.query(text, [...values])).rows };
}

/** Takes the schema to a version, back too: what is not in that version is gone. */
export async function migratePostgres({ url, to }: { url: string; to: number }): Promise<Migrated> {
  const pool = await connect(url);
  return migrate(pool, to).finally(() => pool.end());
}

async function connect(connectionString: string): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 5_000,
    // Every commit is on disk before it is answered, whatever the server's default.
    options: '-c synchronous_commit=on -c statement_timeout=10000 -c lock_timeout=5000',
  });
  // A connection that breaks while nobody uses it is replaced; whoever uses one hears of it by the rejected query.
  pool.on('error', () => {});
  return pool;
}

async function migrate(pool: Pool, to: number): Promise<Migrated> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.schema]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS attune_schema (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)',
    );
    const { rows } = await client.query<{ version: number }>('SELECT version FROM attune_schema');
    const from = rows[0]?.version ?? 0;
    for (const step of stepsBetween(migrations, { from, to })) await client.query(step);
    await client.query(
      'INSERT INTO attune_schema (one, version) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET version = $1',
      [to],
    );
    return { from, to };
  });
}

function storeIn(pool: Pool, keys: Pick<KeyRing, 'sign'>): Store {
  const rowsOf = async (where: string, values: readonly unknown[]): Promise<OutboxRow[]> => {
    const { rows } = await pool.query(`SELECT ${names} FROM outbox WHERE ${where}`, [...values]);
    return rows.map(fromColumns);
  };
  const find = async (tenantId: string, approvalId: string) =>
    (await rowsOf('"tenantId" = $1 AND "approvalId" = $2', [tenantId, approvalId]))[0];
  const standing = async (tenantId: string, intentKey: string) => (await rowsOf(STANDING, [tenantId, intentKey]))[0];
  const inTheWay = async (row: OutboxRow) =>
    (await find(row.tenantId, row.approvalId)) ?? (await standing(row.tenantId, row.intentKey));

  async function append(client: PoolClient, event: object): Promise<Recorded> {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.record]);
    const last = await headIn(client);
    const seq = (last?.seq ?? 0) + 1;
    const text = canonical(event);
    const hash = link(last?.hash ?? GENESIS, text);
    await client.query('INSERT INTO audit (seq, event, hash) VALUES ($1, $2, $3)', [seq, text, hash]);
    await client.query(
      `INSERT INTO audit_head (one, seq, hash, mac) VALUES (1, $1, $2, $3)
         ON CONFLICT (one) DO UPDATE SET seq = $1, hash = $2, mac = $3`,
      [seq, hash, keys.sign(`${seq}|${hash}`)],
    );
    return { seq, event: text, hash };
  }

  return {
    approve: async (row, event) => {
      const earlier = await inTheWay(row);
      if (earlier) return { inserted: false, existing: earlier };
      try {
        await inTransaction(pool, async (client) => {
          const places = COLUMNS.map((_, index) => `$${index + 1}`).join(', ');
          await client.query(`INSERT INTO outbox (${names}) VALUES (${places})`, toColumns(row));
          await append(client, event);
        });
        return { inserted: true };
      } catch (error) {
        // Another server was quicker with this approval or this intent.
        const existing = isTaken(error) ? await inTheWay(row) : undefined;
        if (existing) return { inserted: false, existing };
        throw error;
      }
    },
    move: ({ approvalId, from, attempts, set }, event) =>
      inTransaction(pool, async (client) => {
        // Who wants to send does not wait for another who has the row: it is being sent. Who knows something waits its turn.
        const lock = set.state === 'sending' ? 'FOR UPDATE SKIP LOCKED' : 'FOR UPDATE';
        const claimed = await client.query(
          `SELECT 1 FROM outbox WHERE "approvalId" = $1 AND "attempts" = $2 AND "state" = ANY($3) ${lock}`,
          [approvalId, attempts, [...from]],
        );
        if (claimed.rowCount === 0) return undefined;
        const { names: columns, values } = changed(set);
        const sets = columns.map((name, index) => `${quoted(name)} = $${index + 2}`).join(', ');
        const { rows } = await client.query(`UPDATE outbox SET ${sets} WHERE "approvalId" = $1 RETURNING ${names}`, [
          approvalId,
          ...values,
        ]);
        if (event) await append(client, event);
        return rows[0] && fromColumns(rows[0]);
      }),
    find,
    standing,
    of: ({ tenantId, patientKey, userKey }) =>
      rowsOf(
        '"tenantId" = $1 AND "patientKey" = $2 AND "userKey" = $3 AND "sealed" IS NOT NULL ORDER BY "approvedAt" DESC',
        [tenantId, patientKey, userKey],
      ),
    interrupted: (before) =>
      rowsOf(`"state" IN ('approved','sending') AND coalesce("sentAt", "approvedAt") < $1`, [before]),
    census: async () => {
      const { rows } = await pool.query(
        `SELECT "state", count(*) AS "rows", min("approvedAt") AS "oldest" FROM outbox
           WHERE "sealed" IS NOT NULL GROUP BY "state"`,
      );
      return rows.map(censusOf);
    },
    purge: async (settledBefore) => {
      const { rowCount } = await pool.query(
        `UPDATE outbox SET "sealed" = NULL WHERE "sealed" IS NOT NULL AND "settledAt" < $1
           AND "state" IN ('confirmed','rejected','expired')`,
        [settledBefore],
      );
      return rowCount ?? 0;
    },
    append: (event) => inTransaction(pool, (client) => append(client, event)),
    recorded: async (after, limit) => {
      const { rows } = await pool.query('SELECT seq, event, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2', [
        after,
        limit,
      ]);
      return rows.map(({ seq, event, hash }) => ({ seq: Number(seq), event: String(event), hash: String(hash) }));
    },
    head: () => headIn(pool),
    anchor: () => headIn(pool, 'audit_anchor'),
    archive: (through, event) =>
      inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.record]);
        const { rows } = await client.query<{ hash: string }>(
          'SELECT hash FROM audit WHERE seq = $1 AND seq < (SELECT seq FROM audit_head)',
          [through],
        );
        const [last] = rows;
        if (!last) throw new Error('store: no such event before the last one');
        const anchor = anchorAt({ seq: through, hash: last.hash }, keys);
        await append(client, event);
        await client.query(
          `INSERT INTO audit_anchor (one, seq, hash, mac) VALUES (1, $1, $2, $3)
             ON CONFLICT (one) DO UPDATE SET seq = $1, hash = $2, mac = $3`,
          [anchor.seq, anchor.hash, anchor.mac],
        );
        await client.query('DELETE FROM audit WHERE seq <= $1', [through]);
        return anchor;
      }),
    close: () => pool.end(),
  };
}

async function headIn(
  at: Pool | PoolClient,
  table: 'audit_head' | 'audit_anchor' = 'audit_head',
): Promise<Head | undefined> {
  const { rows } = await at.query(`SELECT seq, hash, mac FROM ${table}`);
  const [row] = rows;
  return row && { seq: Number(row.seq), hash: String(row.hash), mac: String(row.mac) };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** 23505 is PostgreSQL's unique_violation. A key that is there under another approval stays an error. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    error.constraint !== 'outbox_key_key'
  );
}

function quoted(name: string): string {
  return `"${name}"`;
}
