/** Which medicines could have done it, most likely first, each with its reasons in words. No score: the order is of reasons. */
import { membersOf, partOf, takesPart } from '../drugs/participant.ts';
import { isSelectedBySource, membersOfClass, profileOf, readSelector, selects } from '../drugs/profiles.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import type { Citation } from '../measured.ts';
import type { Injury, InjurySuspect } from './injury.ts';
import type { Shown } from './level.ts';
import { abnormalIn, DAY } from './series.ts';
import { dayText, inSentence, numberText, spanText } from './words.ts';

/** After this many days off a medicine, or as long as it lingers, a first abnormal value speaks against it (RUCAM: 15; ours). */
const OFF = 30;
/** Off it for longer than this it is not named. */
const FORGOTTEN = 180;
/** Beyond this many days a start is no longer new. */
const LONG = 365;

/** How the time fits, best first. */
const TIMES = ['typical', 'compatible', 'unknown', 'long', 'gone', 'after'] as const;
export type Timing = (typeof TIMES)[number];

/** One medicine. `fits`: by time it may have done it. */
export interface Suspect {
  readonly medicine: MedicationFact;
  /** All ingredients: of a combination the whole is stopped. */
  readonly name: string;
  /** Place among the known effects, strongest first. */
  readonly effect: number;
  readonly timing: Timing;
  readonly fits: boolean;
  readonly stopped: boolean;
  readonly reasons: readonly string[];
  readonly citations: readonly Citation[];
}

interface Scene {
  readonly facts: Facts;
  readonly library: Library;
}

/** Every medicine that is known to do it and was there in time, or nearly. */
export function suspectsOf(injury: Injury, shown: Shown, scene: Scene): readonly Suspect[] {
  return scene.facts.medication
    .filter(({ state }) => state !== 'planned')
    .flatMap((medicine) => {
      const effect = injury.suspects.findIndex(({ medicine: of }) => takesPart(medicine, membersOf(of, scene.library)));
      const known = injury.suspects[effect];
      const timing = known && timingOf(medicine, { injury, shown, known, library: scene.library });
      return timing ? [suspect({ medicine, known, effect, timing }, { injury, shown, ...scene })] : [];
    })
    .sort(
      (a, b) =>
        TIMES.indexOf(a.timing) - TIMES.indexOf(b.timing) ||
        a.effect - b.effect ||
        (b.medicine.start?.start ?? 0) - (a.medicine.start?.start ?? 0) ||
        (a.name < b.name ? -1 : 1),
    );
}

/** Medicines that are known to do it, whatever their time: what is drawn under the values. */
export function knownToDoIt({ suspects }: Injury, { facts, library }: Scene): readonly MedicationFact[] {
  return facts.medication.filter(
    (medicine) =>
      medicine.state !== 'planned' && suspects.some(({ medicine: of }) => takesPart(medicine, membersOf(of, library))),
  );
}

function timingOf(
  medicine: MedicationFact,
  { injury, shown, known, library }: { injury: Injury; shown: Shown; known: InjurySuspect; library: Library },
): Timing | undefined {
  const { start, end, ingredients } = medicine;
  const onset = shown.first.at;
  if (end && end.end < onset) {
    const lingers = ingredients.map(({ rxcui }) => daysOf(profileOf(rxcui, library)?.lingers));
    const off = (onset - end.end) / DAY;
    if (off > Math.max(OFF, ...lingers)) return off > FORGOTTEN ? undefined : 'gone';
  }
  if (!start) return 'unknown';
  if (start.start > onset) return start.start > shown.lead.point.at ? undefined : 'after';
  const days = (onset - start.start) / DAY;
  const [low, high] = injury.typical;
  if (days >= low && days <= high) return 'typical';
  if (days <= LONG || known.anytime || normalsOn(medicine, shown) === 0) return 'compatible';
  return 'long';
}

/** Values within limits while it was taken, before the first abnormal one. */
function normalsOn({ start, end }: Pick<MedicationFact, 'start' | 'end'>, { lead, first }: Shown): number {
  if (!start) return 0;
  const isAbnormal = abnormalIn(lead.series);
  return lead.series.points.filter(
    (point) => point.at > start.end && point.at < first.at && (!end || point.at < end.end) && !isAbnormal(point),
  ).length;
}

type Known = Pick<Suspect, 'medicine' | 'effect' | 'timing'> & { readonly known: InjurySuspect };

function suspect({ medicine, known, effect, timing }: Known, scene: Scene & { injury: Injury; shown: Shown }): Suspect {
  const { injury, library } = scene;
  const parts = partOf(medicine, membersOf(known.medicine, library));
  const cited = injury.citations[known.cite];
  const verified = isVerified(known, parts[0]?.rxcui ?? '', cited, library);
  const watch = watchedFor(medicine, scene);
  return {
    medicine,
    effect,
    name: medicine.ingredients.map(({ name }) => name).join(' / '),
    timing,
    fits: timing === 'typical' || timing === 'compatible' || timing === 'unknown',
    stopped: medicine.state === 'stopped' || medicine.state === 'recently-stopped' || medicine.state === 'on-hold',
    reasons: [
      inTime(medicine, timing, scene),
      ...courseSince(medicine, scene),
      ...doseChange(medicine, scene),
      `${known.says}${verified ? '' : ' (general knowledge, not verified)'}`,
      ...(watch ? ['its schedule asks for this test'] : []),
      ...(medicine.asNeeded ? ['taken as needed'] : []),
      ...(medicine.state === 'unknown' ? ['whether it is taken is not stated'] : []),
    ],
    citations: [...(cited ? [cited] : []), ...(watch ? [watch] : [])],
  };
}

