/**
 * Trying one way of writing on a *test patient* (interop WB2): create, search, read back field by field, create again where
 * the EHR says that it would notice, take back. It writes into the chart of the launch's patient: never a real one's.
 */
import type { BundleEntry, FhirResource } from 'fhir/r4';
import { lostFields } from '../../models/engine/proposals/compare.ts';
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import { AI_ASSERTED, identifierOf, WRITE_BACK_SYSTEM } from '../../models/engine/proposals/labels.ts';
import type { RungSetting } from '../../models/engine/proposals/ladder.ts';
import type { Accepted } from '../../models/engine/proposals/proposal.ts';
import type { Transaction } from '../../models/engine/proposals/transaction.ts';
import type { Launched } from '../launched.ts';
import { after } from '../write-back/deadline.ts';
import { create, type Exchange, isOf, type Named, primaryOf } from '../write-back/exchange.ts';
import { newApprovalId } from '../write-back/previews.ts';
import { render } from '../write-back/render.ts';
import { get, look, lookFor, type Seen } from '../write-back/seeing.ts';
import { withdraw } from '../write-back/withdraw.ts';

/** Milliseconds before each look for what was created: ten seconds in all, longer than a reconciliation waits. */
const LOOKS = [0, 500, 1_500, 3_000, 5_000] as const;

/** What a search by one parameter made of it. `ignored`: it finds whatever is asked; `unclear`: it did not answer, or not on its first page. */
export type SearchAnswer = 'finds' | 'finds-nothing' | 'ignored' | 'refused' | 'unclear';

/** One resource that the trial put into the chart. */
export interface Entry {
  readonly reference: string;
  /** Read back as entered in error. */
  readonly withdrawn: boolean;
}

/** What one trial showed. */
export type Trial = Untold | Kept;

/** Nothing that could be looked at came of it. */
export interface Untold {
  readonly write: ProposalKind;
  readonly written: false;
  /** HTTP status of the create, where there was one. */
  readonly status?: number;
  readonly why: string;
  /** It may be in the chart all the same. */
  readonly doubtful: boolean;
  readonly payloadHash: string;
}

/** It is in the chart, and this is what the EHR made of it. */
export interface Kept {
  readonly write: ProposalKind;
  readonly written: true;
  readonly reference: string;
  readonly status?: number;
  /** Whether the answer to the create said where it is; otherwise it was found by a search. */
  readonly named: boolean;
  readonly readBack: Seen['is'];
  /** Critical fields that came back as sent, and those that did not. */
  readonly kept: readonly string[];
  readonly lost: readonly string[];
  /** Whether the idempotency key and the AI label were kept; the tag only where one was sent. */
  readonly keptIdentifier: boolean;
  readonly keptLabel: boolean;
  readonly keptTag?: boolean;
  readonly searches: { readonly identifier: SearchAnswer; readonly security: SearchAnswer };
  /** Whether a search finds it again, by identifier or by fingerprint: without it a lost answer stays in doubt. */
  readonly found: boolean;
  readonly foundBy: 'identifier' | 'fingerprint' | 'nothing';
  /** A search that did answer and does not show it, rather than one that was refused or did not answer. */
  readonly hidden: boolean;
  /** After how many milliseconds of waiting a search showed it. */
  readonly lagMs: number | null;
  readonly conditionalCreate: 'deduplicates' | 'duplicates' | 'not-announced' | 'unclear';
  readonly entries: readonly Entry[];
  /** Whether all of it that has a status was marked as entered in error; if not, somebody has to take it out by hand. */
  readonly withdrawn: boolean;
  readonly payloadHash: string;
}

