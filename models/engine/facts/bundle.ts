/** A Bundle on disk as a chart to read: its resources, how its references resolve, and whose chart it is. */
import { isObject, type Json } from './json.ts';

/** What a Bundle holds. */
export interface BundleContents {
  readonly resources: readonly unknown[];
  /** `fullUrl` → `Type/id`. */
  readonly fullUrls: ReadonlyMap<string, string>;
}

/** The patient of a Bundle, or why there is not one. */
export type BundlePatient =
  | { readonly state: 'one'; readonly patientId: string }
  | { readonly state: 'none' }
  | { readonly state: 'several'; readonly patientIds: readonly string[] };

/** The resources of a Bundle; OperationOutcomes are left out. Entries without an id take it from their `fullUrl`. */
export function contentsOf(bundle: unknown): BundleContents {
  const resources: unknown[] = [];
  const fullUrls = new Map<string, string>();
  const entries = isObject(bundle) && Array.isArray(bundle.entry) ? bundle.entry : [];
  for (const entry of entries) {
    if (!isObject(entry) || entry.resource === undefined) continue;
    const resource = withId(entry.resource, entry.fullUrl);
    if (isObject(resource) && resource.resourceType === 'OperationOutcome') continue;
    resources.push(resource);
    if (typeof entry.fullUrl === 'string' && isObject(resource) && typeof resource.resourceType === 'string') {
      fullUrls.set(entry.fullUrl, `${resource.resourceType}/${resource.id}`);
    }
  }
  return { resources, fullUrls };
}

function withId(resource: unknown, fullUrl: unknown): unknown {
  if (!isObject(resource) || resource.id !== undefined || typeof fullUrl !== 'string') return resource;
  const id = /(?:^urn:uuid:|^urn:oid:|\/)([A-Za-z0-9\-.]{1,128})$/.exec(fullUrl)?.[1];
  return id === undefined ? resource : ({ ...resource, id } satisfies Json);
}

/** Whose chart the Bundle is. */
export function patientOf(bundle: unknown): BundlePatient {
  const ids = contentsOf(bundle).resources.flatMap((resource) =>
    isObject(resource) && resource.resourceType === 'Patient' && typeof resource.id === 'string' ? [resource.id] : [],
  );
  const [first, ...others] = [...new Set(ids)];
  if (first === undefined) return { state: 'none' };
  return others.length === 0
    ? { state: 'one', patientId: first }
    : { state: 'several', patientIds: [first, ...others] };
}
