/** Pregnancy status in one of three words: `pregnant`, `not-pregnant`, `unknown`. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import type { CodedQuestion } from './coded.ts';
import { codingsOf, SNOMED, statusCode, textOf } from './codings.ts';
import type { CodedFact } from './facts.ts';
import { object, string } from './json.ts';

/** LOINC 82810-3 and SNOMED 77386006 as US Core uses them; the other answers recalled (not yet confirmed and possible are `unknown`). */
export const PREGNANCY: CodedQuestion = {
  key: 'pregnancy-status',
  loinc: ['82810-3'],
  answers: {
    '77386006': 'pregnant',
    '60001007': 'not-pregnant',
    '152231000119106': 'unknown',
    '146799005': 'unknown',
    'LA15173-0': 'pregnant',
    'LA26683-5': 'not-pregnant',
    'LA4489-6': 'unknown',
  },
  words: { pregnant: 'pregnant', 'not pregnant': 'not-pregnant' },
};

/** "Patient currently pregnant" and "Normal pregnancy" filed as a problem. */
const PREGNANT_CONDITIONS: ReadonlySet<string> = new Set(['77386006', '72892002']);

/** An active problem that says the patient is pregnant answers the question as well, from its onset or recording. */
export function pregnancyFromConditions(chart: Chart): readonly CodedFact[] {
  const facts: CodedFact[] = [];
  readEach(chart, 'Condition', 'subject', (resource) => {
    const concept = object(resource.code);
    const codings = codingsOf(concept);
    if (!codings.some(({ system, code }) => system === SNOMED && PREGNANT_CONDITIONS.has(code ?? ''))) return;
    if (statusCode(resource.clinicalStatus) !== 'active') return;
    if (['refuted', 'entered-in-error'].includes(statusCode(resource.verificationStatus) ?? '')) return;
    const date = string(resource.onsetDateTime) ?? string(resource.recordedDate);
    const effective = date === undefined ? undefined : chart.dates.when(date);
    if (effective === undefined || chart.dates.isFuture(effective, chart.now)) return;
    const text = textOf(concept);
    facts.push({
      path: `observation.${PREGNANCY.key}`,
      value: 'pregnant',
      codings,
      ...(text === undefined ? {} : { text }),
      effective,
      source: sourceOf(resource),
    });
  });
  return facts;
}
