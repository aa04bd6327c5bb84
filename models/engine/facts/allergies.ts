/** Allergies and intolerances that stand: not refuted, not resolved, and not "no known allergies". */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { codingsOf, DATA_ABSENT, statusCode, textOf } from './codings.ts';
import type { AllergyFact, Coding } from './facts.ts';
import { object, objects, string } from './json.ts';

/** SNOMED situations that say there is none (recalled): no known allergy, drug, food, environmental, latex allergy. */
const NONE_KNOWN: ReadonlySet<string> = new Set([
  '716186003',
  '409137002',
  '429625007',
  '428607008',
  '1003774007',
  '160244002',
]);

/** Every allergy or intolerance in force. */
export function readAllergies(chart: Chart): readonly AllergyFact[] {
  const facts: AllergyFact[] = [];
  readEach(chart, 'AllergyIntolerance', 'patient', (resource) => {
    const verification = statusCode(resource.verificationStatus);
    if (verification === 'refuted' || verification === 'entered-in-error') {
      chart.unread.push({ source: sourceOf(resource), reason: 'entered-in-error', text: verification });
      return;
    }
    const clinical = statusCode(resource.clinicalStatus);
    if (clinical === 'resolved' || clinical === 'inactive') return;
    const concept = object(resource.code);
    const substances = objects(resource.reaction).map((reaction) => object(reaction.substance));
    const codings: readonly Coding[] = [concept, ...substances].flatMap((each) => codingsOf(each));
    const text =
      textOf(concept) ?? substances.map((substance) => textOf(substance)).find((found) => found !== undefined);
    if (codings.some(({ code }) => NONE_KNOWN.has(code ?? ''))) return;
    if ((text === undefined && codings.length === 0) || codings.some(({ system }) => system === DATA_ABSENT)) {
      chart.unread.push({ source: sourceOf(resource), reason: codings.length === 0 ? 'no-value' : 'data-absent' });
      return;
    }
    const type = string(resource.type);
    const criticality = string(resource.criticality);
    facts.push({
      codings,
      text: text ?? codings[0]?.code ?? '',
      kind: type === 'allergy' || type === 'intolerance' ? type : 'unknown',
      ...(criticality === 'low' || criticality === 'high' || criticality === 'unable-to-assess' ? { criticality } : {}),
      source: sourceOf(resource),
    });
  });
  return facts;
}