/** By the entry's own document where it names the ingredient or its class, else by the trait's. */
function isVerified(
  { medicine }: InjurySuspect,
  rxcui: string,
  cited: Citation | undefined,
  library: Library,
): boolean {
  const named =
    medicine.ingredients?.some((each) => each.rxcui === rxcui) ||
    medicine.classes?.some((id) => membersOfClass(id, library)?.has(rxcui));
  if (named) return cited !== undefined && cited.basis !== 'recalled';
  const profile = profileOf(rxcui, library);
  return (
    profile !== undefined &&
    (medicine.traits ?? [])
      .map(readSelector)
      .some((selector) => selects(selector, profile) && isSelectedBySource(selector, profile))
  );
}

function inTime(
  medicine: MedicationFact,
  timing: Timing,
  { injury, shown }: { readonly injury: Injury; readonly shown: Shown },
): string {
  const { start, end } = medicine;
  const { marker } = shown.lead.series;
  const value = `the first abnormal ${inSentence(marker.label)} (${dayText(shown.first.fact.effective)})`;
  if (!start) return 'start date not on file';
  const began = `started ${dayText(start)}`;
  const about = start.precision === 'month' || start.precision === 'year' ? 'about ' : '';
  const normals = normalsOn(medicine, shown);
  const well = normals === 0 ? '' : `, with ${normals} normal ${normals === 1 ? 'value' : 'values'} on it`;
  const usual = injury.typicalCite ? ` (usual: ${injury.typical.join(' to ')} days)` : '';
  switch (timing) {
    case 'after':
      return `${began}, ${spanText(start.start - shown.first.at)} after ${value}`;
    case 'gone':
      return end ? `stopped ${dayText(end)}, ${spanText(shown.first.at - end.end)} before ${value}` : began;
    case 'typical':
      return `${began}, ${about}${spanText(shown.first.at - start.start)} before ${value}${well}${usual}`;
    case 'compatible':
    case 'unknown':
    case 'long':
      return dayText(start) === dayText(shown.first.fact.effective)
        ? `${began}, on the day of ${value}`
        : `${began}, ${about}${spanText(shown.first.at - start.start)} before ${value}${well}`;
  }
}

/** What the marker did once it was stopped. */
function courseSince(
  { end, state }: MedicationFact,
  { shown: { lead } }: { readonly shown: Shown },
): readonly string[] {
  if (state === 'on-hold' && !end) return ['on hold since a day not on file'];
  if (!end || state === 'active') return [];
  const { points, marker } = lead.series;
  const then = points.filter(({ at }) => at <= end.end + DAY).at(-1);
  if (!then || then === lead.point) return [`stopped ${dayText(end)}, no ${inSentence(marker.label)} since`];
  return [
    `stopped ${dayText(end)}; ${inSentence(marker.label)} went from ${numberText(then.value)} to ${numberText(lead.point.value)} ${marker.unit} since`,
  ];
}

/** The last change among doses given before the first abnormal value, where administrations are on file. */
function doseChange({ ingredients }: MedicationFact, { facts, shown }: Scene & { shown: Shown }): readonly string[] {
  const doses = (facts.given ?? []).filter(
    ({ dose, start, ingredients: of }) =>
      dose && start.start <= shown.first.at && of.some(({ rxcui }) => ingredients.some((own) => own.rxcui === rxcui)),
  );
  const change = doses.findLastIndex(({ dose }, index) => index > 0 && doses[index - 1]?.dose?.value !== dose?.value);
  const [from, to] = [doses[change - 1], doses[change]];
  if (!from?.dose || !to?.dose) return [];
  return [
    `dose given changed from ${numberText(from.dose.value)} to ${numberText(to.dose.value)} ${to.dose.unit} on ${dayText(to.start)}`,
  ];
}

/** A schedule of this medicine that names one of the markers and rests on a document. */
function watchedFor(
  medicine: MedicationFact,
  { injury, library }: { injury: Injury; library: Library },
): Citation | undefined {
  for (const { medicines } of library.monitoring ?? [])
    for (const entry of medicines) {
      if (partOf(medicine, membersOf(entry.medicine, library)).length === 0) continue;
      for (const { fact, cite } of entry.checks) {
        const citation = entry.citations[cite];
        if (citation && citation.basis !== 'recalled' && injury.markers.some((marker) => marker.fact === fact))
          return citation;
      }
    }
  return undefined;
}

/** `P90D`, `P3M`, `P1Y` in days; a medicine not known to linger: none. */
function daysOf(duration: string | undefined): number {
  const [, count, unit] = /^P(\d+)([DWMY])$/.exec(duration ?? '') ?? [];
  return Number(count ?? 0) * ({ D: 1, W: 7, M: 30, Y: 365 }[unit ?? 'D'] ?? 1);
}
