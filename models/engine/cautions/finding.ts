/** What cautions say of this patient: one card for a medicine and all that speaks against it, or for a theme and all its medicines. */
import type { Finding, Indicator, Input, LogicLine } from '../evaluation.ts';
import { SUMMARY } from '../headline.ts';
import { labelled } from '../rules/told.ts';
import type { Judged } from './judge.ts';

/** A caution that holds, with its finding. */
export interface Candidate {
  readonly judged: Judged;
  readonly finding: Finding;
}

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

/** A finding for each; those of one card share a key, and the one that leads it says in its headline what the others are about. */
export function findingsOf(held: readonly Judged[]): readonly Candidate[] {
  const groups = new Map<string, Judged[]>();
  for (const judged of [...held].sort(byRank))
    groups.set(keyOf(judged), [...(groups.get(keyOf(judged)) ?? []), judged]);
  return [...groups.entries()].flatMap(([mergeKey, group]) =>
    group.map((judged, index) => ({
      judged,
      finding: { ...findingOf(judged), summary: index === 0 ? headline(group) : summaryOf(judged), mergeKey },
    })),
  );
}

/** As `prioritise` ranks them, so that the headline is that of the finding which leads. */
function byRank(a: Judged, b: Judged): number {
  return TIER[a.caution.indicator] - TIER[b.caution.indicator] || (a.caution.id < b.caution.id ? -1 : 1);
}

function keyOf({ theme, caution, ingredients }: Judged): string {
  if (caution.mergeKey) return caution.mergeKey;
  if (theme.gather) return `caution/${theme.id}`;
  return `caution/${ingredients.map(({ rxcui }) => rxcui).join('+')}`;
}

function findingOf(judged: Judged): Finding {
  const { theme, caution, basis, inputs, concern } = judged;
  return {
    indicator: caution.indicator,
    summary: summaryOf(judged),
    detail: `${capital(namesOf(judged))}: ${caution.because}`,
    because: [...deciding(judged), ...inputs].slice(0, 2),
    action: { kind: 'note', text: fill(caution.action, namesOf(judged)) },
    logic: [
      { text: `Takes ${caution.medicine.label}`, held: 'met', value: inputs.map(({ label }) => label).join('; ') },
      logicOf(concern, deciding(judged)),
    ],
    basis,
    limitation: caution.limitation ?? theme.limitation,
    citations: caution.cite.flatMap((key) => theme.citations[key] ?? []),
  };
}

/** What is so in this patient: problems that are there, measurements and status; age only where nothing else is. */
function deciding({ seen }: Judged): readonly Input[] {
  const known = seen.resolved.flatMap((result) =>
    result.state === 'known' && result.value !== 'no' ? [result.input] : [],
  );
  const telling = known.filter(({ path }) => !path.startsWith('patient.'));
  return telling.length > 0 ? telling : known.filter(({ path }) => path === 'patient.age');
}

function logicOf(concern: string, inputs: readonly Input[]): LogicLine {
  const value = inputs.map((input) => (typeof input.value === 'number' ? labelled(input) : input.label)).join('; ');
  return { text: capital(concern), held: 'met', ...(value ? { value } : {}) };
}

/** The leading summary with what else the card is about, as far as that fits. */
function headline(group: readonly Judged[]): string {
  const [lead, ...others] = group;
  if (!lead) throw new RangeError('no caution in the group');
  const { gather } = lead.theme;
  if (gather && !lead.caution.mergeKey) return gathered(gather, group);
  const own = summaryOf(lead);
  const concerns = [...new Set(others.map(({ concern }) => concern))].filter((each) => each !== lead.concern);
  for (let shown = concerns.length; shown > 0; shown -= 1) {
    const more = concerns.length - shown;
    const text = `${own}; also ${concerns.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    if (text.length <= SUMMARY) return text;
  }
  return own;
}

function gathered(text: string, group: readonly Judged[]): string {
  const names = [...new Set(group.flatMap(({ ingredients }) => ingredients.map(({ name }) => name)))];
  for (let shown = names.length; shown > 0; shown -= 1) {
    const more = names.length - shown;
    const list = `${names.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const filled = text.replaceAll('{medicines}', list);
    if (filled.length <= SUMMARY) return filled;
  }
  return text.replaceAll('{medicines}', `${names.length} medicines`);
}

function summaryOf(judged: Judged): string {
  const filled = fill(judged.caution.summary, namesOf(judged));
  return filled.length <= SUMMARY ? filled : fill(judged.caution.summary, judged.caution.medicine.label);
}

/** `a`, `a and b`, `a, b and c`. */
function namesOf({ ingredients }: Judged): string {
  const names = ingredients.map(({ name }) => name);
  const last = names.at(-1) ?? '';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last;
}

function fill(text: string, medicine: string): string {
  return text.replaceAll('{medicine}', medicine);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
