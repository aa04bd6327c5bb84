/** The outbox row as a table has it: the same columns in every database. */
import type { WriteState } from '../../launch/api.ts';
import type { Census, Move, OutboxRow } from './store.ts';

export const COLUMNS = [
  'key',
  'approvalId',
  'tenantId',
  'patientKey',
  'userKey',
  'intentKey',
  'payloadHash',
  'sealed',
  'state',
  'detail',
  'reference',
  'versionId',
  'approvedAt',
  'sentAt',
  'settledAt',
  'attempts',
  'absences',
] as const satisfies readonly (keyof OutboxRow)[];

/** What a driver gives for a column. */
type Value = string | number | bigint | Uint8Array | null | undefined;

export function toColumns(row: OutboxRow): (string | number | null)[] {
  return COLUMNS.map((name) => (name === 'sealed' ? row.sealed && JSON.stringify(row.sealed) : row[name]));
}

export function fromColumns(row: Readonly<Record<string, Value>>): OutboxRow {
  const text = (name: keyof OutboxRow) => (row[name] === null ? null : String(row[name]));
  return {
    key: String(row.key),
    approvalId: String(row.approvalId),
    tenantId: String(row.tenantId),
    patientKey: String(row.patientKey),
    userKey: String(row.userKey),
    intentKey: String(row.intentKey),
    payloadHash: String(row.payloadHash),
    sealed: row.sealed === null ? null : JSON.parse(String(row.sealed)),
    state: String(row.state) as WriteState,
    detail: text('detail'),
    reference: text('reference'),
    versionId: text('versionId'),
    approvedAt: String(row.approvedAt),
    sentAt: text('sentAt'),
    settledAt: text('settledAt'),
    attempts: Number(row.attempts),
    absences: Number(row.absences),
  };
}

/** `state`, `rows` and `oldest` as either driver counts them. */
export function censusOf(counted: Readonly<Record<string, Value>>): Census {
  const { state, rows, oldest } = counted;
  return { state: String(state) as WriteState, rows: Number(rows), oldest: String(oldest) };
}

/** The columns that a change sets, and their values in the same order. */
export function changed(set: Move['set']): { names: string[]; values: (string | number | null)[] } {
  const names = COLUMNS.filter((name) => name in set);
  return {
    names,
    values: names.map((name) => (set as Readonly<Record<string, string | number | null>>)[name] ?? null),
  };
}

/** One step of a schema, forward and back. A step that was released is never edited; the next one is added. */
export interface Migration {
  readonly up: string;
  readonly down: string;
}

/** The data and the program do not fit; the message says what to do, and quotes no data. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** From which version of its schema a database was taken to which. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** The steps from one version to another, in order. Throws where the data, or the wish, are of a newer version than the program. */
export function stepsBetween(migrations: readonly Migration[], { from, to }: Migrated): readonly string[] {
  if (to > migrations.length) throw new SchemaError(`store: this server knows versions up to ${migrations.length}`);
  if (from > migrations.length)
    throw new SchemaError(
      `store: the data are of a newer version (${from}) than this server (${migrations.length}). Start the newer server, or take the data back with it first`,
    );
  return from <= to
    ? migrations.slice(from, to).map(({ up }) => up)
    : migrations
        .slice(to, from)
        .reverse()
        .map(({ down }) => down);
}
