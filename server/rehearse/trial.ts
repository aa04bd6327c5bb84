/**
 * Trying one way of writing on a *test patient* (interop WB2): create, search, read back field by field, create again where
 * the EHR says that it would notice, take back. It writes into the chart of the launch's patient: never a real one's.
 */
import type { ProposalKind } from '../../models/engine/proposals/index.ts';
import type { RungSetting } from '../../models/engine/proposals/ladder.ts';
import type { Accepted } from '../../models/engine/proposals/proposal.ts';
import type { Launched } from '../launched.ts';
import { after } from '../write-back/deadline.ts';
import { create, type Exchange, type Named } from '../write-back/exchange.ts';
import { newApprovalId } from '../write-back/previews.ts';
import { render } from '../write-back/render.ts';
import { look, type Seen } from '../write-back/seeing.ts';
import { withdraw } from '../write-back/withdraw.ts';
import { type Part, partsOf, storedAt, type WhatWasKept, whatWasKept } from './fields.ts';
import { ours, type Search, type Searches, searchesOf, searchUntilFound } from './searches.ts';

/** One resource that the trial put into the chart. */
export interface Entry {
  readonly reference: string;
  /** Read back as entered in error. */
  readonly withdrawn: boolean;
}

/** What one trial showed. */
export type Trial = Untold | Kept;

interface Tried {
  readonly write: ProposalKind;
  /** HTTP status of the create, where there was one. */
  readonly status?: number;
  readonly payloadHash: string;
}

/** Nothing that could be looked at came of it. */
export interface Untold extends Tried {
  readonly written: false;
  readonly why: string;
  /** It may be in the chart all the same. */
  readonly doubtful: boolean;
}

/** It is in the chart, and this is what the EHR made of it. */
export interface Kept extends Tried, Made {
  readonly written: true;
  readonly reference: string;
  /** Whether the answer to the create said where it is; otherwise it was found by a search. */
  readonly named: boolean;
}

interface Made extends WhatWasKept {
  readonly readBack: Seen['is'];
  readonly searches: Searches;
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
  const { exchange, payloadHash, statusOf } = exchangeOf(options);
  const sent = await create(exchange, conditionalCreate);
  const status = statusOf();
  const tried = { write: setting.write, payloadHash, ...(status !== undefined && { status }) };
  if (sent.is === 'refused') return { ...tried, written: false, why: `refused-${sent.status}`, doubtful: false };
  if (sent.is === 'not-sent') return { ...tried, written: false, why: sent.is, doubtful: false };
  const search = await searchUntilFound(exchange, sleep);
  const named = sent.is === 'created' ? sent.named : await firstOfOurs(exchange);
  if (!named) return { ...tried, written: false, why: sent.is === 'doubt' ? sent.why : sent.is, doubtful: true };
  const made = await whatWasMade(exchange, { named, search, conditionalCreate });
  return { ...tried, written: true, reference: named.reference, named: sent.is === 'created', ...made };
}

/** Read back first, created again only then, and taken back last. */
async function whatWasMade(
  exchange: Exchange,
  { named, search, conditionalCreate }: { named: Named; search: Search; conditionalCreate: boolean },
): Promise<Made> {
  const found = search.lagMs !== null;
  const seen = await look(exchange, named);
  const again = conditionalCreate && found ? await createAgain(exchange, named) : undefined;
  const [stored, parts] = [await storedAt(exchange, named.reference), await partsOf(exchange)];
  const searches = await searchesOf(exchange, named);
  const references = new Set([named.reference, ...(again?.references ?? []), ...(await ours(exchange))]);
  const entries = await takeBack(exchange, [...references], parts);
  return {
    readBack: seen.is,
    ...whatWasKept(exchange, { seen, stored, parts }),
    searches,
    found,
    foundBy: !found ? 'nothing' : searches.identifier === 'finds' ? 'identifier' : 'fingerprint',
    hidden: search.seen.is === 'absent',
    lagMs: search.lagMs,
    conditionalCreate: conditionalCreate ? (again?.made ?? 'unclear') : 'not-announced',
    entries,
    withdrawn: entries.every(({ reference, withdrawn }) => withdrawn || reference.startsWith('Provenance/')),
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
