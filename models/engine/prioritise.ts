/** From evaluations to what a physician is shown: merged, ranked, and honest about what was not checked. */
import type {
  Evaluation,
  EvaluationBasis,
  EvaluationKind,
  Finding,
  Indicator,
  Missing,
  NotChecked,
  Prioritised,
  Recommendation,
} from './evaluation.ts';
import type { Facts, SourceReport } from './facts/facts.ts';

/** How many findings that are not critical are shown at once. */
const OTHERS_TODAY = 3;

/**
 * Extreme values to verify first, then every `critical`, then up to three others that ask for something; the rest
 * in order. The order depends on the findings alone, never on the order they came in.
 */
export function prioritise(evaluations: readonly Evaluation[], facts: Facts): Prioritised {
  const candidates = evaluations.flatMap(found);
  const ranked = merge(candidates.filter((candidate) => !preferredTo(candidate, candidates))).sort(byRank);
  const first = ranked.filter(isFirst);
  const asking = ranked
    .filter((candidate) => !isFirst(candidate) && asksForSomething(candidate))
    .slice(0, OTHERS_TODAY);
  const today = [...first, ...asking];
  return {
    today: today.map(recommendation),
    others: ranked.filter((candidate) => !today.includes(candidate)).map(recommendation),
    suppressed: [...silent(evaluations), ...besides(candidates)].sort((a, b) => compare(a.id, b.id)),
    notChecked: [...sources(facts), ...medicines(facts), ...wanting(evaluations), ...failures(evaluations)],
  };
}

/** A finding on its way: what it came from, and from which kind of knowledge. */
interface Candidate {
  readonly from: readonly string[];
  readonly kind: EvaluationKind;
  readonly finding: Finding;
}

function found(evaluation: Evaluation): readonly Candidate[] {
  if (evaluation.status !== 'finding') return [];
  return [{ from: [evaluation.id], kind: evaluation.kind, finding: evaluation.finding }];
}

function silent(evaluations: readonly Evaluation[]): Prioritised['suppressed'] {
  return evaluations.flatMap((evaluation) =>
    evaluation.status === 'not-applicable' ? [{ id: evaluation.id, because: evaluation.because.text }] : [],
  );
}

/** Of several answers to one question one is shown first; the others stay in the list of all models. */
function besides(candidates: readonly Candidate[]): Prioritised['suppressed'] {
  return candidates.flatMap((candidate) =>
    preferredTo(candidate, candidates)
      ? candidate.from.map((id) => ({ id, because: 'Another model of the same question is shown first' }))
      : [],
  );
}

/** Does another finding of its family come first? Only information gives way: advice is never hidden by preference. */
function preferredTo({ finding }: Candidate, candidates: readonly Candidate[]): boolean {
  const { preference, indicator, action } = finding;
  if (!preference || indicator !== 'info' || action) return false;
  return candidates.some(
    ({ finding: { preference: other } }) => other?.family === preference.family && other.order < preference.order,
  );
}

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };
const KIND: Readonly<Record<EvaluationKind, number>> = {
  'extreme-value': 0,
  allergy: 1,
  // Of one tier a burden leads the pairs that are part of it.
  burden: 2,
  interaction: 3,
  caution: 4,
  injury: 4,
  duplicate: 5,
  companion: 6,
  dosing: 7,
  gene: 8,
  exposure: 9,
  rule: 10,
  monitoring: 11,
  dose: 8,
  risk: 12,
};

function byRank(a: Candidate, b: Candidate): number {
  return (
    Number(b.finding.verifyFirst ?? false) - Number(a.finding.verifyFirst ?? false) ||
    TIER[a.finding.indicator] - TIER[b.finding.indicator] ||
    Number(b.finding.action !== undefined) - Number(a.finding.action !== undefined) ||
    KIND[a.kind] - KIND[b.kind] ||
    compare(a.from.join(), b.from.join())
  );
}

/** By code unit: the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isFirst({ finding }: Candidate): boolean {
  return finding.verifyFirst === true || finding.indicator === 'critical';
}

/**
 * A warning, or information with something to do; a number by itself waits in its own section. What is merely to be
 * known of a medicine waits there too: of ten medicines there is always something to know.
 */
function asksForSomething({ finding, kind }: Candidate): boolean {
  return finding.indicator === 'warning' || (finding.action !== undefined && (kind === 'rule' || kind === 'risk'));
}