/** Tries `setting` once: one create, another one where the EHR announces that it would notice, and the updates that take them back. */
export async function tryRung(options: {
  launched: Launched;
  setting: RungSetting;
  conditionalCreate: boolean;
  recommendation: Accepted;
  now: Date;
  timeout?: number;
  sleep?: (ms: number) => Promise<void>;
}): Promise<Trial> {
  const { setting, conditionalCreate, sleep = (ms) => new Promise((done) => setTimeout(done, ms)) } = options;
  const { write } = setting;
  const { exchange, payloadHash, statusOf } = exchangeOf(options);
  const sent = await create(exchange, conditionalCreate);
  const answered = statusOf();
  const status = answered === undefined ? {} : { status: answered };
  if (sent.is === 'refused' || sent.is === 'not-sent') {
    const why = sent.is === 'refused' ? `refused-${sent.status}` : sent.is;
    return { write, written: false, ...status, why, doubtful: false, payloadHash };
  }
  const search = await searchUntilFound(exchange, sleep);
  const named = sent.is === 'created' ? sent.named : await firstOfOurs(exchange);
  if (!named) {
    const why = sent.is === 'doubt' ? sent.why : 'not-named';
    return { write, written: false, ...status, why, doubtful: true, payloadHash };
  }
  const seen = await look(exchange, named);
  const again = conditionalCreate && search.lagMs !== null ? await createAgain(exchange, named) : undefined;
  const stored = await storedAt(exchange, named.reference);
  const parts = await partsOf(exchange);
  const references = new Set([named.reference, ...(again?.references ?? []), ...(await ours(exchange))]);
  const searches = await searchesOf(exchange, named);
  const fields = fieldsOf(exchange, seen, parts);
  const entries = await takeBack(exchange, [...references], parts);
  const found = search.lagMs !== null;
  const tag = parts.map(({ sent: part, stored: held }) => keptTag(part, held)).find((kept) => kept !== undefined);
  return {
    write,
    written: true,
    reference: named.reference,
    ...status,
    named: sent.is === 'created',
    readBack: seen.is,
    ...fields,
    keptIdentifier: JSON.stringify(stored ?? null).includes(JSON.stringify(identifierOf(exchange.key).value)),
    keptLabel: labelled(stored) && parts.every(({ stored: held }) => labelled(held)),
    ...(tag !== undefined && { keptTag: tag }),
    searches,
    found,
    foundBy: !found ? 'nothing' : searches.identifier === 'finds' ? 'identifier' : 'fingerprint',
    hidden: search.seen.is === 'absent',
    lagMs: search.lagMs,
    conditionalCreate: conditionalCreate ? (again?.made ?? 'unclear') : 'not-announced',
    entries,
    withdrawn: entries.every(({ reference, withdrawn }) => withdrawn || reference.startsWith('Provenance/')),
    payloadHash,
  };
}

/** The write as a real one would be made, and a look at what the EHR answers to it. */
function exchangeOf(options: Parameters<typeof tryRung>[0]) {
  const { launched, setting, conditionalCreate, recommendation, now, timeout = 30_000 } = options;
  const { write } = setting;
  const rung = { kind: write, conditionalCreate, setting };
  const { key, bytes, text, hash } = render({ rung, launched, recommendation, approvalId: newApprovalId(), now });
  const { id: recommendationId, indicator, libraryDigest, summary, kind, score } = recommendation;
  const about = { ...(kind && { kind }), ...(score && { score }) };
  const contents = { kind: write, about, resource: bytes, text, summary, recommendationId, indicator, libraryDigest };
  let status: number | undefined;
  const watched: Launched = {
    ...launched,
    fhir: async (request) => {
      const response = await launched.fhir(request);
      if (request.method === 'POST') status = response.status;
      return response;
    },
  };
  const exchange: Exchange = { launched: watched, contents, key, timeout, after };
  return { exchange, payloadHash: hash, statusOf: () => status };
}

