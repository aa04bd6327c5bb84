/** Organ injuries against the medicines: at most one finding an organ, and silence with its reason. */
import type { Evaluation, Finding, Input } from '../evaluation.ts';
import type { Facts, ObservationFact } from '../facts/facts.ts';
import { clipped } from '../headline.ts';
import type { Citation } from '../measured.ts';
import { listedInput } from '../rules/basis.ts';
import type { Injury } from './injury.ts';
import { askedBy, type InjuryScene, readInjury, type Seen } from './read.ts';
import { isAssumed, type Series } from './series.ts';
import { inSentence } from './words.ts';

/** Only injuries of which a marker is on file; a patient who died has none. */
export function evaluateInjuries(scene: InjuryScene): Evaluation[] {
  const { patient } = scene.facts;
  if (patient.deceased || patient.replaced) return [];
  return (scene.library.injuries ?? []).flatMap((injury) => told(injury, scene) ?? []);
}

function told(injury: Injury, scene: InjuryScene): Evaluation | undefined {
  const { id, title, version } = injury;
  const common = { id, title, version, kind: 'injury' } as const;
  const reading = readInjury(injury, scene);
  switch (reading.is) {
    case 'none':
      return undefined;
    case 'quiet': {
      const basis = { used: newest(reading.series), stale: [], missing: [], excluded: excludedOf(reading.series) };
      return { ...common, status: 'not-applicable', because: reading.because, basis };
    }
    case 'seen':
      return { ...common, status: 'finding', finding: findingOf(injury, reading, scene.facts) };
  }
}

function findingOf(injury: Injury, seen: Seen, facts: Facts): Finding {
  const { shown, suspects } = seen;
  const fitting = suspects.filter(({ fits }) => fits);
  const [first] = fitting;
  const indicator = first ? shown.level.indicator : 'info';
  const action = `${advice(seen)}; ${injury.check}.`;
  return {
    indicator,
    summary: clipped(`${advice(seen)}: ${seen.what}`),
    detail: [
      seen.sentence,
      first ? `${capital(first.name)}: ${first.reasons[0]}.` : 'No medicine on the list fits by time.',
      // On another card's detail this would be one sentence too many; the section has it.
      ...(first && !first.stopped && indicator === 'warning' ? [settled(injury, first.name)] : []),
    ].join(' '),
    because: shown.held.slice(0, 2).map(({ point, series }) => inputOf(point.fact, series)),
    action: { kind: 'note', text: action },
    logic: [
      ...shown.held.map((held) => ({
        text: askedBy(held),
        held: 'met' as const,
        value: `${held.point.value} ${held.series.marker.unit}`,
      })),
      ...suspects.map(({ name, fits, reasons }) => ({
        text: `${capital(name)}${fits ? '' : ', less likely'}: ${reasons.join('; ')}`,
        held: fits ? ('met' as const) : ('not-met' as const),
      })),
    ],
    basis: {
      used: [
        ...shown.held.map(({ point, series }) => inputOf(point.fact, series)),
        ...suspects.map(({ medicine }) => listedInput(medicine, facts)),
      ],
      stale: [],
      missing: shown.wanting.map((path) => {
        const label = injury.markers.find(({ fact }) => fact === path)?.label ?? path;
        const text = `${label} within 14 days of it is not on file: a graver degree cannot be judged`;
        return { path, label, absence: 'empty', text, required: false };
      }),
      excluded: excludedOf(seen.series),
    },
    limitation: injury.limitation,
    citations: citationsOf(injury, seen),
    mergeKey: injury.mergeKey,
  };
}

/** Verb first. The best fitting medicine, two where the reasons are alike. */
function advice({ suspects, shown }: Seen): string {
  const label = inSentence(shown.lead.series.marker.label);
  const fitting = suspects.filter(({ fits }) => fits);
  const [first, second] = fitting;
  if (!first) return 'Look for the cause';
  if (first.stopped) return `Follow ${label} until it settles, now that ${first.name} was stopped`;
  const alike = second && second.timing === first.timing && second.effect === first.effect && !second.stopped;
  return `Weigh stopping ${first.name}${alike ? ` or ${second.name}` : ''}`;
}

/** What stopping would show. */
export function settled({ settle }: Injury, name: string): string {
  return settle.replace('{medicine}', name);
}

function inputOf(fact: ObservationFact, { marker }: Series): Input {
  return {
    path: fact.path,
    label: marker.label,
    value: fact.value,
    unit: fact.unit,
    ...(fact.comparator ? { comparator: fact.comparator } : {}),
    effective: fact.effective,
    sources: [fact.source],
    ...(fact.high === undefined ? {} : { note: `upper limit of the laboratory ${fact.high} ${fact.unit}` }),
  };
}

function newest(all: readonly Series[]): readonly Input[] {
  return all.flatMap((series) => {
    const point = series.points.at(-1);
    return point ? [inputOf(point.fact, series)] : [];
  });
}

function excludedOf(all: readonly Series[]): Finding['basis']['excluded'] {
  return all.flatMap((series) =>
    series.excluded.slice(0, 3).map(({ fact, reason }) => ({ ...inputOf(fact, series), reason })),
  );
}

function citationsOf(injury: Injury, { shown, suspects, pattern }: Seen): readonly Citation[] {
  const assumed = shown.held.some(({ sign, point, series }) => sign.of === 'upper' && isAssumed(point, series.marker));
  const keys = [
    shown.level.cite,
    assumed && injury.limitsCite,
    shown.held.some(({ sign }) => sign.of === 'baseline') && injury.baselineCite,
    pattern && injury.pattern?.cite,
    suspects.length > 0 && injury.typicalCite,
    suspects.length > 0 && injury.settleCite,
  ];
  const all = [
    ...keys.flatMap((key) => (key ? (injury.citations[key] ?? []) : [])),
    ...suspects.flatMap(({ citations }) => citations),
  ];
  return all.filter(({ text }, index) => all.findIndex((other) => other.text === text) === index);
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
