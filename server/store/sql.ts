/** The little SQL that SQLite and PostgreSQL both speak, so that what is small is written once and tried on both. */

/** A row as either driver gives it; PostgreSQL's 64-bit integers come as text. */
export type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null | undefined>>;

/** Runs one statement, durable when it settles: `$1`, `$2`, … in order, names in double quotes, `ON CONFLICT`, `RETURNING`. */
export type Sql = (text: string, ...values: readonly (string | number)[]) => Promise<readonly Row[]>;
