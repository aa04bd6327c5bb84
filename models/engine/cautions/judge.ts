/** Whether a caution about a medicine that the patient takes holds: true, false, or unknown for want of a fact. */
import { type Members, membersOf, partOf, takesPart } from '../drugs/participant.ts';
import type { EvaluationBasis, Input } from '../evaluation.ts';
import type { Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { Caution, CautionTheme, Library } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import { basisOf, listedInput } from '../rules/basis.ts';
import type { Truth } from '../rules/fhirpath.ts';
import { ask } from '../rules/question.ts';
import { ageInDays, type Seen } from '../rules/view.ts';
import type { Concerned } from './about.ts';

/** What the evaluation of cautions works on. */
export interface CautionScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** A caution about medicines that the patient takes, and what came of it. */
export interface Judged {
  readonly theme: CautionTheme;
  readonly caution: Caution;
  readonly concern: string;
  readonly medicines: readonly MedicationFact[];
  /** The ingredients that matter, each once. */
  readonly ingredients: readonly Ingredient[];
  readonly inputs: readonly Input[];
  readonly when: string;
  readonly seen: Seen;
  readonly basis: EvaluationBasis;
  readonly truth: Truth;
  /** Silent because the aim of care is comfort. */
  readonly comfort: boolean;
}

const COMFORT_CARE = { fact: 'condition.comfort-care', label: 'Comfort care', required: false } as const;

/** Nothing when no medicine of the list takes part. FHIRPath runs only for medicines that the patient has. */
export function judge({ theme, caution, listed }: Concerned, scene: CautionScene): Judged | undefined {
  const members = membersOf(caution.medicine, scene.library);
  const medicines = listed.filter((each) => counts(each) && takesPart(each, members));
  if (medicines.length === 0) return undefined;
  const when = caution.when ?? theme.when ?? 'true';
  const question = {
    when,
    needs: caution.needs ?? theme.needs ?? [],
    maxAge: { ...theme.maxAge, ...caution.maxAge },
  };
  const beside = when.includes('%medicine')
    ? { environment: { medicine: medicines.map((each) => medicineView(each, members, scene.now)) } }
    : undefined;
  const { seen, truth } = ask(caution, question, scene, beside);
  const comfort = theme.silentInComfortCare === true && inComfortCare(scene);
  const inputs = medicines.map((each) => listedInput(each, scene.facts));
  const basis = basisOf(seen.resolved);
  return {
    theme,
    caution,
    concern: caution.concern ?? theme.concern ?? theme.title,
    medicines,
    ingredients: once(medicines.flatMap((each) => partOf(each, members))),
    inputs,
    when,
    seen,
    basis: { ...basis, used: [...inputs, ...basis.used] },
    truth: comfort ? 'not-met' : truth,
    comfort,
  };
}

function inComfortCare({ resolver }: CautionScene): boolean {
  const resolved = resolver.resolve(COMFORT_CARE);
  return resolved.state === 'known' && resolved.value === 'yes';
}

function once(ingredients: readonly Ingredient[]): readonly Ingredient[] {
  return [...new Map(ingredients.map((each) => [each.rxcui, each])).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** What `%medicine` shows of each: what takes part of it, its daily dose where that was read, and for how many days it has been taken. */
function medicineView(medicine: MedicationFact, members: Members, now: number): Record<string, unknown> {
  const { route, asNeeded, dailyDose, start } = medicine;
  return {
    ingredients: partOf(medicine, members).map(({ rxcui }) => rxcui),
    route,
    asNeeded,
    ...(dailyDose ? { dailyDose: { value: dailyDose.value, unit: dailyDose.unit } } : {}),
    ...(start ? { takenDays: ageInDays(start, now) } : {}),
  };
}