/** Looks until it is found, or the EHR says that it will not search. */
async function searchUntilFound(exchange: Exchange, sleep: (ms: number) => Promise<void>) {
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

/** An answer without a name may stand for one, or for several. */
async function firstOfOurs(exchange: Exchange): Promise<Named | undefined> {
  const [reference] = await ours(exchange);
  return reference === undefined ? undefined : { reference, versionId: null };
}

/** The same bytes under the same condition: an EHR that keeps its word answers with what is there already. */
async function createAgain(exchange: Exchange, first: Named) {
  const sent = await create(exchange, true);
  if (sent.is !== 'created') return { made: 'unclear', references: [] } as const;
  const same = sent.named.reference === first.reference;
  return { made: same ? 'deduplicates' : 'duplicates', references: [sent.named.reference] } as const;
}

/** Every resource of this write that a search shows, whoever repeated the request. */
async function ours(exchange: Exchange): Promise<string[]> {
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

/** Finds by the right value and not by another one: only then the parameter was understood. */
async function searchesOf(exchange: Exchange, { reference }: Named): Promise<Kept['searches']> {
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
async function searched(exchange: Exchange, type: string, query: Readonly<Record<string, string>>): Promise<Searched> {
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

/** One further part of a transaction, as it was sent and as the EHR holds it. */
interface Part {
  readonly sent: FhirResource;
  readonly stored: readonly FhirResource[];
}

/** They are found by the condition under which they were created (interop X4). */
async function partsOf(exchange: Exchange): Promise<Part[]> {
  if (exchange.contents.kind !== 'Bundle') return [];
  const { entry = [] } = JSON.parse(exchange.contents.resource) as Transaction;
  return Promise.all(
    entry.slice(1).flatMap(({ resource: sent, request }) =>
      sent
        ? [
            searched(exchange, sent.resourceType, conditionOf(request?.ifNoneExist)).then(({ resources }) => ({
              sent,
              stored: resources,
            })),
          ]
        : [],
    ),
  );
}

function conditionOf(ifNoneExist = ''): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(ifNoneExist));
}

/** Links within a transaction become links by id, and the label is judged apart. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['resourceType', 'meta', 'identifier', 'target', 'contained']);

function fieldsOf(exchange: Exchange, seen: Seen, parts: readonly Part[]): Pick<Kept, 'kept' | 'lost'> {
  const sent = primaryOf(exchange.contents);
  const base = exchange.launched.fhirBase;
  // What would be lost if nothing came back is all that is compared.
  const all = proposalOf(sent).differences({ sent, stored: { resourceType: sent.resourceType }, base });
  const lost = seen.is === 'differs' ? seen.fields : seen.is === 'same' ? [] : [`read-back: ${seen.is}`];
  const unread = seen.is !== 'differs' && seen.is !== 'same';
  const further = parts.map(({ sent: part, stored: [stored] }) => {
    const fields = Object.keys(part).filter((field) => !NOT_COMPARED.has(field));
    const missing = stored ? lostFields({ sent: part, stored, base }, fields as (keyof FhirResource)[]) : fields;
    const named = (field: string) => `${part.resourceType}.${field}`;
    return {
      kept: fields.filter((field) => !missing.some((one) => one === field)).map(named),
      lost: missing.map(named),
    };
  });
  return {
    kept: [...(unread ? [] : all.filter((field) => !lost.includes(field))), ...further.flatMap(({ kept }) => kept)],
    lost: [...lost, ...further.flatMap((part) => part.lost)],
  };
}

/** Each write of this key is withdrawn; what the chart then shows is what counts. */
async function takeBack(exchange: Exchange, references: readonly string[], parts: readonly Part[]): Promise<Entry[]> {
  for (const reference of references) {
    const [type = ''] = reference.split('/');
    if (exchange.launched.grants(type, 'u')) await withdraw(exchange, reference).catch(() => undefined);
  }
  const further = parts.flatMap(({ stored }) => stored.map(({ resourceType, id }) => `${resourceType}/${id}`));
  return Promise.all(
    [...references, ...further].map(async (reference) => {
      const held = await storedAt(exchange, reference);
      return { reference, withdrawn: held?.status === 'entered-in-error' };
    }),
  );
}

type Held = FhirResource & { readonly status?: string };

async function storedAt(exchange: Exchange, reference: string): Promise<Held | undefined> {
  const answer = await get(exchange, reference);
  const held = 'body' in answer && answer.status === 200 ? answer.body : undefined;
  return typeof held === 'object' && held !== null && 'resourceType' in held ? (held as Held) : undefined;
}

function labelled(held: FhirResource | readonly FhirResource[] | undefined): boolean {
  const all = [held ?? []].flat();
  return (
    all.length > 0 &&
    all.every(({ meta }) =>
      meta?.security?.some(({ system, code }) => system === AI_ASSERTED.system && code === AI_ASSERTED.code),
    )
  );
}

function keptTag({ meta }: FhirResource, stored: readonly FhirResource[]): boolean | undefined {
  const [tag] = meta?.tag ?? [];
  if (!tag) return undefined;
  return stored.some((held) => held.meta?.tag?.some(({ system, code }) => system === tag.system && code === tag.code));
}

function proposalOf({ resourceType }: FhirResource) {
  const found = Object.values(proposals).find((proposal) => proposal.resourceType === resourceType);
  if (!found) throw new Error('not a kind of ours');
  return found;
}
