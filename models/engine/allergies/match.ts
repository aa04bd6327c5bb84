/** Which entry of the allergy list means which medicine: itself, or one that may provoke the same reaction. */
import { membersOf } from '../drugs/participant.ts';
import { canonicalSystem } from '../facts/codings.ts';
import type { AllergyFact, Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { AllergyNature, CrossReactivity, Library } from '../library.ts';
import { natureOf, reactedWith } from './nature.ts';

/** A medicine that an entry of the allergy list speaks against. */
export interface Hit {
  readonly allergy: AllergyFact;
  readonly nature: AllergyNature;
  readonly medicine: MedicationFact;
  readonly ingredient: Ingredient;
  /** Absent: the entry names the ingredient itself. */
  readonly by?: { readonly group: CrossReactivity; readonly cross: CrossReactivity['crosses'][number] };
}

/** Every hit of an entry, the ingredient itself before its relatives. Any route counts: an eye ointment can be enough. */
export function hitsOf(allergy: AllergyFact, facts: Facts, library: Library): readonly Hit[] {
  const nature = natureOf(allergy);
  const groups = groupsOf(allergy, library);
  const named = new Set((allergy.ingredients ?? []).map(({ rxcui }) => rxcui));
  return facts.medication.filter(counts).flatMap((medicine) =>
    medicine.ingredients.flatMap((ingredient): readonly Hit[] => {
      const base = { allergy, nature, medicine, ingredient };
      if (named.has(ingredient.rxcui)) return [base];
      const by = groups
        .flatMap((group) => group.crosses.map((cross) => ({ group, cross })))
        .find(
          ({ cross }) =>
            cross.indicator[nature] !== undefined &&
            (cross.reactions === undefined || reactedWith(allergy, cross.reactions)) &&
            members(cross.medicine, library).has(ingredient.rxcui),
        );
      return by ? [{ ...base, by }] : [];
    }),
  );
}

/** Was the entry understood: a medicine, a class of medicines, or something that is known to be neither? */
export function isUnderstood(allergy: AllergyFact, library: Library): boolean {
  return (allergy.ingredients ?? []).length > 0 || groupsOf(allergy, library).length > 0;
}

/** The groups that an entry belongs to: by its ingredients, its codes, or words of its text. */
function groupsOf({ ingredients = [], codings, text }: AllergyFact, library: Library): readonly CrossReactivity[] {
  const said = [text, ...codings.flatMap(({ display }) => display ?? [])].map(plain);
  return (library.allergies ?? []).filter(({ allergen }) => {
    const rxcuis = members(allergen, library);
    return (
      ingredients.some(({ rxcui }) => rxcuis.has(rxcui)) ||
      (allergen.codes ?? []).some((code) =>
        codings.some(
          (coding) =>
            coding.code === code.code && coding.system !== undefined && canonicalSystem(coding.system) === code.system,
        ),
      ) ||
      (ingredients.length === 0 &&
        (allergen.words ?? []).some((word) => said.some((each) => each.includes(` ${word} `))))
    );
  });
}

function members(participant: CrossReactivity['allergen'], library: Library): ReadonlySet<string> {
  return membersOf(participant, library).rxcuis;
}

/** Lower case, words apart, a blank at both ends: so that a whole word can be looked for. */
function plain(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `;
}
