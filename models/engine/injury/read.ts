/** One injury in one patient: what is seen, in a sentence, and who is suspected. Screen and card both read this. */
import type { Reason } from '../evaluation.ts';
import type { Facts } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import type { Injury } from './injury.ts';
import { type Held, type Shown, shownBy, TOGETHER } from './level.ts';
import { baselineOf, DAY, isAssumed, type Series, seriesOf, upperOf } from './series.ts';
import { type Suspect, suspectsOf } from './suspects.ts';
import { dayText, inSentence, numberText } from './words.ts';

/** `now` in ms since the epoch. */
export interface InjuryScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  readonly now: number;
}

/** An injury that is seen. */
export interface Seen {
  readonly is: 'seen';
  readonly series: readonly Series[];
  readonly shown: Shown;
  readonly suspects: readonly Suspect[];
  /** `hepatocellular (R 8.2)` */
  readonly pattern?: string;
  /** `ALT 12 times the upper limit with bilirubin 2.9 mg/dL` */
  readonly what: string;
  /** The whole in one sentence, with values, units and dates. */
  readonly sentence: string;
}

/** `none`: no marker is on file. */
export type Reading =
  | { readonly is: 'none' }
  | { readonly is: 'quiet'; readonly because: Reason; readonly series: readonly Series[] }
  | Seen;

/** What is to be said of one injury. */
export function readInjury(injury: Injury, scene: InjuryScene): Reading {
  const series = seriesOf(injury, scene.facts, scene.now);
  if (series.length === 0) return { is: 'none' };
  const quiet = (code: Reason['code'], text: string): Reading => ({ is: 'quiet', because: { code, text }, series });
  const age = scene.facts.patient.age;
  if (age !== undefined && age < 18) return quiet('child', 'The limits are those of adults');
  if (isPresent('comfort-care', scene)) return quiet('comfort-care', 'Comfort care');
  if (injury.unless && isPresent(injury.unless.condition, scene))
    return quiet('excluded-condition', injury.unless.because);
  const shown = shownBy(injury, series, scene.now);
  if (!shown) {
    const newest = Math.max(...series.map(({ points }) => points.at(-1)?.at ?? -Infinity));
    const days = `${injury.current} days`;
    return newest < scene.now - injury.current * DAY
      ? quiet('threshold-not-met', `No usable value of the last ${days}`)
      : quiet('threshold-not-met', `No sign of ${inSentence(injury.title)} in values of the last ${days}`);
  }
  if (shown.chronic)
    return quiet(
      'threshold-not-met',
      `${shown.lead.series.marker.label} has been at this level for half a year or longer`,
    );
  const suspects = suspectsOf(injury, shown, scene);
  if (suspects.length === 0 && shown.lead.series.points.length < 2)
    return quiet('other', 'A single value, and no medicine on the list is known to do it');
  const what = whatIsSeen(shown);
  const pattern = patternOf(injury, shown, series);
  const course = courseOf(shown);
  return {
    is: 'seen',
    series,
    shown,
    suspects,
    what,
    ...(pattern === undefined ? {} : { pattern }),
    sentence: `${course}; ${[...rest(shown), shown.level.word, ...(pattern === undefined ? [] : [pattern])].join(', ')}.`,
  };
}

function isPresent(condition: string, { resolver }: InjuryScene): boolean {
  const resolved = resolver.resolve({ fact: `condition.${condition}`, label: condition, required: false });
  return resolved.state === 'known' && resolved.value === 'yes';
}

/** `Creatinine rose from 0.9 (4 Aug 2026) to 2.2 mg/dL (17 Nov 2026), 2.4 times the median of …` */
function courseOf({ lead, before }: Shown): string {
  const { marker } = lead.series;
  const now = `${numberText(lead.point.value)} ${marker.unit} (${dayText(lead.point.fact.effective)})`;
  const from = before ?? lead.series.points.filter(({ at }) => at < lead.point.at).at(0);
  if (!from) return `${marker.label} is ${now}${besides(lead)}`;
  const verb = lead.point.value > from.value ? 'rose' : 'fell';
  return `${marker.label} ${verb} from ${numberText(from.value)} (${dayText(from.fact.effective)}) to ${now}${besides(lead)}`;
}

function besides(held: Held): string {
  const text = compared(held);
  return text === undefined ? '' : `, ${text}`;
}

