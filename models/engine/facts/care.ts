/**
 * The aim of care where it stands outside the problem list: code status (Observation), orders, flags, consents and
 * encounters with hospice procedures. What is said last counts; an order to withhold resuscitation is not comfort care.
 */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { codingsOf, LOINC, SNOMED, textOf } from './codings.ts';
import { effectiveOf, periodOf } from './dates.ts';
import type { CareFact, Coding } from './facts.ts';
import { type Json, object, objects, string } from './json.ts';

/** Questions about code status: LOINC 100822-6 and 75320-2, SNOMED 304251008 (found in published FHIR and C-CDA examples). */
export const CODE_STATUS_CODES: readonly string[] = ['100822-6', '75320-2'];
const CODE_STATUS_SNOMED = '304251008';
/** SNOMED (recalled, as in the value set comfort-care): hospice care, comfort measures, admission to hospice, terminal care. */
const COMFORT: ReadonlySet<string> = new Set(['385763009', '133918004', '305336008', '182964004']);
/** SNOMED 304253006 not for resuscitation (seen in a published example), 304252001 for resuscitation (recalled). */
const NOT_RESUSCITATED = '304253006';
const RESUSCITATED = '304252001';

/** Newest first. Only orders, flags and consents in force, and final observations. */
export function readCare(chart: Chart): readonly CareFact[] {
  const facts: CareFact[] = [];
  const add = (resource: Json, concepts: readonly (Json | undefined)[], effective: CareFact['effective']): void => {
    const codings = concepts.flatMap((concept) => codingsOf(concept));
    const text = concepts.map((concept) => textOf(concept)).find((found) => found !== undefined);
    const aim = aimOf(codings, text ?? '');
    if (aim === 'unknown' || (effective !== undefined && chart.dates.isFuture(effective, chart.now))) return;
    const when = effective === undefined ? {} : { effective };
    facts.push({ aim, codings, text: text ?? codings[0]?.code ?? '', ...when, source: sourceOf(resource) });
  };

  readEach(chart, 'Observation', 'subject', (resource) => {
    if (!asksCodeStatus(resource)) return;
    const status = string(resource.status);
    if (status !== 'final' && status !== 'amended' && status !== 'corrected') return;
    const answer = object(resource.valueCodeableConcept) ?? { text: string(resource.valueString) };
    add(resource, [answer], effectiveOf(resource, chart.dates)?.when);
  });
  readEach(chart, 'ServiceRequest', 'subject', (resource) => {
    const ordered = string(resource.status) === 'active' && string(resource.intent)?.endsWith('order') === true;
    if (ordered && resource.doNotPerform !== true)
      add(resource, [object(resource.code)], dateOf(chart, resource.authoredOn));
  });
  readEach(chart, 'Procedure', 'subject', (resource) => {
    const status = string(resource.status);
    if (status !== 'in-progress' && status !== 'completed') return;
    const period = object(resource.performedPeriod);
    const performed = dateOf(chart, resource.performedDateTime) ?? (period && periodOf(period, chart.dates));
    add(resource, [object(resource.code)], performed);
  });
  readEach(chart, 'Flag', 'subject', (resource) => {
    const period = object(resource.period);
    if (string(resource.status) === 'active') add(resource, [object(resource.code)], dateOf(chart, period?.start));
  });
  readEach(chart, 'Consent', 'patient', (resource) => {
    if (string(resource.status) !== 'active') return;
    const provision = object(resource.provision);
    // A refusal of comfort care is not consent to it.
    if (string(provision?.type) === 'deny') return;
    add(resource, [...objects(provision?.code), ...objects(resource.category)], dateOf(chart, resource.dateTime));
  });
  return facts.sort((a, b) => (b.effective?.start ?? 0) - (a.effective?.start ?? 0));
}

function asksCodeStatus(resource: Json): boolean {
  const coding = object(resource.code)?.coding;
  if (!Array.isArray(coding)) return false;
  return objects(coding).some(
    ({ system, code }) =>
      (system === LOINC && CODE_STATUS_CODES.includes(code as string)) ||
      (system === SNOMED && code === CODE_STATUS_SNOMED),
  );
}

function dateOf(chart: Chart, value: unknown): CareFact['effective'] {
  const text = string(value);
  return text === undefined ? undefined : chart.dates.when(text);
}

function aimOf(codings: readonly Coding[], text: string): CareFact['aim'] {
  const codes = codings.flatMap(({ system, code }) => (system === SNOMED && code !== undefined ? [code] : []));
  if (codes.some((code) => COMFORT.has(code))) return 'comfort';
  if (codes.includes(NOT_RESUSCITATED)) return 'no-resuscitation';
  if (codes.includes(RESUSCITATED)) return 'full';
  const words = text.toLowerCase();
  if (/\bcomfort (?:care|measures?)\b|\bhospice\b|\bcmo\b/.test(words)) {
    if (/\b(?:discontinu|rescind|revok|revers|no longer|stopped|ended)/.test(words)) return 'full';
    // Asked for, talked about or declined is not yet, or not, the aim of care.
    return /\b(?:no|not|declin|refus|discuss|consult|eval|consider|refer|history)/.test(words) ? 'unknown' : 'comfort';
  }
  if (/\bfull (?:code|treatment)\b|(?<!not )\bfor resuscitation\b/.test(words)) return 'full';
  if (/\bdnr\b|\bdnar\b|\bdo not (?:attempt )?resuscitat|\bnot for resuscitation\b/.test(words))
    return /\b(?:not? dnr|rescind|revok|discontinu)/.test(words) ? 'unknown' : 'no-resuscitation';
  return 'unknown';
}

/** The aim that counts now: the newest that says comfort or full (or that comfort care ended); a dated one outranks an undated one. */
export function comfortCareOf(care: readonly CareFact[]): CareFact | undefined {
  const newest = care.find(({ aim }) => aim === 'comfort' || aim === 'full');
  return newest?.aim === 'comfort' ? newest : undefined;
}
