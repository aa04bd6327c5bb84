/** How resolved facts are told: used, stale, missing, excluded. */
import type { EvaluationBasis, Input, Missing } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Resolved } from '../resolve.ts';
import type { Answer } from './question.ts';

/** The four groups of a result's inputs. */
export function basisOf(resolved: readonly Resolved[]): EvaluationBasis {
  const used: Input[] = [];
  const stale: Input[] = [];
  const missing: Missing[] = [];
  const excluded: EvaluationBasis['excluded'][number][] = [];
  for (const result of resolved) {
    if (result.state === 'known') used.push(result.input);
    const absent = result.state === 'known' ? onlyBound(result.input) : result.missing;
    if (!absent) continue;
    missing.push(absent);
    if (absent.last && absent.absence === 'stale') stale.push(absent.last);
    if (absent.last && absent.absence === 'extreme') excluded.push({ ...absent.last, reason: absent.text });
  }
  return { used, stale, missing, excluded };
}

/** A bare bound (`<0.4`) is wanting too: it is no number to compare. */
function onlyBound(input: Input): Missing | undefined {
  const { path, label, comparator, value } = input;
  if (comparator === undefined) return undefined;
  const text = `${label}: only a bound is known (${comparator}${value})`;
  return { path, label, absence: 'unread', text, required: false, last: input };
}

/** A medicine as shown on a card: its dose as the chart says it, since when, and how it was recognised. */
export function medicineInput(path: string, medicine: MedicationFact): Input {
  const notes = [
    ...(medicine.resolution === 'by-name' ? ['recognised by its name, not by a code'] : []),
    ...(medicine.reported ? ['reported, not ordered here'] : []),
    ...(medicine.route === 'unknown' ? ['route not stated, taken as systemic'] : []),
    ...(medicine.state === 'planned' ? ['planned'] : []),
    ...(medicine.state === 'recently-stopped' ? ['stopped lately'] : []),
    ...(medicine.state === 'unknown' ? ['whether it is being taken is not stated'] : []),
  ];
  return {
    path,
    label: medicine.ingredients.map(({ name }) => name).join(' / ') || medicine.text,
    value: medicine.dosageText ?? medicine.text,
    ...(medicine.start ? { effective: medicine.start } : {}),
    sources: medicine.sources,
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

// One medicine stands in many findings.
const listed = new WeakMap<Facts, Map<MedicationFact, Input>>();

/** A medicine of the list, under its place there: `medication[3]`. */
export function listedInput(medicine: MedicationFact, facts: Facts): Input {
  const inputs = listed.get(facts) ?? new Map<MedicationFact, Input>();
  listed.set(facts, inputs);
  const input = inputs.get(medicine) ?? medicineInput(`medication[${facts.medication.indexOf(medicine)}]`, medicine);
  inputs.set(medicine, input);
  return input;
}

/** The medicines and what the questions saw, each fact once; what is missing matters only where a question stayed open for it. */
export function basisOfAnswers(medicines: readonly Input[], answers: readonly Answer[]): EvaluationBasis {
  const { used, stale, missing, excluded } = basisOf(
    answers.flatMap(({ seen, truth }) =>
      truth === 'unknown' ? seen.resolved : seen.resolved.filter(({ state }) => state === 'known'),
    ),
  );
  return {
    used: onceByPath([...medicines, ...used]),
    stale: onceByPath(stale),
    missing: onceByPath(missing),
    excluded: onceByPath(excluded),
  };
}

/** The first of each path. */
export function onceByPath<T extends { readonly path: string }>(list: readonly T[]): readonly T[] {
  if (list.length < 2) return list;
  const paths = new Set<string>();
  return list.filter(({ path }) => !paths.has(path) && paths.add(path));
}
