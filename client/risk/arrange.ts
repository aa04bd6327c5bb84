/**
 * Forty models in the order in which a physician wants them: one number a question, grouped by organ; what she would have
 * to answer first, what waits for data, and what does not apply, each folded by itself. The order is that of the table
 * below and never that of the numbers, so that an answer moves nothing on the screen.
 */
import type { Evaluation, Missing } from '../../models/engine/evaluation.ts';
import type { Library, RiskModel } from '../../models/engine/library.ts';
import { questionsOf } from '../../models/engine/risk/questions.ts';

/** A model and what it says of this patient; nothing yet for a trained model that has not run. */
export interface Entry {
  readonly model: RiskModel;
  readonly evaluation: Evaluation | undefined;
}

/** Models that answer one question: the first is shown, the others are folded beside it. */
export interface Family {
  readonly id: string;
  readonly lead: Entry;
  readonly others: readonly Entry[];
}

/** A heading and what stands under it. */
export interface Topic<Item> {
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Arranged {
  /** Questions with a number, or with one that only an answer keeps back. */
  readonly numbers: readonly Topic<Family>[];
  /** Offered when the clinician asks for it: bedside scores, surgery, questionnaires. */
  readonly onRequest: readonly Topic<Entry>[];
  /** The chart lacks something. */
  readonly waiting: readonly Entry[];
  readonly silent: readonly Entry[];
}

/** Headings in their order; what they hold is named by family, or by id where a model has none. */
const topics: readonly { readonly title: string; readonly holds: readonly string[] }[] = [
  { title: 'Heart and vessels', holds: ['cardiovascular-10y', 'cardiovascular-30y'] },
  { title: 'Atrial fibrillation', holds: ['stroke-in-atrial-fibrillation', 'bleeding-in-atrial-fibrillation'] },
  { title: 'Kidney', holds: ['kidney-failure', 'egfr', 'hidden-albuminuria', 'creatinine-clearance'] },
  { title: 'Liver', holds: ['meld', 'child-pugh', 'fib-4'] },
];

const requests: readonly { readonly title: string; readonly holds: readonly string[] }[] = [
  { title: 'Acute illness', holds: ['news2', 'qsofa', 'sofa', 'curb-65', 'wells-pe', 'wells-dvt', 'tisdale'] },
  { title: 'Before surgery', holds: ['rcri', 'ariscat'] },
  { title: 'Questionnaires', holds: ['findrisc', 'gail-bcrat'] },
];

/** Models the table does not know, a hospital's own among them. */
const elsewhere = 'Other models';

/** `withdrawn`: ids of models whose number was taken back; they keep their place and give no lead. */
export function arrange(options: {
  readonly library: Pick<Library, 'risk'>;
  readonly evaluations: readonly Evaluation[];
  readonly withdrawn: ReadonlySet<string>;
}): Arranged {
  const { library, withdrawn } = options;
  const byId = new Map(options.evaluations.map((evaluation) => [evaluation.id, evaluation]));
  const entries = library.risk.map((model) => ({ model, evaluation: byId.get(model.id) }));
  const silent = entries.filter(isSilent).sort(byPlace);
  const speaking = entries.filter((entry) => !isSilent(entry));
  const asked = speaking.filter(({ model }) => !model.preference && isOffered(model));
  const families = familiesOf(
    speaking.filter((entry) => !asked.includes(entry)),
    withdrawn,
  );
  const shown = families.filter(({ lead }) => readiness(lead, withdrawn) <= 2);
  const waiting = families.filter((family) => !shown.includes(family));
  return {
    numbers: grouped(shown, topics, ({ id }) => id),
    onRequest: grouped(asked, requests, ({ model }) => model.id),
    waiting: waiting.flatMap(({ lead, others }) => [lead, ...others]),
    silent,
  };
}

/** Offered by a question of its own, whatever the chart holds. */
export function isOffered({ population }: RiskModel): boolean {
  return (population.onlyWith ?? []).some(({ facts }) => facts.some(isAsked));
}

/** Everything that is required and not there is for the clinician to say. */
export function onlyAnAnswerIsMissing({ evaluation }: Entry): boolean {
  if (evaluation?.status !== 'data-required') return false;
  const lacking = requiredOf(evaluation.missing);
  return lacking.length > 0 && lacking.every(({ path }) => isAsked(path));
}

/** What stands between a model and its number. */
export function requiredOf(missing: readonly Missing[]): readonly Missing[] {
  const required = missing.filter((each) => each.required);
  return required.length > 0 ? required : missing;
}

function isAsked(path: string): boolean {
  return path.startsWith('asked.');
}

/** Has nothing to say of this patient, and no answer would change that. */
function isSilent(entry: Entry): boolean {
  const { evaluation } = entry;
  return (
    evaluation?.status === 'not-applicable' && evaluation.because.code !== 'on-request' && !isRefusedByAnAnswer(entry)
  );
}

/** An answer that the equation is not for stays where it can be changed. */
function isRefusedByAnAnswer({ evaluation }: Entry): boolean {
  if (evaluation?.status !== 'not-applicable' || evaluation.because.code !== 'input-outside-range') return false;
  const { because, basis } = evaluation;
  return isAsked(because.path ?? '') || [...basis.used, ...basis.excluded].some(({ path }) => isAsked(path));
}

function familiesOf(entries: readonly Entry[], withdrawn: ReadonlySet<string>): readonly Family[] {
  const byFamily = new Map<string, Entry[]>();
  for (const entry of entries) {
    const id = entry.model.preference?.family ?? entry.model.id;
    byFamily.set(id, [...(byFamily.get(id) ?? []), entry]);
  }
  const place = (entry: Entry) => readiness(entry, withdrawn);
  return [...byFamily].flatMap(([id, members]) => {
    const [lead, ...others] = members.sort((a, b) => place(a) - place(b) || byPreference(a, b));
    return lead ? [{ id, lead, others }] : [];
  });
}

/**
 * A number from the chart; one that answers give or would give; taken back or failed; waiting; on request. An answer
 * changes no model's place: the block under the finger stays the one that was tapped.
 */
function readiness(entry: Entry, withdrawn: ReadonlySet<string>): number {
  const { model, evaluation } = entry;
  if (withdrawn.has(model.id) || evaluation?.status === 'failure') return 2;
  if (evaluation?.status === 'finding') return questionsOf(model).length > 0 ? 1 : 0;
  if (onlyAnAnswerIsMissing(entry) || isRefusedByAnAnswer(entry)) return 1;
  return evaluation?.status === 'not-applicable' ? 4 : 3;
}

function byPreference(a: Entry, b: Entry): number {
  const order = ({ model }: Entry) => model.preference?.order ?? 0;
  return order(a) - order(b) || compare(a.model.id, b.model.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPlace(a: Entry, b: Entry): number {
  return placeOf(a) - placeOf(b) || byPreference(a, b);
}

const places = [...topics, ...requests].flatMap(({ holds }) => holds);

function placeOf({ model }: Entry): number {
  const place = places.indexOf(model.preference?.family ?? model.id);
  return place < 0 ? places.length : place;
}

function grouped<Item>(
  items: readonly Item[],
  headings: typeof topics,
  nameOf: (item: Item) => string,
): readonly Topic<Item>[] {
  const known = headings.map(({ title, holds }) => ({
    title,
    items: items
      .filter((item) => holds.includes(nameOf(item)))
      .sort((a, b) => holds.indexOf(nameOf(a)) - holds.indexOf(nameOf(b))),
  }));
  const unknown = items.filter((item) => !headings.some(({ holds }) => holds.includes(nameOf(item))));
  return [...known, { title: elsewhere, items: unknown }].filter((topic) => topic.items.length > 0);
}
