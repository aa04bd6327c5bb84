/** Medicines that prescriptions only refer to. */
const MEDICATION_ENTRY = /^Medication(?:Request|Statement|Dispense|Administration)\//;

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
