/** The reading of a chart as a list of steps. Medicines are a step of their own: they need the drug table, which comes later. */
import { readAllergies } from './allergies.ts';
import { readCare } from './care.ts';
import { openChart } from './chart.ts';
import { readCoded } from './coded.ts';
import { readConditions } from './conditions.ts';
import type { Facts, MedicationFact } from './facts.ts';
import { readGenes } from './genes.ts';
import { readObservations } from './observations.ts';
import { readPatient } from './patient.ts';
import { readDevices, readFamily, readProcedures } from './procedures.ts';
import type { ReadRequest } from './request.ts';

type Chart = ReturnType<typeof openChart>;

/** Everything but the medicines, for a caller that has them read elsewhere (`withMedications`) before anything is checked. */
export function readChart(request: ReadRequest): Facts {
  return factsOf(openChart(request), request, () => []);
}

/** The steps. `medicines` reads the medicines of an opened chart. */
export function factsOf(
  chart: Chart,
  request: ReadRequest,
  medicines: (chart: Chart) => readonly MedicationFact[],
): Facts {
  const patient = readPatient(chart);
  const observation = readObservations(chart);
  const coded = readCoded(chart);
  const condition = readConditions(chart);
  const allergy = readAllergies(chart, request.drugs);
  const medication = medicines(chart);
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
