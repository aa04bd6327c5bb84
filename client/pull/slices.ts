/**
 * A search that the EHR cut short without naming a further page, asked again by periods of time: Epic sends 100 results
 * and no more, in an order of its own. A period that is cut short again is halved.
 */

const DAY_MS = 86_400_000;
const YEAR_MS = 365.25 * DAY_MS;
/** Years before now between the first periods; most of a chart is recent. */
const YEARS = [0.25, 1, 3, 10];
/** Periods asked of one search, and how many at a time. */
const MOST = 32;
const AT_ONCE = 4;
/** Nothing in a chart is older. */
const BEGINNING_MS = 130 * YEAR_MS;

/** By type: the search parameter that tells when. Types of which undated entries count are sliced as well, and stay incomplete. */
export const DATED_BY: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'date',
  Condition: 'recorded-date',
  MedicationAdministration: 'effective-time',
  MedicationRequest: 'authoredon',
  Observation: 'date',
  Procedure: 'date',
};

/** From `start` up to but without `end`, in milliseconds; without an end it goes on. */
interface Period {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

export interface Slicing {
  readonly parameter: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asks with these further parameters (`date=ge2026-01-01&date=lt2026-07-01`); true when that was cut short as well. */
  readonly ask: (further: string) => Promise<boolean>;
}

/** Resolves to whether every period came whole. Rejects with the first failure; what came before it was taken. */
export async function readInSlices({ parameter, now, ask }: Slicing): Promise<boolean> {
  const bounds = YEARS.map((years) => now - years * YEAR_MS);
  const queue: Period[] = [undefined, ...bounds].map((end, index) => ({ start: bounds[index], end }));
  let asked = 0;
  let whole = true;
  const readOn = async (): Promise<void> => {
    for (let period = queue.shift(); period !== undefined; period = queue.shift()) {
      asked += 1;
      if (asked > MOST) {
        whole = false;
        return;
      }
      if (!(await ask(inWords(parameter, period)))) continue;
      const halves = halved(period, now);
      if (halves) queue.unshift(...halves);
      else whole = false;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  return whole;
}

function inWords(parameter: string, { start, end }: Period): string {
  return [
    ...(start === undefined ? [] : [`${parameter}=ge${day(start)}`]),
    ...(end === undefined ? [] : [`${parameter}=lt${day(end)}`]),
  ].join('&');
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Two periods, the later first; `undefined` when one day is too much for one answer. */
function halved({ start, end }: Period, now: number): readonly Period[] | undefined {
  const from = start ?? now - BEGINNING_MS;
  // Results may be dated some hours ahead of this clock.
  const to = end ?? now + DAY_MS;
  if (to - from < 2 * DAY_MS) return undefined;
  const middle = start === undefined ? to - Math.min((to - from) / 2, 15 * YEAR_MS) : from + (to - from) / 2;
  return [
    { start: middle, end },
    { start, end: middle },
  ];
}
