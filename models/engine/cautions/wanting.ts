/** Cautions that stayed open, told once for each fact that is wanting and not once for each caution. */
import type { Evaluation, Missing } from '../evaluation.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { placeOf } from '../rules/view.ts';
import type { CautionScene, Judged } from './judge.ts';

interface Open {
  readonly missing: Missing;
  readonly judged: Judged[];
}

/** One evaluation per wanting fact, naming the medicines that wait for it. */
export function wantingOf(open: readonly Judged[], scene: CautionScene): Evaluation[] {
  const groups = new Map<string, Open>();
  for (const judged of open) {
    for (const missing of missingOf(judged, scene)) {
      const group = groups.get(missing.text) ?? { missing, judged: [] };
      group.judged.push(judged);
      groups.set(missing.text, group);
    }
  }
  return [...groups.values()].map(({ missing, judged }) => ({
    id: `caution/${missing.path}`,
    kind: 'caution',
    title: `Cautions about ${namesOf(judged)}`,
    version: '1.0.0',
    status: 'data-required',
    missing: [missing],
    basis: { used: [], stale: [], missing: [missing], excluded: [] },
  }));
}

/** The facts that the expression names and that are not there; of a problem list that did not arrive, the list. */
function missingOf({ when, basis }: Judged, scene: CautionScene): readonly Missing[] {
  const named = basis.missing.filter(({ path }) => when.includes(placeOf(path).join('.')));
  const missing = withoutReported(named.length > 0 ? named : basis.missing).map((each) =>
    isCondition(each.path) ? (problemList(scene) ?? each) : each,
  );
  const required = missing.map((each) => ({ ...each, required: true }));
  return required.length > 0 ? required : [UNKNOWN];
}

/** The eGFR that the laboratory reports is a second choice: it is the creatinine that is wanted. */
function withoutReported(missing: readonly Missing[]): readonly Missing[] {
  const derived = missing.flatMap(({ path }) => (path.startsWith('derived.') ? [path.replace('derived.', '')] : []));
  return missing.filter(({ path }) => !derived.some((key) => path === `observation.${key}`));
}

const UNKNOWN: Missing = {
  path: 'medication',
  label: 'Dose or start',
  absence: 'empty',
  text: 'Daily dose or start date: not in the chart',
  required: true,
};

function isCondition(path: string): boolean {
  return path.startsWith('condition.') || path.startsWith('history.');
}

function problemList({ facts }: CautionScene): Missing | undefined {
  const state = worstState(facts.sources, ['conditions']);
  const binding = { fact: 'condition', label: 'Problem list', required: true };
  return readInFull(state) ? undefined : absentBySource(binding, state);
}

function namesOf(judged: readonly Judged[]): string {
  const names = judged.flatMap(({ ingredients }) => ingredients.map(({ name }) => name));
  return [...new Set(names)].sort().join(', ');
}
