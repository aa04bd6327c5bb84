/** From raw FHIR R4 JSON to facts. READ FIRST in this folder: the whole reading is the list of steps below. */
import { readAllergies, withAllergens } from './allergies.ts';
import { readCare } from './care.ts';
import { openChart } from './chart.ts';
import { readCoded } from './coded.ts';
import { readConditions } from './conditions.ts';
import type { DrugTable } from './drug-table.ts';
import type { Facts } from './facts.ts';
import { readGenes } from './genes.ts';
import { readMedicationFacts } from './medications.ts';
import { readObservations } from './observations.ts';
import { readPatient } from './patient.ts';
import { readDevices, readFamily, readProcedures } from './procedures.ts';
import type { ReadRequest } from './request.ts';

export type { ReadRequest } from './request.ts';

/**
 * Everything the chart says of the patient. Never throws on any JSON: what cannot be read is in `unread` with its
 * reason. Without `drugs` the medicines are listed unresolved.
 */
export function readFacts(request: ReadRequest): Facts {
  const chart = openChart(request);
  const patient = readPatient(chart);
  const observation = readObservations(chart);
  const coded = readCoded(chart);
  const condition = readConditions(chart);
  const allergy = readAllergies(chart, request.drugs);
  const medication = readMedicationFacts(chart, request.drugs);
  return {
    patient,
    observation,
    coded,
    condition,
    allergy,
    medication,
    procedure: readProcedures(chart),
    family: readFamily(chart),
    device: readDevices(chart),
    gene: readGenes(chart),
    care: readCare(chart),
    unread: chart.unread,
    sources: request.sources ?? [],
  };
}

/** Facts with medicines and allergens read again once the drug table is there; everything else stays as it was. */
export function withMedications(facts: Facts, request: ReadRequest & { readonly drugs: DrugTable }): Facts {
  const { medication, unread } = readMedications(request);
  const others = facts.unread.filter(
    ({ source, reason }) => reason !== 'unresolved-medication' && !isMedicationEntry(source),
  );
  const allergy = withAllergens(facts.allergy, request.drugs);
  return { ...facts, allergy, medication, unread: [...others, ...unread] };
}

/** The medicines alone, for a caller that reads them apart from the rest. */
export function readMedications(request: ReadRequest): Pick<Facts, 'medication' | 'unread'> {
  const chart = openChart(request);
  // Malformed resources of other types are the first reading's business.
  chart.unread.length = 0;
  const medication = readMedicationFacts(chart, request.drugs);
  return { medication, unread: chart.unread };
}

const MEDICATION_ENTRY = /^Medication(?:Request|Statement|Dispense|Administration)\//;

function isMedicationEntry(source: string): boolean {
  return MEDICATION_ENTRY.test(source);
}

/** References to Medication resources that the chart names but does not hold: what a second round should read. */
export function missingMedications(resources: readonly unknown[]): readonly string[] {
  const held = new Set<string>();
  const wanted = new Set<string>();
  for (const resource of resources) {
    if (typeof resource !== 'object' || resource === null) continue;
    const { resourceType, id, medicationReference } = resource as Record<string, unknown>;
    if (resourceType === 'Medication') held.add(`Medication/${id}`);
    if (!MEDICATION_ENTRY.test(`${resourceType}/`)) continue;
    const reference = (medicationReference as { readonly reference?: unknown } | null | undefined)?.reference;
    const local =
      typeof reference === 'string'
        ? /(?:^|\/)(Medication\/[A-Za-z0-9\-.]{1,128})(?:\/_history\/.*)?$/.exec(reference)?.[1]
        : undefined;
    if (local !== undefined) wanted.add(local);
  }
  return [...wanted].filter((reference) => !held.has(reference));
}
