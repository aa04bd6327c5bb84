/** SMART scopes, v1 (`patient/Observation.read`) and v2 (`patient/Observation.rs?category=…`): what we ask for, and what a granted list allows. */

/** One letter of SMART v2: create, read, update, delete, search. */
export type Interaction = 'c' | 'r' | 'u' | 'd' | 's';

/** What someone wants to do. `category` is a `system|code` or a bare code. */
export interface Wanted {
  readonly resourceType: string;
  readonly interaction: Interaction;
  readonly category?: string;
}

/** A resource type read in the first round, with the category it is narrowed to, if any. */
export interface ScopedRead {
  readonly resourceType: string;
  readonly category?: string;
}

/** How a request for scopes is spelled, widest support last (S2). */
export type ScopeRung = 'v2-granular' | 'v2' | 'v1';

const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const CATEGORY_SYSTEM: Readonly<Record<string, string>> = {
  Observation: 'http://terminology.hl7.org/CodeSystem/observation-category',
  Condition: 'http://terminology.hl7.org/CodeSystem/condition-category',
};

/** Whether the granted scopes allow the wanted interaction for the launch's patient. Anything unreadable grants nothing. */
export function grants(granted: readonly string[], wanted: Wanted): boolean {
  return granted.some((scope) => {
    const match = /^(?:patient|user)\/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$/.exec(scope);
    if (!match) return false;
    const [, type, suffix = '', query] = match;
    if (type !== '*' && type !== wanted.resourceType) return false;
    if (!(V1[suffix] ?? suffix).includes(wanted.interaction)) return false;
    return query === undefined || narrowedTo(query, wanted.category);
  });
}

/** A narrowed scope allows only what is asked within it; an un-narrowed question about a narrowed scope is allowed for search and read, since the EHR filters. */
function narrowedTo(query: string, category: string | undefined): boolean {
  const code = new URLSearchParams(query).get('category');
  if (code === null) return false;
  if (category === undefined) return true;
  const bare = (token: string) => token.slice(token.indexOf('|') + 1);
  return bare(code) === bare(category);
}

/** The most precise spelling that the server's capabilities admit; `scopes_supported` is not exhaustive and is not asked (S2). */
export function firstRung(capabilities: readonly string[]): ScopeRung {
  return capabilities.includes('permission-v2') ? 'v2-granular' : 'v1';
}

/** The next rung down after `invalid_scope`, if the server has one. */
export function nextRung(rung: ScopeRung, capabilities: readonly string[]): ScopeRung | undefined {
  if (rung === 'v2-granular') return 'v2';
  return rung === 'v2' && capabilities.includes('permission-v1') ? 'v1' : undefined;
}

/** The scopes to request (S1, S4–S6): reads that the facts need, `c` and `rs` of what is written where write-back is on, never `*`, `d` or `offline_access`. */
export function scopesToRequest(options: {
  readonly rung: ScopeRung;
  readonly reads: readonly ScopedRead[];
  readonly writes: boolean;
  /** Types to create and to read back, where write-back is on; a note unless the site agreed on more. */
  readonly written?: readonly string[];
  /** Ask for the right to update them too, so that what was written can be withdrawn. */
  readonly withdraw?: boolean;
  /** Ask to put drafts into the EHR's scratchpad and to tell it when the app is done (interop W2). */
  readonly messaging?: boolean;
  readonly standalone: boolean;
}): string[] {
  const {
    rung,
    reads,
    writes,
    written = ['DocumentReference'],
    withdraw = false,
    messaging = false,
    standalone,
  } = options;
  const scopes = new Set(['openid', 'fhirUser', 'online_access', standalone ? 'launch/patient' : 'launch']);
  // A prescription may name its medicine by reference.
  const medicines = reads.some(({ resourceType }) => /^Medication[A-Z]/.test(resourceType))
    ? [{ resourceType: 'Medication' }]
    : [];
  const all: ScopedRead[] = [{ resourceType: 'Patient' }, ...reads, ...medicines];
  for (const { resourceType } of all) {
    const categories = all.filter((read) => read.resourceType === resourceType).map((read) => read.category);
    const system = CATEGORY_SYSTEM[resourceType];
    if (rung === 'v1') scopes.add(`patient/${resourceType}.read`);
    else if (rung === 'v2-granular' && system && categories.every((category) => category && !category.includes(',')))
      for (const category of categories)
        scopes.add(
          `patient/${resourceType}.rs?category=${category?.includes('|') ? category : `${system}|${category}`}`,
        );
    else scopes.add(`patient/${resourceType}.rs`);
  }
  for (const type of writes ? written : []) {
    scopes.add(`patient/${type}.${rung === 'v1' ? 'write' : withdraw ? 'cu' : 'c'}`);
    scopes.add(`patient/${type}.${rung === 'v1' ? 'read' : 'rs'}`);
  }
  if (writes && messaging) for (const scope of ['messaging/scratchpad', 'messaging/ui']) scopes.add(scope);
  return [...scopes];
}
