/** Doses that were given, one by one, with their times: what a drug level can be understood by. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import type { DrugTable } from './drug-table.ts';
import type { GivenFact } from './facts.ts';
import { type Json, number, object, string } from './json.ts';
import { identify } from './medication-name.ts';
import { ucumUnit } from './units.ts';

/** Milligrams in one unit of mass. */
const MG: Readonly<Record<string, number>> = { mg: 1, g: 1000, ug: 0.001 };

/** Oldest first. Only what was given in full: a dose that was stopped halfway has no known size. */
export function readGiven(chart: Chart, drugs: DrugTable | undefined): readonly GivenFact[] {
  const given: GivenFact[] = [];
  readEach(chart, 'MedicationAdministration', 'subject', (resource) => {
    if (string(resource.status) !== 'completed') return;
    const period = object(resource.effectivePeriod);
    const start = dateOf(chart, resource.effectiveDateTime ?? period?.start);
    if (start === undefined) return;
    const end = dateOf(chart, period?.end);
    const { text, ingredients, packaging } = identify(chart, resource, drugs);
    if (packaging) return;
    const mg = milligrams(object(object(resource.dosage)?.dose));
    given.push({
      text,
      ingredients,
      start,
      ...(end === undefined ? {} : { end }),
      ...(mg === undefined ? {} : { dose: { value: mg, unit: 'mg' } }),
      source: sourceOf(resource),
    });
  });
  return given.sort((a, b) => a.start.start - b.start.start);
}

function milligrams(dose: Json | undefined): number | undefined {
  const value = number(dose?.value);
  const unit = ucumUnit(string(dose?.code) ?? string(dose?.unit) ?? '');
  const factor = MG[unit ?? ''];
  if (value === undefined || !(value > 0) || factor === undefined || dose?.comparator !== undefined) return undefined;
  return value * factor;
}

function dateOf(chart: Chart, value: unknown) {
  const text = string(value);
  return text === undefined ? undefined : chart.dates.when(text);
}
