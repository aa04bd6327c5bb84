/** Problems, diagnoses and health concerns. What a code means is the library's business; here only whether it counts as present. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { absenceIn, codingsOf, statusCode, textOf } from './codings.ts';
import { periodOf } from './dates.ts';
import type { ConditionFact } from './facts.ts';
import { type Json, object, objects, string } from './json.ts';

const CLINICAL: ReadonlySet<string> = new Set(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved']);
const PRESENT: ReadonlySet<string> = new Set(['active', 'recurrence', 'relapse']);
/** Not (yet) held to be true; `provisional` is a working diagnosis and counts. */
const DOUBTED: ReadonlySet<string> = new Set(['unconfirmed', 'differential']);

/** Every condition; a missing clinical status is `unknown` and does not count as present. */
export function readConditions(chart: Chart): readonly ConditionFact[] {
  const facts: ConditionFact[] = [];
  readEach(chart, 'Condition', 'subject', (resource) => {
    const verification = statusCode(resource.verificationStatus);
    if (verification === 'refuted' || verification === 'entered-in-error') {
      chart.unread.push({ source: sourceOf(resource), reason: 'entered-in-error', text: verification });
      return;
    }
    const concept = object(resource.code);
    const codings = codingsOf(concept);
    const text = textOf(concept);
    if (text === undefined && codings.length === 0) {
      chart.unread.push({ source: sourceOf(resource), reason: 'no-value' });
      return;
    }
    const absence = absenceIn(codings);
    if (absence !== undefined) {
      chart.unread.push({ source: sourceOf(resource), reason: absence, ...(text === undefined ? {} : { text }) });
      return;
    }
    const status = statusCode(resource.clinicalStatus);
    const clinicalStatus =
      status !== undefined && CLINICAL.has(status) ? (status as ConditionFact['clinicalStatus']) : 'unknown';
    facts.push({
      codings,
      text: text ?? codings[0]?.code ?? '',
      clinicalStatus,
      active: PRESENT.has(clinicalStatus) && !DOUBTED.has(verification ?? ''),
      ...categoryOf(resource),
      ...onsetOf(chart, resource),
      source: sourceOf(resource),
    });
  });
  return facts;
}

const CATEGORIES = ['problem-list-item', 'encounter-diagnosis', 'health-concern'] as const;

/** The first that the chart gives in this order: what is on the problem list as well is a problem. */
function categoryOf(resource: Json): Pick<ConditionFact, 'category'> {
  const codes = objects(resource.category).flatMap((concept) => codingsOf(concept).map(({ code }) => code));
  const category = CATEGORIES.find((each) => codes.includes(each));
  return category === undefined ? {} : { category };
}

function onsetOf(chart: Chart, resource: Json): Pick<ConditionFact, 'onset'> {
  const date = string(resource.onsetDateTime);
  const period = object(resource.onsetPeriod);
  const onset = date !== undefined ? chart.dates.when(date) : period && periodOf(period, chart.dates);
  return onset === undefined ? {} : { onset };
}
