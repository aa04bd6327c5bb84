/** Allergies and intolerances that stand: not refuted, not resolved, and not "no known allergies". */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { absenceIn, codingsOf, DATA_ABSENT, RXNORM, statusCode, textOf } from './codings.ts';
import type { DrugTable } from './drug-table.ts';
import type { AllergyFact } from './facts.ts';
import { type Json, object, objects, string } from './json.ts';

/** SNOMED situations that say there is none (recalled): no known allergy, drug, food, environmental, latex allergy. */
const NONE_KNOWN: ReadonlySet<string> = new Set([
  '716186003',
  '409137002',
  '429625007',
  '428607008',
  '1003774007',
  '160244002',
]);

/** Every allergy or intolerance in force. Without the drug table no drug is recognised in them; see `withAllergens`. */
export function readAllergies(chart: Chart, drugs: DrugTable | undefined): readonly AllergyFact[] {
  const facts: AllergyFact[] = [];
  readEach(chart, 'AllergyIntolerance', 'patient', (resource) => {
    const fact = readAllergy(chart, resource);
    if (fact !== undefined) facts.push(fact);
  });
  return drugs === undefined ? facts : withAllergens(facts, drugs);
}

function readAllergy(chart: Chart, resource: Json): AllergyFact | undefined {
  const source = sourceOf(resource);
  const verification = statusCode(resource.verificationStatus);
  if (verification === 'refuted' || verification === 'entered-in-error') {
    chart.unread.push({ source, reason: 'entered-in-error', text: verification });
    return undefined;
  }
  const clinical = statusCode(resource.clinicalStatus);
  if (clinical === 'resolved' || clinical === 'inactive') return undefined;
  const concept = object(resource.code);
  const reactions = objects(resource.reaction);
  const substances = reactions.map((reaction) => object(reaction.substance));
  const codings = [concept, ...substances].flatMap((each) => codingsOf(each));
  const text = textOf(concept) ?? substances.map((each) => textOf(each)).find((found) => found !== undefined);
  if (codings.some(({ code }) => NONE_KNOWN.has(code ?? ''))) return undefined;
  // One absent coding among others is enough: half an allergy is not one.
  const absence = absenceIn(codings.filter(({ system }) => system === DATA_ABSENT));
  if (absence !== undefined || (text === undefined && codings.length === 0)) {
    chart.unread.push({ source, reason: absence ?? 'no-value' });
    return undefined;
  }
  const type = string(resource.type);
  const criticality = string(resource.criticality);
  const told = reactions.flatMap(reactionOf);
  return {
    codings,
    text: text ?? codings[0]?.code ?? '',
    kind: type === 'allergy' || type === 'intolerance' ? type : 'unknown',
    ...(criticality === 'low' || criticality === 'high' || criticality === 'unable-to-assess' ? { criticality } : {}),
    ...(told.length === 0 ? {} : { reactions: told }),
    source,
  };
}

function reactionOf(reaction: Json): NonNullable<AllergyFact['reactions']> {
  const words = objects(reaction.manifestation).map((each) => textOf(each) ?? codingsOf(each)[0]?.code);
  const text = words.filter((each) => each !== undefined).join(', ') || string(reaction.description);
  if (text === undefined) return [];
  const severity = string(reaction.severity);
  return [severity === 'mild' || severity === 'moderate' || severity === 'severe' ? { text, severity } : { text }];
}

/** The drug each entry names, by RxNorm code or by name; a class of drugs or a food has none. */
export function withAllergens(allergies: readonly AllergyFact[], drugs: DrugTable): readonly AllergyFact[] {
  return allergies.map((allergy) => ({ ...allergy, ...allergenOf(allergy, drugs) }));
}

function allergenOf({ codings, text }: AllergyFact, drugs: DrugTable): Pick<AllergyFact, 'ingredients' | 'resolution'> {
  const coded = codings.flatMap(({ system, code }) =>
    system === RXNORM && code !== undefined ? (drugs.ingredientsOf(code) ?? []) : [],
  );
  if (coded.length > 0) {
    const byCode = new Map(coded.map((ingredient) => [ingredient.rxcui, ingredient]));
    return { ingredients: [...byCode.values()], resolution: 'coded' };
  }
  const names = [text, ...codings.flatMap(({ display }) => display ?? [])];
  for (const name of names) {
    const ingredients = drugs.byName(name);
    if (ingredients !== undefined) return { ingredients, resolution: 'by-name' };
  }
  return { ingredients: [] };
}