/** What the number is compared with, for those signs that compare. */
function compared({ sign, measure, point, series }: Held): string | undefined {
  switch (sign.of) {
    case 'value':
      return undefined;
    case 'upper': {
      const own = isAssumed(point, series.marker) ? 'assumed' : 'of the laboratory';
      return `${multiple(measure)} times the upper limit (${numberText(upperOf(point, series.marker) ?? 0)} ${series.marker.unit}, ${own})`;
    }
    case 'baseline':
      return `${multiple(measure)} times ${baselineText({ sign, measure, point, series })}`;
    case 'highest-30d':
      return `${Math.round((1 - measure) * 100)} % below the highest of 30 days`;
    case 'rise-48h':
      return `a rise of ${numberText(measure)} ${series.marker.unit} within 48 hours`;
    case 'rise-year':
      return `${numberText(measure)} ${series.marker.unit} above the lowest of the year before`;
  }
}

function baselineText({ point, series }: Held): string {
  const baseline = baselineOf(point, series);
  return baseline
    ? `its baseline ${numberText(baseline.value)} ${series.marker.unit} (${baseline.words})`
    : 'its baseline';
}

/** What a sign asks for: `ALT at least 3 times the upper limit`. */
export function askedBy({ sign: { of, least, most, below }, series: { marker } }: Held): string {
  const bound = least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : `below ${below}`;
  const unit = {
    value: ` ${marker.unit}`,
    upper: ' times the upper limit',
    baseline: ' times the baseline',
    'highest-30d': ' times the highest of 30 days',
    'rise-48h': ` ${marker.unit} above the lowest of 48 hours`,
    'rise-year': ` ${marker.unit} above the lowest of a year`,
  }[of];
  return `${marker.label} ${bound}${unit}`;
}

/** The other signs with their values, each marker once. */
function rest({ held, lead }: Shown): readonly string[] {
  return held
    .slice(1)
    .filter(({ series }) => series !== lead.series)
    .map(
      ({ series, point }) =>
        `${inSentence(series.marker.label)} ${numberText(point.value)} ${series.marker.unit} (${dayText(point.fact.effective)})`,
    );
}

/** For the card's first line. */
function whatIsSeen({ held, lead, level }: Shown): string {
  const { marker } = lead.series;
  const value = `${marker.label} ${numberText(lead.point.value)} ${marker.unit}`;
  const first = {
    value: inSentence(value),
    upper: `${marker.label} ${multiple(lead.measure)} times the upper limit`,
    baseline: `${inSentence(marker.label)} ${multiple(lead.measure)} times its baseline (${level.word})`,
    'highest-30d': `${inSentence(value)}, a fall by ${Math.round((1 - lead.measure) * 100)} % within 30 days`,
    'rise-48h': `${inSentence(marker.label)} up ${numberText(lead.measure)} ${marker.unit} in 48 h (${level.word})`,
    'rise-year': `${inSentence(value)}, ${numberText(lead.measure)} ${marker.unit} more than before`,
  }[lead.sign.of];
  const others = held
    .slice(1)
    .filter(({ series, sign }) => series !== lead.series && !sign.ifKnown)
    .map(({ series, point }) => `${inSentence(series.marker.label)} ${numberText(point.value)} ${series.marker.unit}`);
  return [first, ...others].join(' with ');
}

/** Ratio of the multiples at the newest values, in the pattern's word. */
function patternOf({ pattern }: Injury, { lead }: Shown, series: readonly Series[]): string | undefined {
  const times = (fact: string) => {
    const found = series.find(({ marker }) => marker.fact === fact);
    const point = found?.points.findLast(({ at }) => Math.abs(at - lead.point.at) <= TOGETHER * DAY);
    const upper = found && point && upperOf(point, found.marker);
    return upper === undefined || !point ? undefined : point.value / upper;
  };
  if (!pattern) return undefined;
  const [of, to] = [times(pattern.of), times(pattern.to)];
  if (of === undefined || to === undefined) return undefined;
  const word = pattern.words.find(({ from }) => of / to >= from)?.word;
  return word && `${word} (R ${numberText(of / to)})`;
}

/** `12` from ten on, else one decimal; never rounded up to the next threshold. */
function multiple(measure: number): string {
  return measure >= 10 ? String(Math.floor(measure)) : String(Math.floor(measure * 10 + 1e-6) / 10);
}
