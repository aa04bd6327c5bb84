/** A label fact as an interaction: its tier, its sentences, and what the daily dose or a diagnosis changes. */
import type { Indicator } from '../evaluation.ts';
import type { Interaction, LabelFact, Library, Modifier } from '../library.ts';
import type { Citation } from '../measured.ts';
import { BURDEN_OF, EFFECTS, MECHANISMS, SENTENCES } from './label-words.ts';

/** What is needed of the two sides to say it. */
export interface LabelScene {
  readonly library: Library;
  /** Name of the object. */
  readonly name: string;
  /** RxCUI of the object. */
  readonly object: string;
}

/**
 * The tier of the bare pair. `critical` only where a label that was seen contraindicates or boxes it for everyone and
 * not for some patients alone.
 */
export function labelTier(fact: LabelFact, library: Library): Indicator {
  const everyone = fact.only === undefined;
  switch (fact.relation) {
    case 'contraindicated':
    case 'boxed':
      return everyone && isSeen(citationOf(fact, library)) ? 'critical' : 'warning';
    case 'avoid':
    case 'adjust-dose':
    case 'dose-cap':
      return 'warning';
    case 'monitor-closely':
      return everyone ? 'warning' : 'info';
    case 'monitor':
      return 'info';
    case 'separate-administration':
      // Less is absorbed: an hour's matter. Anything else that keeping apart must prevent is graver.
      return /^(?:absorption|exposure|effect|partner)/.test(fact.effect) ? 'info' : 'warning';
  }
}

/** Facts with the same key about one object say the same thing and make one finding, whatever their number. */
export function labelId(
  { relation, effect, mechanism, cap, only }: LabelFact,
  object: string,
  tier: Indicator,
): string {
  const limits = [...(cap ? [`${cap.of}-${cap.value}`] : []), ...(only ? [only.replaceAll(' ', '-')] : [])];
  return ['label', object, relation, effect, mechanism, tier, ...limits].join('/');
}

/** The card that a label fact goes to: the burden it adds to, or its object and mechanism. */
export function labelCard({ effect, mechanism }: LabelFact, object: string): string {
  const kinetic = /(?:inhibition|induction|transport|clearance)$/.test(mechanism) && mechanism !== 'mao-inhibition';
  return (!kinetic && BURDEN_OF[effect]) || `${object}/${OWN_CARD[effect] ?? wayOf(mechanism, effect)}`;
}

/** Effects that make a card of their own at an object, whatever the enzyme. */
const OWN_CARD: Readonly<Record<string, string>> = {
  myopathy: 'muscle',
  hypotension: 'hypotension',
  ergotism: 'ischemia',
};

/** Whichever enzyme or transporter it is: more of the object, or less. */
function wayOf(mechanism: string, effect: string): string {
  if (mechanism.endsWith('inhibition')) return 'exposure';
  if (mechanism.endsWith('induction')) return 'loss';
  return mechanism === 'unknown' || mechanism === 'pharmacodynamic' ? effect : mechanism;
}

/** The fact in the shape of a written interaction. */
export function labelInteraction(fact: LabelFact, { library, name, object }: LabelScene): Interaction {
  const citation = citationOf(fact, library);
  const { summary, says, action } = SENTENCES[fact.relation];
  const effect = EFFECTS[fact.effect] ?? fact.effect;
  const indicator = labelTier(fact, library);
  const limit = fact.only ? ` It says so for ${fact.only}.` : '';
  return {
    id: labelId(fact, object, indicator),
    version: '1.0.0',
    title: `Label of ${name}: ${effect.replaceAll('{object}', name).replaceAll('{precipitant}', 'the other')}`,
    object: { label: name },
    precipitant: { label: 'these medicines' },
    mechanism: MECHANISMS[fact.mechanism] ?? fact.mechanism,
    consequence: `${says}${limit}`,
    seriousness: indicator === 'info' ? 'moderate' : 'serious',
    evidence: citation.text,
    indicator,
    summary: summary.replace('{effect}', effect),
    action,
    modifiers: [...capModifiers(fact, effect), ...contextModifiers(fact, citation)],
    limitation: 'From label facts compiled on 2026-11-22; labels change.',
    citations: [citation],
    mergeKey: labelCard(fact, object),
  };
}

function citationOf({ source }: LabelFact, { labels }: Library): Citation {
  const citation = labels?.sources[source];
  if (!citation) throw new RangeError('a label fact without its citation');
  return citation;
}

/** Somebody read the label itself. */
function isSeen({ basis, grade }: Citation): boolean {
  return basis === 'opened' || (basis === 'shared' && grade === 'A');
}

/** At or under the cap the pair is as the label wants it; above, the dose is what to change. Unknown keeps the tier. */
function capModifiers({ cap }: LabelFact, effect: string): readonly Modifier[] {
  if (!cap) return [];
  const known = `%${cap.of}.dailyDose.exists() and %${cap.of}.dailyDose.all(unit = 'mg')`;
  const sum = `%${cap.of}.dailyDose.value.sum()`;
  const limit = `${cap.value} mg a day`;
  return [
    {
      id: 'over-cap',
      when: `iif(${known}, ${sum} > ${cap.value})`,
      needs: [],
      indicator: 'warning',
      summary: `Lower {${cap.of}} to ${limit} or less with the other, {${other(cap.of)}}: ${effect}`,
      because: `The label allows at most ${limit} beside the other medicine; this dose is higher.`,
      action: `Lower {${cap.of}} to ${limit} or less, or replace one of the two.`,
    },
    {
      id: 'within-cap',
      when: `iif(${known}, ${sum} <= ${cap.value})`,
      needs: [],
      indicator: 'info',
      summary: `Keep {${cap.of}} at ${limit} or less with {${other(cap.of)}}`,
      because: `The dose is within the ${limit} that the label allows beside the other medicine.`,
      action: `Do not raise {${cap.of}} above ${limit} while both are taken.`,
    },
  ];
}

function other(side: 'object' | 'precipitant'): string {
  return side === 'object' ? 'precipitant' : 'object';
}

/** A limit to patients of one kind, where a chart can tell who is one. */
function contextModifiers({ only, relation }: LabelFact, citation: Citation): readonly Modifier[] {
  if (only !== 'diabetes' || !isSeen(citation) || (relation !== 'contraindicated' && relation !== 'boxed')) return [];
  return [
    {
      id: 'diabetes',
      when: 'condition.diabetes',
      needs: ['condition.diabetes'],
      indicator: 'critical',
      summary: SENTENCES[relation].summary.replace('{effect}', 'this patient has diabetes'),
      because: 'The label contraindicates the two in diabetes, and diabetes is on the problem list.',
    },
  ];
}
