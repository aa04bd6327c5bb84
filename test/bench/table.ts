/** Figures side by side with what they should be: a ratio of 1 or less holds. */

/** One figure. `atLeast` marks those that should be large. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly budget: number;
  readonly unit: string;
  readonly atLeast?: true;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** How a figure stands to its budget: below 1 is better than asked. */
export function ratio({ measured, budget, atLeast }: Row): number {
  return atLeast ? budget / measured : measured / budget;
}

/** A table in plain text. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3)).padStart(8);
  const head = `${'figure'.padEnd(width)}  ${'measured'.padStart(8)}  ${'budget'.padStart(8)}  unit      ratio`;
  const lines = rows.map(
    (row) =>
      `${row.what.padEnd(width)}  ${number(row.measured)}  ${number(row.budget)}  ${row.unit.padEnd(8)}  ${ratio(row).toFixed(2)}${ratio(row) > 1 ? '  over' : ''}`,
  );
  return [head, ...lines].join('\n');
}

/** Medians of several runs of a function, in milliseconds, after some that warm it up. */
export async function timed(runs: number, warm: number, work: () => unknown): Promise<number> {
  for (let index = 0; index < warm; index += 1) await work();
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}