/** Findings about the same thing become one: the highest tier leads, and the reasons and sources of all are kept. */
function merge(candidates: readonly Candidate[]): Candidate[] {
  const groups = new Map<string, Candidate[]>();
  const keys = new Set(candidates.flatMap(({ finding: { mergeKey } }) => mergeKey ?? []));
  for (const candidate of [...candidates].sort(byRank)) {
    const key = cardOf(candidate, keys);
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  return [...groups.values()].flatMap(([lead, ...rest]) => (lead ? [rest.reduce(join, lead)] : []));
}

/** What the level of one drug leads to: a pair that raises it, a gene that does and the predicted ratio are one matter. */
const OF_LEVEL = ['activation', 'muscle', 'exposure', 'loss', 'toxicity'];

function cardOf({ finding, kind, from }: Candidate, keys: ReadonlySet<string>): string {
  // A value that may be wrong keeps its own card: nothing that reasons from values may hide in it.
  if (finding.verifyFirst || !finding.mergeKey) return `alone/${from.join()}`;
  const [drug] = finding.mergeKey.split('/');
  if (kind !== 'gene' && kind !== 'exposure') return finding.mergeKey;
  return OF_LEVEL.map((mechanism) => `${drug}/${mechanism}`).find((key) => keys.has(key)) ?? finding.mergeKey;
}

function join(lead: Candidate, other: Candidate): Candidate {
  const [a, b] = [lead.finding, other.finding];
  return {
    from: [...lead.from, ...other.from],
    kind: lead.kind,
    finding: {
      ...a,
      detail: distinct([a.detail, b.detail]).join(' '),
      because: distinctBy([...a.because, ...b.because], ({ path }) => path).slice(0, 2),
      logic: [...a.logic, ...b.logic],
      basis: joinBasis(a.basis, b.basis),
      limitation: distinct([a.limitation, b.limitation]).join(' '),
      citations: distinctBy([...a.citations, ...b.citations], ({ text }) => text),
      ...(a.action === undefined && b.action ? { action: b.action } : {}),
    },
  };
}

function joinBasis(a: EvaluationBasis, b: EvaluationBasis): EvaluationBasis {
  return {
    used: distinctBy([...a.used, ...b.used], JSON.stringify),
    stale: distinctBy([...a.stale, ...b.stale], JSON.stringify),
    missing: distinctBy([...a.missing, ...b.missing], ({ path, text }) => `${path} ${text}`),
    excluded: distinctBy([...a.excluded, ...b.excluded], JSON.stringify),
  };
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}

function distinctBy<T>(list: readonly T[], key: (item: T) => string): readonly T[] {
  const keys = list.map(key);
  return list.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

function recommendation({ from, finding }: Candidate): Recommendation {
  return {
    id: `${from.join('+')}:${finding.indicator}`,
    indicator: finding.indicator,
    summary: finding.summary,
    finding,
    from,
  };
}

const SOURCE: Readonly<Record<string, string>> = {
  laboratory: 'Laboratory results',
  'vital-signs': 'Vital signs',
  'social-history': 'Smoking and other social history',
  conditions: 'Problem list',
  allergies: 'Allergies',
  medications: 'Medication list',
  patient: 'Patient record',
};

const STATE: Readonly<Partial<Record<SourceReport['state'], string>>> = {
  incomplete: 'only part of it arrived',
  refused: 'the EHR refused it',
  failed: 'it could not be read',
  'not-asked': 'it was not asked for',
  pending: 'it has not arrived yet',
};

function sources({ sources: reports }: Facts): readonly NotChecked[] {
  return reports
    .filter(({ behind }) => !behind)
    .flatMap(({ id, state, reason }) => {
      const words = STATE[state];
      return words ? [{ text: SOURCE[id] ?? id, reason: reason ? `${words}: ${reason}` : words }] : [];
    });
}

function medicines({ medication }: Facts): readonly NotChecked[] {
  return medication.flatMap(({ text, state, resolution }) =>
    resolution === 'unresolved' && state !== 'stopped'
      ? [{ text: `${text}: not checked for interactions`, reason: 'not recognised as a medicine' }]
      : [],
  );
}

/** Knowledge that lacks the same data is told in one line. */
function wanting(evaluations: readonly Evaluation[]): readonly NotChecked[] {
  const titles = new Map<string, string[]>();
  for (const evaluation of [...evaluations].sort((a, b) => compare(a.id, b.id))) {
    if (evaluation.status !== 'data-required' || !awaited(evaluation.missing)) continue;
    const needed = evaluation.missing.filter(({ required }) => required);
    const reason = distinct((needed.length > 0 ? needed : evaluation.missing).map(({ text }) => text)).join('; ');
    titles.set(reason, [...(titles.get(reason) ?? []), evaluation.title]);
  }
  return [...titles].map(([reason, of]) => ({ text: distinct(of).join(', '), reason }));
}

/**
 * A model that this site has not set up, or that waits for a question to be answered, is offered elsewhere; its silence
 * leaves no gap in what was checked.
 */
function awaited(missing: readonly Missing[]): boolean {
  return !missing.some(({ path }) => path.startsWith('site.') || path.startsWith('asked.'));
}

function failures(evaluations: readonly Evaluation[]): readonly NotChecked[] {
  return evaluations
    .flatMap((evaluation) =>
      evaluation.status === 'failure' ? [{ text: evaluation.title, reason: evaluation.error.message }] : [],
    )
    .sort((a, b) => compare(a.text, b.text));
}
