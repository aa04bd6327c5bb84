/** Procedures, devices and family history: what was done, what was put in, what relatives had. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { absenceIn, codingsOf, textOf } from './codings.ts';
import { periodOf } from './dates.ts';
import type { DeviceFact, FamilyFact, ProcedureFact } from './facts.ts';
import { type Json, number, object, objects, string } from './json.ts';

const DONE: ReadonlySet<string> = new Set(['in-progress', 'completed', 'stopped', 'unknown']);

/** Every procedure that took place, newest first; one that was planned or not done is unread. */
export function readProcedures(chart: Chart): readonly ProcedureFact[] {
  const facts: ProcedureFact[] = [];
  readEach(chart, 'Procedure', 'subject', (resource) => {
    const status = string(resource.status) ?? 'unknown';
    if (status === 'entered-in-error') {
      chart.unread.push({ source: sourceOf(resource), reason: 'entered-in-error' });
      return;
    }
    if (!DONE.has(status)) {
      chart.unread.push({ source: sourceOf(resource), reason: 'status-not-final', text: status });
      return;
    }
    const named = nameOf(chart, resource, resource.code);
    if (named === undefined) return;
    const performed = performedOf(chart, resource);
    facts.push({
      ...named,
      status: status as ProcedureFact['status'],
      ...(performed === undefined ? {} : { performed }),
      source: sourceOf(resource),
    });
  });
  return facts.sort((a, b) => (b.performed?.start ?? 0) - (a.performed?.start ?? 0));
}

function performedOf(chart: Chart, resource: Json): ProcedureFact['performed'] {
  const date = string(resource.performedDateTime);
  const period = object(resource.performedPeriod);
  return date !== undefined ? chart.dates.when(date) : period && periodOf(period, chart.dates);
}

/** Every device of the patient. */
export function readDevices(chart: Chart): readonly DeviceFact[] {
  const facts: DeviceFact[] = [];
  readEach(chart, 'Device', 'patient', (resource) => {
    const status = string(resource.status);
    if (status === 'entered-in-error') {
      chart.unread.push({ source: sourceOf(resource), reason: 'entered-in-error' });
      return;
    }
    const named = nameOf(chart, resource, resource.type);
    if (named === undefined) return;
    const known = status === 'active' || status === 'inactive' ? status : 'unknown';
    facts.push({ ...named, status: known, source: sourceOf(resource) });
  });
  return facts;
}

/** One fact for each disease of each relative. */
export function readFamily(chart: Chart): readonly FamilyFact[] {
  const facts: FamilyFact[] = [];
  readEach(chart, 'FamilyMemberHistory', 'patient', (resource) => {
    const status = string(resource.status);
    const source = sourceOf(resource);
    if (status === 'entered-in-error') {
      chart.unread.push({ source, reason: 'entered-in-error' });
      return;
    }
    if (status === 'health-unknown' || resource.dataAbsentReason !== undefined) {
      chart.unread.push({ source, reason: 'data-absent', text: 'family history not known' });
      return;
    }
    const relationship = object(resource.relationship);
    for (const condition of objects(resource.condition)) {
      const named = nameOf(chart, resource, condition.code);
      if (named === undefined) continue;
      const onsetAge = yearsOf(object(condition.onsetAge));
      facts.push({
        ...named,
        relation: textOf(relationship) ?? 'relative',
        relationCodings: codingsOf(relationship),
        ...(onsetAge === undefined ? {} : { onsetAge }),
        source,
      });
    }
  });
  return facts;
}

/** Age in years; in another unit, or as a bound, it is not a number of years. */
function yearsOf(age: Json | undefined): number | undefined {
  if (age === undefined || age.comparator !== undefined) return undefined;
  const unit = string(age.code) ?? string(age.unit);
  return unit !== undefined && ['a', 'year', 'years', 'yr', 'yrs'].includes(unit.toLowerCase())
    ? number(age.value)
    : undefined;
}

/** What something is called, or `undefined` after saying why that is not known. */
function nameOf(chart: Chart, resource: Json, code: unknown): Pick<ProcedureFact, 'codings' | 'text'> | undefined {
  const concept = object(code);
  const codings = codingsOf(concept);
  const text = textOf(concept) ?? codings[0]?.code;
  const absence = absenceIn(codings);
  if (absence === undefined && text !== undefined) return { codings, text };
  chart.unread.push({ source: sourceOf(resource), reason: absence ?? 'no-value' });
  return undefined;
}
