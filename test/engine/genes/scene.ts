/** Patients with gene results and medicines, for the tests of genes and exposure. */
import type { Facts, GeneFact, MedicationFact } from '../../../models/engine/facts/facts.ts';
import { factsOf, on } from '../interactions-chart.ts';

export const NOW = Date.parse('2026-11-20T09:00:00Z');

/** A medicine by RxCUI and name, taken by mouth unless said otherwise. */
export function takes(rxcui: string, name: string, more: Partial<MedicationFact> = {}): MedicationFact {
  return {
    text: name,
    ingredients: [{ rxcui, name }],
    resolution: 'coded',
    state: 'active',
    reported: false,
    asNeeded: false,
    route: 'systemic',
    sources: [`MedicationRequest/${name}`],
    ...more,
  };
}

/** A gene result of 1 May 2026. */
export function gene(symbol: string, result: Partial<GeneFact>): GeneFact {
  return { gene: symbol, effective: on('2026-05-01'), source: `Observation/${symbol}`, ...result };
}

/** Facts of an adult with these medicines and gene results. */
export function patient(of: {
  readonly medicines: readonly MedicationFact[];
  readonly genes?: readonly GeneFact[];
  readonly age?: number;
  readonly deceased?: boolean;
}): Facts {
  const { medicines, genes = [], age = 50, deceased = false } = of;
  return { ...factsOf({ age, deceased, medicationList: 'read' }), medication: medicines, gene: genes };
}
