/** From raw FHIR R4 JSON to facts. READ FIRST in this folder, then `read-chart.ts`: the whole reading is its list of steps. */
import { withAllergens } from './allergies.ts';
import { openChart } from './chart.ts';
import type { Facts } from './facts.ts';
import { readGiven } from './given.ts';
import { readMedicationFacts } from './medications.ts';
import { factsOf } from './read-chart.ts';
import type { ReadRequest } from './request.ts';

export { readChart } from './read-chart.ts';
export type { ReadRequest } from './request.ts';

/**
 * Everything the chart says of the patient. Never throws on any JSON: what cannot be read is in `unread` with its
 * reason. Without `drugs` the medicines are listed unresolved.
 */
export function readFacts(request: ReadRequest): Facts {
  const chart = openChart(request);
  const facts = factsOf(chart, request, () => readMedicationFacts(chart, request.drugs));
  return { ...facts, given: readGiven(chart, request.drugs) };
}

/**
 * Facts with medicines and allergens read as far as the drug table goes; everything else stays as it was. Without a
 * table every medicine is listed unresolved.
 */
export function withMedications(facts: Facts, request: ReadRequest): Facts {
  const { medication, given, unread } = readMedications(request);
  const others = facts.unread.filter(
    ({ source, reason }) => reason !== 'unresolved-medication' && !isMedicationEntry(source),
  );
  const allergy = request.drugs ? withAllergens(facts.allergy, request.drugs) : facts.allergy;
  return { ...facts, allergy, medication, ...(given ? { given } : {}), unread: [...others, ...unread] };
}

/** The medicines alone, for a caller that reads them apart from the rest. */
export function readMedications(request: ReadRequest): Pick<Facts, 'medication' | 'given' | 'unread'> {
  const chart = openChart(request);
  // Malformed resources of other types are the first reading's business.
  chart.unread.length = 0;
  const medication = readMedicationFacts(chart, request.drugs);
  return { medication, given: readGiven(chart, request.drugs), unread: chart.unread };
}

const MEDICATION_ENTRY = /^Medication(?:Request|Statement|Dispense|Administration)\//;

function isMedicationEntry(source: string): boolean {
  return MEDICATION_ENTRY.test(source);
}
