/** A medication list as it might be: some medicines switched off, some added. Never the chart's list, and never written back as one. */
import type { Facts, Ingredient, MedicationFact, RouteClass } from '../facts/facts.ts';

/** A medicine that is being considered. */
export interface Added {
  readonly text: string;
  readonly ingredients: readonly Ingredient[];
  readonly route: RouteClass;
}

/** What is being tried. */
export interface Plan {
  /** The first source of each medicine that is switched off. */
  readonly off: readonly string[];
  readonly added: readonly Added[];
}

/** Stands in for a source where there is none: nothing simulated has a resource in the EHR. */
export const SIMULATED = 'simulated/';

/** True for a medicine that a plan brought in. */
export function isSimulated({ sources }: Pick<MedicationFact, 'sources'>): boolean {
  return sources.some((source) => source.startsWith(SIMULATED));
}

/** The facts with the plan's list in place of the chart's; nothing else changes. */
export function withPlan(facts: Facts, { off, added }: Plan): Facts {
  const kept = facts.medication.filter(({ sources }) => !sources.some((source) => off.includes(source)));
  const brought = added.map(
    ({ text, ingredients, route }, index): MedicationFact => ({
      text,
      ingredients,
      resolution: 'coded',
      state: 'planned',
      reported: false,
      asNeeded: false,
      route,
      sources: [`${SIMULATED}${index}`],
    }),
  );
  return { ...facts, medication: [...kept, ...brought] };
}
