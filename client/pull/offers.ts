/** What the EHR says it can do: its CapabilityStatement, as far as reading goes. */
import { asArray, isRecord } from './json.ts';

/** How a type is searched, as declared. */
interface Declared {
  readonly searchable: boolean;
  /** Names of search parameters; `undefined` when the statement lists none, which says nothing. */
  readonly parameters: ReadonlySet<string> | undefined;
}

/** The declaration, ready to be asked. */
export interface Offers {
  readonly fhirVersion: string | undefined;
  /** `undefined` when the type is not listed at all. */
  type(resourceType: string): Declared | undefined;
}

/** Reads a CapabilityStatement; `undefined` for anything else, since a wrong statement is worse than none. */
export function readOffers(statement: unknown): Offers | undefined {
  if (!isRecord(statement) || statement.resourceType !== 'CapabilityStatement') return undefined;
  const rest = asArray(statement.rest)
    .filter(isRecord)
    .find(({ mode }) => mode === 'server');
  const types = new Map<string, Declared>();
  for (const resource of asArray(rest?.resource).filter(isRecord))
    if (typeof resource.type === 'string') types.set(resource.type, declared(resource));
  const { fhirVersion } = statement;
  return {
    fhirVersion: typeof fhirVersion === 'string' ? fhirVersion : undefined,
    // A statement without a single type is a gateway's stub: it cannot tell what is missing.
    type: (resourceType) => (types.size === 0 ? { searchable: true, parameters: undefined } : types.get(resourceType)),
  };
}

function declared(resource: Record<string, unknown>): Declared {
  const interactions = asArray(resource.interaction).filter(isRecord);
  const parameters = asArray(resource.searchParam)
    .filter(isRecord)
    .flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  return {
    searchable: interactions.length === 0 || interactions.some(({ code }) => code === 'search-type'),
    parameters: parameters.length > 0 ? new Set(parameters) : undefined,
  };
}

/** Q17: why this server cannot be read, when it says that it speaks another FHIR than R4 (or R4B). */
export function versionRefusal({ fhirVersion }: Offers): string | undefined {
  if (fhirVersion === undefined || /^4\.[03](\.|$)/.test(fhirVersion)) return undefined;
  const said = /^[\w.-]{1,20}$/.test(fhirVersion) ? fhirVersion : 'of another version';
  return `this EHR’s server speaks FHIR ${said}; Attune reads R4 only, so nothing of it was used`;
}
