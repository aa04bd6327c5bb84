/**
 * One voice a pair: of all that the library says about two medicines, the most fitting entry leads and the others lend
 * their citations. Pairs that one entry leads become one finding, an object at a time unless the entry is about a group.
 */
import type { Indicator } from '../evaluation.ts';
import type { Interaction, Library } from '../library.ts';
import type { Citation } from '../measured.ts';
import { type Entry, specificity } from './entries.ts';
import { labelId, labelInteraction, labelTier } from './label.ts';
import { type Pair, type PairOfParts, type Part, pairOf } from './match.ts';

/** An interaction that the patient has, with the medicines it leads. */
export interface Held {
  /** Of the evaluation; the same whatever else is on the list. */
  readonly id: string;
  readonly interaction: Interaction;
  /** The card that it goes to. */
  readonly mergeKey: string;
  readonly pair: Pair;
  /** That a medicine belongs here is recalled: never `critical`. */
  readonly recalled: readonly string[];
  /** Of the entries that gave way. */
  readonly citations: readonly Citation[];
}

interface Voice extends PairOfParts {
  readonly id: string;
  readonly tier: Indicator;
  readonly recalled: boolean;
  readonly weight: number;
  readonly closeness: number;
}

/** The interactions of this list, each pair of medicines in exactly one of them. */
export function leadingInteractions(pairs: readonly PairOfParts[], library: Library): readonly Held[] {
  const groups = new Map<string, { readonly lead: Voice[]; readonly others: Voice[] }>();
  for (const voices of byTwo(pairs.map((pair) => voiceOf(pair, library))).values()) {
    const [lead, ...others] = voices.sort(byRank);
    if (!lead) continue;
    const key = groupOf(lead);
    const group = groups.get(key) ?? { lead: [], others: [] };
    groups.set(key, group);
    group.lead.push(lead);
    group.others.push(...others);
  }
  return [...groups].map(([key, group]) => held(key, group, library)).sort((a, b) => compare(a.id, b.id));
}

function voiceOf(pair: PairOfParts, library: Library): Voice {
  const { of } = pair.entry;
  const bare = of.kind === 'written' ? of.interaction.indicator : labelTier(of.fact, library);
  const recalled = pair.object.belonging.recalled || pair.precipitant.belonging.recalled;
  const tier = recalled && bare === 'critical' ? 'warning' : bare;
  const closeness = specificity(pair.object.belonging) + specificity(pair.precipitant.belonging);
  const id = of.kind === 'written' ? of.interaction.id : labelId(of.fact, pair.object.ingredient.rxcui, tier);
  const { entry, object, precipitant } = pair;
  return { entry, object, precipitant, id, recalled, tier, closeness, weight: weightOf(of, closeness) };
}

/** Voices about the same two ingredients, whichever is called the object. */
function byTwo(voices: readonly Voice[]): ReadonlyMap<string, Voice[]> {
  const two = new Map<string, Voice[]>();
  for (const voice of voices) {
    const [a, b] = [voice.object.ingredient.rxcui, voice.precipitant.ingredient.rxcui];
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const list = two.get(key);
    if (list) list.push(voice);
    else two.set(key, [voice]);
  }
  return two;
}

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

/** A bare `critical` is never outvoted; then what weighs more, then who is about these very drugs. */
function byRank(a: Voice, b: Voice): number {
  return (
    Number(b.tier === 'critical') - Number(a.tier === 'critical') ||
    b.weight - a.weight ||
    b.closeness - a.closeness ||
    Number(b.entry.of.kind === 'written') - Number(a.entry.of.kind === 'written') ||
    TIER[a.tier] - TIER[b.tier] ||
    compare(a.id, b.id) ||
    compare(keyOf(a), keyOf(b))
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Written for these drugs or with this patient's facts in mind comes first, then a label that asks for something, then
 * what is written of their classes. A label that only mentions the pair, or a mechanism alone, comes last.
 */
function weightOf(of: Entry['of'], closeness: number): number {
  if (of.kind === 'label')
    return of.fact.relation.startsWith('monitor') || of.fact.relation.startsWith('separate') ? 0 : 2;
  if (closeness < 2) return 0;
  return of.interaction.modifiers.length > 0 || closeness === 4 ? 3 : 1;
}

/** A written entry whose merge key has no slash is about a group; any other makes one finding an object. */
function groupOf(voice: Voice): string {
  const { id, entry } = voice;
  const { of } = entry;
  const about = of.kind === 'label' || isOfGroup(of.interaction) ? id : `${id}/${voice.object.ingredient.rxcui}`;
  // What rests on recall stands apart, so that it neither lowers the others nor borrows their tier; of a label fact
  // the tier is part of the id.
  return voice.recalled && mayInterrupt(entry) ? `${about}/recalled` : about;
}

function mayInterrupt({ of }: Entry): boolean {
  if (of.kind === 'label') return false;
  return [of.interaction, ...of.interaction.modifiers].some(({ indicator }) => indicator === 'critical');
}

function isOfGroup({ mergeKey }: Interaction): boolean {
  return mergeKey !== undefined && !mergeKey.includes('/');
}

function held(
  id: string,
  { lead, others }: { readonly lead: readonly Voice[]; readonly others: readonly Voice[] },
  library: Library,
): Held {
  const ordered = [...lead].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const [first] = ordered;
  if (!first) throw new RangeError('a group without a pair');
  const recalled = lead.flatMap(({ object, precipitant }) =>
    [object, precipitant].filter(({ belonging }) => belonging.recalled).map(({ ingredient }) => ingredient.name),
  );
  const citations = [...lead, ...others].flatMap(({ entry }) => citationsOf(entry, library));
  const interaction = interactionOf(first, library);
  return {
    id,
    interaction,
    mergeKey: mergeKeyOf(first, interaction),
    pair: pairOf(ordered),
    recalled: [...new Set(recalled)].sort(),
    citations: [...new Set(citations)],
  };
}

function keyOf({ object, precipitant }: Voice): string {
  const of = ({ ingredient }: Part) => `${ingredient.name} ${ingredient.rxcui}`;
  return `${of(object)} ${of(precipitant)}`;
}

function interactionOf({ entry: { of }, object: { ingredient } }: Voice, library: Library): Interaction {
  if (of.kind === 'written') return of.interaction;
  return labelInteraction(of.fact, { library, name: ingredient.name, object: ingredient.rxcui });
}

/** What is written of a class goes to a card of the object that the patient takes; a label says it of its own object. */
function mergeKeyOf({ entry: { of }, object: { ingredient } }: Voice, interaction: Interaction): string {
  const { id, mergeKey = id } = interaction;
  if (of.kind === 'label' || isOfGroup(interaction)) return mergeKey;
  return `${ingredient.rxcui}/${mergeKey.slice(mergeKey.lastIndexOf('/') + 1)}`;
}

function citationsOf({ of }: Entry, { labels }: Library): readonly Citation[] {
  if (of.kind === 'written') return of.interaction.citations;
  const citation = labels?.sources[of.fact.source];
  return citation ? [citation] : [];
}
