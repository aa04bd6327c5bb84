/** `Kept` in a table of a database: each server finds what another has set, and a restart loses none of it. */
import type { Kept } from './kept.ts';
import type { Row, Sql } from './sql.ts';

/** Follows every key that begins with a prefix: ours are ASCII, and compared byte by byte. */
const BEYOND = '\uffff';

/** `table` has the columns `key`, `value` and `expiresAt`. `now` in epoch milliseconds. */
export function keptIn(sql: Sql, options: { readonly table: 'kept' | 'card'; readonly now: () => number }): Kept {
  const { table, now } = options;
  const value = ([row]: readonly Row[]) => (row ? String(row.value) : undefined);
  const put = `INSERT INTO ${table} ("key", "value", "expiresAt") VALUES ($1, $2, $3)
    ON CONFLICT ("key") DO UPDATE SET "value" = $2, "expiresAt" = $3`;
  const swap = `UPDATE ${table} SET "value" = $2, "expiresAt" = $3
    WHERE "key" = $1 AND "value" = $5 AND "expiresAt" > $4 RETURNING "key"`;

  return {
    get: async (key) =>
      value(await sql(`SELECT "value" FROM ${table} WHERE "key" = $1 AND "expiresAt" > $2`, key, now())),
    set: async (key, kept, expiresAt) => void (await sql(put, key, kept, Math.round(expiresAt))),
    take: async (key) =>
      value(await sql(`DELETE FROM ${table} WHERE "key" = $1 AND "expiresAt" > $2 RETURNING "value"`, key, now())),
    async replace(key, earlier, kept, expiresAt) {
      const values = [key, kept, Math.round(expiresAt), now()] as const;
      const set =
        earlier === undefined
          ? await sql(`${put} WHERE ${table}."expiresAt" <= $4 RETURNING "key"`, ...values)
          : await sql(swap, ...values, earlier);
      return set.length > 0;
    },
    async under(prefix) {
      const rows = await sql(
        `SELECT "key", "value" FROM ${table} WHERE "key" >= $1 AND "key" < $2 AND "expiresAt" > $3`,
        prefix,
        `${prefix}${BEYOND}`,
        now(),
      );
      return new Map(rows.map((row) => [String(row.key), String(row.value)]));
    },
    purge: async () => (await sql(`DELETE FROM ${table} WHERE "expiresAt" <= $1 RETURNING "key"`, now())).length,
  };
}
