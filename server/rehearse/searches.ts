/** How one write of a rehearsal is found again: by looking as a reconciliation does, and by one parameter at a time (interop WB2, X3). */
import type { BundleEntry, FhirResource } from 'fhir/r4';
import { proposals } from '../../models/engine/proposals/index.ts';
import { AI_ASSERTED, WRITE_BACK_SYSTEM } from '../../models/engine/proposals/labels.ts';
import { type Exchange, isOf, type Named, primaryOf } from '../write-back/exchange.ts';
import { get, lookFor, type Seen } from '../write-back/seeing.ts';

/** Milliseconds before each look for what was created: ten seconds in all, longer than a reconciliation waits. */
const LOOKS = [0, 500, 1_500, 3_000, 5_000] as const;

/** What a search by one parameter made of it. `ignored`: it finds whatever is asked; `unclear`: it did not answer, or not on its first page. */
export type SearchAnswer = 'finds' | 'finds-nothing' | 'ignored' | 'refused' | 'unclear';

/** What looking came to, and after how many milliseconds of waiting; `null`: it was not found. */
export interface Search {
  readonly seen: Seen;
  readonly lagMs: number | null;
}

/** Looks until it is found, or the EHR says that it will not search. */
export async function searchUntilFound(exchange: Exchange, sleep: (ms: number) => Promise<void>): Promise<Search> {
  let seen: Seen = { is: 'absent' };
  let waited = 0;
  for (const wait of LOOKS) {
    if (wait > 0) await sleep(wait);
    waited += wait;
    seen = await lookFor(exchange);
    if (seen.is === 'same' || seen.is === 'differs' || seen.is === 'several') return { seen, lagMs: waited };
    if (seen.is === 'unseen' && /^status-4(?!29)/.test(seen.why)) break;
  }
  return { seen, lagMs: null };
}

/** Every resource of this write that a search shows, whoever repeated the request. */
export async function ours(exchange: Exchange): Promise<string[]> {
  const sent = primaryOf(exchange.contents);
  const { fingerprint, carried } = proposalOf(sent);
  const { patient = '', ...rest } = fingerprint(sent);
  const queries = [
    { patient, identifier: `${WRITE_BACK_SYSTEM}|${exchange.key}` },
    { patient, ...rest },
  ];
  const found = await Promise.all(queries.map((query) => searched(exchange, sent.resourceType, query)));
  return found.flatMap(({ resources }) =>
    resources
      .filter((held) => carried(held) === carried(sent) || JSON.stringify(held).includes(`"${exchange.key}"`))
      .map(({ resourceType, id }) => `${resourceType}/${id}`),
  );
}

/** Whether the key and the AI label can be searched by. */
export interface Searches {
  readonly identifier: SearchAnswer;
  readonly security: SearchAnswer;
}

/** Finds by the right value and not by another one: only then the parameter was understood. */
export async function searchesOf(exchange: Exchange, { reference }: Named): Promise<Searches> {
  const sent = primaryOf(exchange.contents);
  const { patient = '' } = proposalOf(sent).fingerprint(sent);
  const asked = async (parameter: string, system: string | undefined, value: string): Promise<SearchAnswer> => {
    const by = (token: string) =>
      searched(exchange, sent.resourceType, { patient, [parameter]: `${system}|${token}` }).then((answer) => ({
        ...answer,
        has: answer.resources.some(({ resourceType, id }) => `${resourceType}/${id}` === reference),
      }));
    const [right, wrong] = [await by(value), await by(`${value}-other`)];
    if (right.answer === 'refused') return 'refused';
    if (!right.has) return right.answer === 'unclear' ? 'unclear' : 'finds-nothing';
    if (wrong.has) return 'ignored';
    return wrong.answer === 'unclear' ? 'unclear' : 'finds';
  };
  return {
    identifier: await asked('identifier', WRITE_BACK_SYSTEM, exchange.key),
    security: await asked('_security', AI_ASSERTED.system, AI_ASSERTED.code ?? ''),
  };
}

interface Searched {
  readonly answer: 'answered' | 'refused' | 'unclear';
  readonly resources: readonly FhirResource[];
}

/** The first page of a search; `unclear` where there are more, or none came. */
export async function searched(
  exchange: Exchange,
  type: string,
  query: Readonly<Record<string, string>>,
): Promise<Searched> {
  const answer = await get(exchange, `${type}?${new URLSearchParams(query)}`);
  if ('why' in answer || answer.status === 429 || answer.status >= 500) return { answer: 'unclear', resources: [] };
  if (answer.status !== 200 || !isOf(answer.body, 'Bundle')) return { answer: 'refused', resources: [] };
  const entries = answer.body.entry as BundleEntry<FhirResource>[] | undefined;
  const resources = (entries ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type && resource.id ? [resource] : [],
  );
  const more = answer.body.link?.some(({ relation }) => relation === 'next') ?? false;
  return { answer: more ? 'unclear' : 'answered', resources };
}

/** The kind of proposal of a resource that is sent by itself. */
export function proposalOf({ resourceType }: FhirResource) {
  const found = Object.values(proposals).find((proposal) => proposal.resourceType === resourceType);
  if (!found) throw new Error('not a kind of ours');
  return found;
}
