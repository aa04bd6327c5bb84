/** "People like this patient": the row of a trained model's card that is about them, with its n. */

/** What was found in people of one sex, age band, and with or without a reason to test. Shares from 0 to 1. */
export interface PeopleRow {
  readonly sex: 'female' | 'male';
  /** Completed years, inclusive; no upper limit when `null`. */
  readonly ageFrom: number;
  readonly ageTo: number | null;
  readonly indicated: boolean;
  readonly n: number;
  readonly events: number;
  /** Too few to say: nothing but the counts is there. */
  readonly tooFew: boolean;
  readonly observed?: { readonly value: number; readonly ci95: readonly [number, number] };
  readonly predicted?: number;
}

/** A reason to test, over the model's inputs in their manifest units. */
export type Indication =
  | { readonly input: string; readonly atLeast: number }
  | { readonly input: string; readonly below: number };

/** The part of a card that holds the rows. */
export interface PeopleLike {
  readonly source: string;
  readonly found: string;
  readonly indicatedBy: readonly Indication[];
  readonly rows: readonly PeopleRow[];
}

/** Who the patient is, as far as rows tell people apart. `values`: the model's inputs by name. */
export interface Patient {
  /** Completed years. */
  readonly age: number;
  readonly sex: 'female' | 'male';
  readonly values: Readonly<Record<string, number>>;
}

/** The patient's row; nothing when no row is about such people, or when a reason to test cannot be told from the inputs. */
export function peopleLike({ rows, indicatedBy }: PeopleLike, { age, sex, values }: Patient): PeopleRow | undefined {
  const indicated = isIndicated(indicatedBy, values);
  if (indicated === undefined) return undefined;
  return rows.find(
    (row) =>
      row.sex === sex && row.indicated === indicated && age >= row.ageFrom && (row.ageTo === null || age <= row.ageTo),
  );
}

/** One reason that holds is enough; without any, all must be known not to hold. */
function isIndicated(reasons: readonly Indication[], values: Readonly<Record<string, number>>): boolean | undefined {
  const held = reasons.map((reason) => {
    const value = values[reason.input];
    if (value === undefined) return undefined;
    return 'below' in reason ? value < reason.below : value >= reason.atLeast;
  });
  if (held.includes(true)) return true;
  return held.includes(undefined) ? undefined : false;
}

/** The rows of a card, if it has any in this shape. A card is data: what is not well formed is not shown. */
export function peopleLikeOf(card: Readonly<Record<string, unknown>>): PeopleLike | undefined {
  const { peopleLike: held } = card;
  if (!isRecord(held) || typeof held.source !== 'string' || typeof held.found !== 'string') return undefined;
  const { source, found, indicatedBy, rows } = held;
  if (!Array.isArray(indicatedBy) || !indicatedBy.every(isIndication)) return undefined;
  if (!Array.isArray(rows) || !rows.every(isRow)) return undefined;
  return { source, found, indicatedBy, rows };
}

function isIndication(value: unknown): value is Indication {
  return (
    isRecord(value) &&
    typeof value.input === 'string' &&
    (typeof value.atLeast === 'number') !== (typeof value.below === 'number')
  );
}

function isRow(value: unknown): value is PeopleRow {
  if (!isRecord(value)) return false;
  const { sex, ageFrom, ageTo, indicated, n, events, tooFew, observed } = value;
  return (
    (sex === 'female' || sex === 'male') &&
    [ageFrom, n, events].every((number) => typeof number === 'number') &&
    (ageTo === null || typeof ageTo === 'number') &&
    [indicated, tooFew].every((flag) => typeof flag === 'boolean') &&
    // A row that is not "too few" has its share with an interval.
    (tooFew === true ||
      (isRecord(observed) &&
        typeof observed.value === 'number' &&
        Array.isArray(observed.ci95) &&
        observed.ci95.length === 2))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
