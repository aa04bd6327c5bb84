/** What is announced at `GET /cds-services` (H1, H4). The prefetch templates are the app's own queries: a fact more is a query more, here too. */
import { firstRound, type Query, queryUrl } from '../../models/engine/facts/queries.ts';
import { HOOKS, type Hook } from './request.ts';

/** H4: six keys at most. Smoking and reported medicines are left to the app; what needs them says so. */
const PREFETCHED: ReadonlySet<string> = new Set([
  'patient',
  'conditions',
  'laboratory',
  'vital-signs',
  'allergies',
  'medications',
]);
/** A page that travels with every click; more than this the EHRs cut anyway. */
const MOST = 200;

/** One prefetch key: the query behind it, with what is left of it. */
export interface Prefetched {
  readonly key: string;
  readonly query: Query;
}

/** The queries of the first round that are prefetched: by category rather than by hundreds of codes, ordered by one date. */
export function prefetched(): readonly Prefetched[] {
  return firstRound()
    .filter(({ id }) => PREFETCHED.has(id))
    .map((query) => ({ key: query.id, query: plainer(query) }));
}

/** The query as a URL relative to the FHIR base; `{{context.patientId}}` in a template. */
export function prefetchUrl({ query }: Prefetched, patientId: string): string {
  return queryUrl(query, 'PATIENT').replace('PATIENT', patientId);
}

/** The discovery document. */
export function discovery(): { readonly services: readonly Record<string, unknown>[] } {
  const prefetch = Object.fromEntries(
    prefetched().map((one) => [one.key, prefetchUrl(one, '{{context.patientId}}')] as const),
  );
  return {
    services: HOOKS.map((hook) => ({
      hook,
      id: serviceId(hook),
      title: 'Attune',
      description: DESCRIPTIONS[hook],
      prefetch,
      usageRequirements: 'Send the prefetch, or fhirServer with fhirAuthorization; without either the answer is 412.',
    })),
  };
}

/** The id of the service for a hook: one for each. */
export function serviceId(hook: Hook): string {
  return `attune-${hook}`;
}

const DESCRIPTIONS: Readonly<Record<Hook, string>> = {
  'patient-view': 'Dangers in the chart that ask for action now',
  'order-select': 'Warnings and dangers of the medicines being chosen, with this patient’s values',
  'order-sign': 'Dangers of the medicines being signed that nobody has answered yet',
};

function plainer(query: Query): Query {
  const { _sort, _count, ...params } = query.fallback ?? query.params;
  return {
    ...query,
    params: {
      ...params,
      ...(_sort !== undefined && { _sort: _sort.replace(/,_id$/, '') }),
      ...(_count !== undefined && { _count: String(Math.min(Number(_count), MOST)) }),
    },
  };
}
