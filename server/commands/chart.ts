/** A Bundle on disk as one patient's facts: it is all there is, so what it does not hold is empty, not unasked. */
import { contentsOf, patientOf } from '../../models/engine/facts/bundle.ts';
import type { CodeMap } from '../../models/engine/facts/code-map.ts';
import type { DrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts, SourceReport } from '../../models/engine/facts/facts.ts';
import { isObject } from '../../models/engine/facts/json.ts';
import { readFacts } from '../../models/engine/facts/read.ts';

/** Resource type → the fact groups it answers for. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Patient: ['patient'],
  Observation: ['laboratory', 'vital-signs', 'social-history', 'survey', 'genes'],
  Condition: ['conditions'],
  AllergyIntolerance: ['allergies'],
  MedicationRequest: ['medications'],
};

/** The ids of the patients whose chart the Bundle is. */
export function patientsIn(bundle: unknown): readonly string[] {
  const patient = patientOf(bundle);
  switch (patient.state) {
    case 'one':
      return [patient.patientId];
    case 'several':
      return patient.patientIds;
    case 'none':
      return [];
  }
}

/** The facts of one patient of a Bundle. */
export function factsOf(request: {
  readonly bundle: unknown;
  readonly patientId: string;
  readonly drugs: DrugTable;
  readonly now: number;
  readonly codeMap?: CodeMap;
}): Facts {
  const { resources, fullUrls } = contentsOf(request.bundle);
  const { bundle: _bundle, ...asked } = request;
  return readFacts({ ...asked, resources, fullUrls, sources: sourcesOf(resources) });
}

function sourcesOf(resources: readonly unknown[]): readonly SourceReport[] {
  return Object.entries(GROUPS).flatMap(([type, ids]) => {
    const types = type === 'MedicationRequest' ? [type, 'MedicationStatement'] : [type];
    const count = resources.filter(
      (resource) => isObject(resource) && types.includes(String(resource.resourceType)),
    ).length;
    return ids.map((id): SourceReport => ({ id, state: count > 0 ? 'read' : 'empty', count, pages: 1 }));
  });
}
