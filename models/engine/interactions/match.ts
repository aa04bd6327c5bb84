/** Which of a patient's medicines take part in an interaction. */
import { membersOfClass, readSelector, selects } from '../drugs/profiles.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Interaction, Library, Participant } from '../library.ts';

/** The medicines on the two sides of an interaction. */
export interface Pair {
  readonly object: readonly MedicationFact[];
  readonly precipitant: readonly MedicationFact[];
  /** The ingredients that take part: of a combination product, only the one that matters. */
  readonly names: { readonly object: string; readonly precipitant: string };
}

interface Side {
  readonly rxcuis: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
}

interface Prepared {
  readonly interaction: Interaction;
  readonly object: Side;
  readonly precipitant: Side;
}

const prepared = new WeakMap<Library, readonly Prepared[]>();

/** Every interaction of the library with the pair it has in this patient, or none. */
export function matchInteractions(
  facts: Facts,
  library: Library,
): readonly { readonly interaction: Interaction; readonly pair?: Pair }[] {
  const taken = facts.medication.filter(counts);
  return prepare(library).map(({ interaction, object, precipitant }) => {
    const objects = taken.filter((medicine) => takesPart(medicine, object));
    if (objects.length === 0) return { interaction };
    const precipitants = taken.filter((medicine) => takesPart(medicine, precipitant));
    if (!twoDrugs(objects, precipitants, object, precipitant)) return { interaction };
    const names = { object: namesOf(objects, object), precipitant: namesOf(precipitants, precipitant) };
    return { interaction, pair: { object: objects, precipitant: precipitants, names } };
  });
}

/** Taken now, about to be taken, or listed without saying; a paused or stopped medicine takes no part. */
export function counts({ state }: MedicationFact): boolean {
  return state === 'active' || state === 'planned' || state === 'unknown';
}

function takesPart({ ingredients, route }: MedicationFact, side: Side): boolean {
  return side.routes.has(route) && ingredients.some(({ rxcui }) => side.rxcuis.has(rxcui));
}

function namesOf(medicines: readonly MedicationFact[], side: Side): string {
  const names = medicines.flatMap(({ ingredients }) =>
    ingredients.filter(({ rxcui }) => side.rxcuis.has(rxcui)).map(({ name }) => name),
  );
  return [...new Set(names)].join(' and ');
}

/** One drug that happens to stand on both sides (a class against itself) is not an interaction. */
function twoDrugs(
  objects: readonly MedicationFact[],
  precipitants: readonly MedicationFact[],
  object: Side,
  precipitant: Side,
): boolean {
  const left = new Set(
    objects.flatMap(({ ingredients }) => ingredients.map(({ rxcui }) => rxcui).filter((id) => object.rxcuis.has(id))),
  );
  return precipitants.some(({ ingredients }) =>
    ingredients.some(({ rxcui }) => precipitant.rxcuis.has(rxcui) && (left.size > 1 || !left.has(rxcui))),
  );
}

function prepare(library: Library): readonly Prepared[] {
  const known = prepared.get(library);
  if (known) return known;
  const sides = library.interactions.map((interaction) => ({
    interaction,
    object: sideOf(interaction.object, library),
    precipitant: sideOf(interaction.precipitant, library),
  }));
  prepared.set(library, sides);
  return sides;
}

function sideOf(
  { ingredients = [], classes = [], traits = [], except = [], routes }: Participant,
  library: Library,
): Side {
  const ofClasses = classes.flatMap((id) => {
    const members = membersOfClass(id, library);
    if (!members) throw new RangeError(`the library has no drug class ${id}`);
    return [...members];
  });
  const selectors = traits.map(readSelector);
  const ofTraits = library.ingredients.filter((profile) => selectors.some((selector) => selects(selector, profile)));
  const rxcuis = new Set([...ingredients, ...ofTraits].map(({ rxcui }) => rxcui).concat(ofClasses));
  for (const rxcui of except) rxcuis.delete(rxcui);
  return { rxcuis, routes: new Set(routes ?? ['systemic', 'unknown']) };
}
