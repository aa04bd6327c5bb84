/** A plan as plain text, for the clipboard: what was tried and what it would change. Says that nothing was ordered. */
import type { NotChecked } from '../evaluation.ts';
import type { MedicationFact } from '../facts/facts.ts';
import type { Change } from './difference.ts';
import type { Plan } from './plan.ts';

/** @param asOf ISO date of the drug table @param digest of the library */
export function planText({
  plan,
  medicines,
  changes,
  notChecked,
  library,
  made,
}: {
  readonly plan: Plan;
  /** The chart's list. */
  readonly medicines: readonly MedicationFact[];
  readonly changes: readonly Change[];
  readonly notChecked: readonly NotChecked[];
  readonly library: { readonly digest: string; readonly asOf: string };
  /** ISO date and time */
  readonly made: string;
}): string {
  const off = medicines.filter(({ sources }) => sources.some((source) => plan.off.includes(source)));
  const lines = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => `- ${item}`), ''];
  const of = (is: Change['is']) => changes.filter((change) => change.is === is);
  return [
    'MEDICINES CONSIDERED (simulated: nothing was ordered, stopped or written to the chart)',
    `Made ${made}`,
    '',
    ...lines(
      'Without:',
      off.map(({ text }) => text),
    ),
    ...lines(
      'With:',
      plan.added.map(({ text }) => text),
    ),
    ...lines(
      'New:',
      of('new').map(({ finding }) => finding.summary),
    ),
    ...lines(
      'Changed:',
      of('changed').map((change) =>
        change.is === 'changed' ? `${change.finding.summary} (was: ${change.before.summary})` : '',
      ),
    ),
    ...lines(
      'No longer:',
      of('gone').map(({ finding }) => finding.summary),
    ),
    ...(changes.length === 0 ? ['No check changes.', ''] : []),
    ...lines(
      'Not checked:',
      notChecked.map(({ text, reason }) => `${text} (${reason})`),
    ),
    `Drugs known as of ${library.asOf}; library ${library.digest.slice(0, 19)}.`,
  ].join('\n');
}
