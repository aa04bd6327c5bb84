/** What the chart lacks, and what each of it would unlock: the most useful measurement comes first. */
import type { Evaluation, Missing } from '../../models/engine/evaluation.ts';
import type { Facts, SourceReport, Unread } from '../../models/engine/facts/facts.ts';
import type { Library } from '../../models/engine/library.ts';

/** One thing that is wanted and is not there. */
export interface Gap {
  readonly missing: Missing;
  /** What speaks as soon as this alone is known, by title. */
  readonly unlocks: readonly string[];
  /** The same, for a question that another model answers already. */
  readonly refines: readonly string[];
  /** What needs it, and needs something else as well. */
  readonly helps: readonly string[];
}

/** Everything that could not be used, in the groups of the panel. */
export interface Gaps {
  readonly wanted: readonly Gap[];
  /** Settings that whoever runs this server has not made. */
  readonly settings: readonly Gap[];
  readonly unread: readonly { readonly reason: Unread['reason']; readonly entries: readonly Unread[] }[];
  /** Sources that were not read in full. */
  readonly sources: readonly SourceReport[];
}

interface Scene {
  readonly evaluations: readonly Evaluation[];
  readonly library: Pick<Library, 'risk'> | undefined;
}

/** What only the clinician can say is no gap of the chart: it is asked under Risk. */
export function gapsOf(
  facts: Facts,
  evaluations: readonly Evaluation[],
  library: Pick<Library, 'risk'> | undefined,
): Gaps {
  const scene = { evaluations, library };
  const byPath = new Map<string, Counted>();
  for (const evaluation of evaluations) {
    const wants = wantsOf(evaluation, scene);
    const alone = siblingsOf(evaluation, scene).some(({ status }) => status === 'finding') ? 'refines' : 'unlocks';
    for (const missing of wants) {
      const gap = byPath.get(missing.path) ?? { missing, unlocks: new Map(), refines: new Map(), helps: new Map() };
      gap[wants.length === 1 ? alone : 'helps'].set(evaluation.id, {
        question: questionOf(evaluation, scene),
        title: shortTitle(evaluation.title),
      });
      byPath.set(missing.path, gap);
    }
  }
  const gaps = [...byPath.values()].sort(mostUnlockingFirst).map(({ missing, ...by }) => {
    const [unlocks, refines, helps] = [titles(by.unlocks), titles(by.refines), titles(by.helps)];
    return {
      missing,
      unlocks,
      refines: refines.filter((title) => !unlocks.includes(title)),
      helps: helps.filter((title) => !unlocks.includes(title) && !refines.includes(title)),
    };
  });
  return {
    wanted: gaps.filter(({ missing }) => !/^(asked|site)\./.test(missing.path)),
    settings: gaps.filter(({ missing }) => missing.path.startsWith('site.')),
    unread: byReason(facts.unread),
    sources: facts.sources.filter(({ state }) => state !== 'read' && state !== 'empty'),
  };
}

/** What stands between a piece of knowledge and its answer. A calculated value is replaced by what it would be made of. */
function wantsOf(evaluation: Evaluation, scene: Scene): readonly Missing[] {
  const { evaluations, library } = scene;
  const wants = [...lacking(evaluation), ...waitedFor(evaluation, scene)].flatMap((missing) => {
    const provider = library?.risk.find(({ provides }) => provides === missing.path);
    const made = provider && evaluations.find(({ id }) => id === provider.id);
    const parts = made ? lacking(made) : [];
    return parts.length > 0 ? parts : [missing];
  });
  return wants.filter(({ path }, index) => wants.findIndex((other) => other.path === path) === index);
}

function lacking(evaluation: Evaluation): readonly Missing[] {
  return evaluation.status === 'data-required' ? evaluation.missing.filter(({ required }) => required) : [];
}

/** An add-on that keeps quiet until its measurement is there does not complain of it; here it is told. */
function waitedFor(evaluation: Evaluation, scene: Scene): readonly Missing[] {
  if (evaluation.status !== 'not-applicable' || evaluation.because.code !== 'value-not-on-file') return [];
  // Where no other model of its question suits the patient, this one would not either.
  const siblings = siblingsOf(evaluation, scene);
  if (siblings.length > 0 && siblings.every(({ status }) => status === 'not-applicable')) return [];
  const model = scene.library?.risk.find(({ id }) => id === evaluation.id);
  const facts = (model?.population.onlyWith ?? []).flatMap((wanted) => wanted.facts);
  return evaluation.basis.missing.filter(({ path }) => facts.includes(path));
}

/** What the other models of the same question say. */
function siblingsOf({ id }: Evaluation, { evaluations, library }: Scene): readonly Evaluation[] {
  const family = library?.risk.find((model) => model.id === id)?.preference?.family;
  const others = (library?.risk ?? []).filter((model) => family && model.preference?.family === family);
  return evaluations.filter((other) => other.id !== id && others.some((model) => model.id === other.id));
}

/** One question of the physician: two models of one family are one, PREVENT over 10 and over 30 years are two. */
function questionOf({ id }: Evaluation, { library }: Scene): string {
  return library?.risk.find((model) => model.id === id)?.preference?.family ?? id;
}

interface Spoken {
  readonly question: string;
  readonly title: string;
}

/** A gap while it is counted, with what it would let speak by id. */
type Counted = { readonly missing: Missing } & Readonly<Record<'unlocks' | 'refines' | 'helps', Map<string, Spoken>>>;

function titles(spoken: ReadonlyMap<string, Spoken>): readonly string[] {
  return [...new Set([...spoken.values()].map(({ title }) => title))].sort();
}

function questions(spoken: ReadonlyMap<string, Spoken>): number {
  return new Set([...spoken.values()].map(({ question }) => question)).size;
}

function mostUnlockingFirst(a: Counted, b: Counted): number {
  return (
    questions(b.unlocks) - questions(a.unlocks) ||
    questions(b.refines) - questions(a.refines) ||
    questions(b.helps) - questions(a.helps) ||
    (a.missing.label < b.missing.label ? -1 : a.missing.label > b.missing.label ? 1 : 0)
  );
}

/** `PREVENT with UACR, 10-year risk` and its 30-year sister are one thing to unlock. */
function shortTitle(title: string): string {
  return title.replace(/, (?:\d+-year risk|\d+ variables)$/, '');
}

function byReason(unread: readonly Unread[]): Gaps['unread'] {
  const groups = new Map<Unread['reason'], Unread[]>();
  for (const entry of unread) groups.set(entry.reason, [...(groups.get(entry.reason) ?? []), entry]);
  return [...groups]
    .map(([reason, entries]) => ({ reason, entries }))
    .sort((a, b) => b.entries.length - a.entries.length || (a.reason < b.reason ? -1 : 1));
}
