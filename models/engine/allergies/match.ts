/** Which entry of the allergy list means which medicine: itself, or one that may provoke the same reaction. */
import { membersOf } from '../drugs/participant.ts';
import type { Indicator } from '../evaluation.ts';
import { canonicalSystem } from '../facts/codings.ts';
import type { AllergyFact, Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { AllergyNature, CrossReactivity, Library } from '../library.ts';
import { natureOf, reactedWith } from './nature.ts';

/** A medicine that an entry of the allergy list speaks against, and the statement that says so. */
export interface Hit {
  readonly allergy: AllergyFact;
  readonly nature: AllergyNature;
  readonly medicine: MedicationFact;
  readonly ingredient: Ingredient;
  readonly group: CrossReactivity;
  readonly cross: CrossReactivity['crosses'][number];
}

/** The group of the library whose statements are about the very drug that the entry names. */
const ITSELF = 'the-drug-itself';

/** Every hit of an entry: the ingredient itself, else a relative. Any route counts: an eye ointment can be enough. */
export function hitsOf(allergy: AllergyFact, facts: Facts, library: Library): readonly Hit[] {
  const named = new Set((allergy.ingredients ?? []).map(({ rxcui }) => rxcui));
  const nature = natureOf(allergy);
  const itself = (library.allergies ?? []).filter(({ id }) => id === ITSELF);
  const relatives = groupsOf(allergy, library);
  return facts.medication.filter(counts).flatMap((medicine) =>
    medicine.ingredients.flatMap((ingredient): readonly Hit[] => {
      const own = named.has(ingredient.rxcui);
      const seen = own && named.size > 1 ? unsettled(nature) : nature;
      const statement = own
        ? statementOf(itself, ({ indicator }) => indicator[seen] !== undefined, seen)
        : statementOf(
            relatives,
            ({ indicator, reactions, medicine: kin }) =>
              indicator[nature] !== undefined &&
              (reactions === undefined || reactedWith(allergy, reactions)) &&
              membersOf(kin, library).rxcuis.has(ingredient.rxcui),
            nature,
          );
      return statement ? [{ allergy, nature: seen, medicine, ingredient, ...statement }] : [];
    }),
  );
}

/** Of a combination the chart does not say which part was to blame. */
function unsettled(nature: AllergyNature): AllergyNature {
  return nature === 'severe' || nature === 'allergy' ? 'unstated' : nature;
}

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

/** Of the statements that fit, the one that gives the gravest tier. */
function statementOf(
  groups: readonly CrossReactivity[],
  fits: (cross: CrossReactivity['crosses'][number]) => boolean,
  nature: AllergyNature,
): Pick<Hit, 'group' | 'cross'> | undefined {
  const tier = ({ indicator }: CrossReactivity['crosses'][number]) => TIER[indicator[nature] ?? 'info'];
  const [gravest] = groups
    .flatMap((group) => group.crosses.filter(fits).map((cross) => ({ group, cross })))
    .sort((one, other) => tier(one.cross) - tier(other.cross));
  return gravest;
}

/** Was the entry understood: a medicine, a class of medicines, or something that is known to be neither? */
export function isUnderstood(allergy: AllergyFact, library: Library): boolean {
  return (allergy.ingredients ?? []).length > 0 || groupsOf(allergy, library).length > 0;
}

/** The groups that an entry belongs to: by its ingredients, its codes, or words of its text. */
function groupsOf({ ingredients = [], codings, text }: AllergyFact, library: Library): readonly CrossReactivity[] {
  const said = [text, ...codings.flatMap(({ display }) => display ?? [])].map(plain);
  return (library.allergies ?? []).filter(({ allergen }) => {
    const { rxcuis } = membersOf(allergen, library);
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

/** Lower case, words apart, a blank at both ends: so that a whole word can be looked for. */
function plain(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `;
}
