/** Looking for one write in the chart: by its id, by its identifier, by its words. Says what was seen; never guesses. */
import type { FhirResource } from 'fhir/r4';
import { proposals } from '../../models/engine/proposals/index.ts';
import { identifierOf, WRITE_BACK_SYSTEM } from '../../models/engine/proposals/labels.ts';
import type { Proposal } from '../../models/engine/proposals/proposal.ts';
import type { Transaction } from '../../models/engine/proposals/transaction.ts';
import { SessionEnded } from '../launched.ts';
import { withDeadline } from './deadline.ts';
import { type Exchange, isOf, type Named, nameOf, primaryOf } from './exchange.ts';

/** What is known after the EHR was asked. `unseen` says nothing about whether it is there. */
export type Seen =
  | { readonly is: 'same'; readonly named: Named }
  | { readonly is: 'differs'; readonly named: Named; readonly fields: readonly string[] }
  | { readonly is: 'several' }
  | { readonly is: 'absent' }
  | { readonly is: 'unseen'; readonly why: string };

/** Reads it by its id and compares every critical field with what was sent (interop WB3); then whether it is whole, and the only one. */
export async function look(exchange: Exchange, named: Named): Promise<Seen> {
  const seen = await read(exchange, named);
  if (seen.is !== 'same') return seen;
  // A proxy that repeated the request leaves a twin that only a search can show.
  const found = await lookFor(exchange);
  if (found.is === 'several' || found.is === 'differs') return found;
  // An EHR that refuses the search has said all it will say; one that did not answer may still show a twin.
  return found.is === 'unseen' && !/^status-4/.test(found.why) ? { is: 'unseen', why: 'copies' } : seen;
}

/** Searches by identifier, then by fingerprint, for servers that drop or do not search identifiers (interop X3). */
export async function lookFor(exchange: Exchange): Promise<Seen> {
  const { key } = exchange;
  const sent = primaryOf(exchange.contents);
  const proposal = proposalOf(sent);
  const { patient = '', ...fingerprint } = proposal.fingerprint(sent);
  const identifier = `${WRITE_BACK_SYSTEM}|${key}`;
  const byIdentifier = await search(exchange, { patient, identifier }, (found) => isIdentified(found, key));
  const seen =
    byIdentifier.is !== 'absent' && byIdentifier.is !== 'unseen'
      ? byIdentifier
      : await search(
          exchange,
          { patient, ...fingerprint },
          (found) => proposal.carried(found) === proposal.carried(sent),
        );
  return seen.is === 'same' ? withItsParts(exchange, seen) : seen;
}

async function read(exchange: Exchange, named: Named): Promise<Seen> {
  const answer = await get(exchange, named.reference);
  if ('why' in answer) return { is: 'unseen', why: answer.why };
  if (answer.status === 404 || answer.status === 410) return { is: 'absent' };
  if (answer.status !== 200) return { is: 'unseen', why: `status-${answer.status}` };
  return compare(exchange, named, answer.body);
}

async function search(
  exchange: Exchange,
  parameters: Readonly<Record<string, string>>,
  isOurs: (found: FhirResource) => boolean,
): Promise<Seen> {
  const { resourceType } = primaryOf(exchange.contents);
  const answer = await get(exchange, `${resourceType}?${new URLSearchParams(parameters)}`);
  if ('why' in answer) return { is: 'unseen', why: answer.why };
  if (answer.status !== 200 || !isOf(answer.body, 'Bundle')) return { is: 'unseen', why: `status-${answer.status}` };
  const found = (answer.body.entry ?? []).flatMap(({ resource }) => (isOf(resource, resourceType) ? [resource] : []));
  const ours = found.filter(isOurs);
  const ids = new Set(ours.map(({ id }) => id));
  const [first] = ours;
  if (ids.size > 1) return { is: 'several' };
  if (first?.id) return compare(exchange, nameOf(first), first);
  // "Not on the first page" is not "absent".
  return answer.body.link?.some(({ relation }) => relation === 'next')
    ? { is: 'unseen', why: 'more-pages' }
    : { is: 'absent' };
}

async function compare(exchange: Exchange, named: Named, body: unknown): Promise<Seen> {
  const stored = await inlined(exchange, body);
  const sent = primaryOf(exchange.contents);
  const fields = proposalOf(sent).differences({ sent, stored, base: exchange.launched.fhirBase });
  const versionId = isOf(stored, sent.resourceType) ? (stored.meta?.versionId ?? null) : null;
  const now = { reference: named.reference, versionId: versionId ?? named.versionId };
  return fields.length === 0 ? { is: 'same', named: now } : { is: 'differs', named: now, fields };
}

/** The rest of a transaction is found by the condition under which it was created (interop X4). */
async function withItsParts(exchange: Exchange, note: Seen & { is: 'same' }): Promise<Seen> {
  if (exchange.contents.kind !== 'Bundle') return note;
  const { entry = [] } = JSON.parse(exchange.contents.resource) as Transaction;
  const missing: string[] = [];
  for (const { request } of entry.slice(1)) {
    const answer = await get(exchange, `${request?.url}?${request?.ifNoneExist}`);
    if ('why' in answer || answer.status !== 200 || !isOf(answer.body, 'Bundle')) return { is: 'unseen', why: 'parts' };
    const count = (answer.body.entry ?? []).filter(({ resource }) => resource?.resourceType === request?.url).length;
    if (count > 1) return { is: 'several' };
    if (count === 0) missing.push(request?.url ?? '');
  }
  return missing.length === 0 ? note : { is: 'differs', named: note.named, fields: missing };
}

/** Some EHRs move the attachment into a Binary: its bytes are what has to compare equal. */
async function inlined(exchange: Exchange, body: unknown): Promise<unknown> {
  if (!isOf(body, 'DocumentReference')) return body;
  const attachment = body.content?.[0]?.attachment;
  if (!attachment?.url || attachment.data !== undefined) return body;
  const answer = await get(exchange, attachment.url, 'application/fhir+json');
  const binary = 'body' in answer ? answer.body : undefined;
  const data = isOf(binary, 'Binary') ? binary.data : undefined;
  return data ? { ...body, content: [{ attachment: { ...attachment, data } }] } : body;
}

type Got = { readonly status: number; readonly body: unknown } | { readonly why: string };

/** One read within its time. */
export async function get(exchange: Exchange, path: string, accept?: string): Promise<Got> {
  try {
    return await withDeadline(
      exchange.timeout,
      async (signal) => {
        const response = await exchange.launched.fhir({
          method: 'GET',
          path,
          headers: { 'Cache-Control': 'no-cache', ...(accept ? { Accept: accept } : {}) },
          signal,
        });
        const body: unknown = await response.json().catch(() => undefined);
        return { status: response.status, body };
      },
      exchange.after,
    );
  } catch (error) {
    return { why: error instanceof SessionEnded ? 'session-ended' : 'no-answer' };
  }
}

function proposalOf({ resourceType }: FhirResource): Proposal {
  const found = Object.values(proposals).find((proposal) => proposal.resourceType === resourceType);
  if (!found) throw new Error('not a kind of ours');
  return found;
}

/** A list of identifiers, or the single one of a QuestionnaireResponse. */
function isIdentified(resource: FhirResource, key: string): boolean {
  const { system, value } = identifierOf(key);
  const held: unknown = 'identifier' in resource ? resource.identifier : undefined;
  return [held].flat().some((one) => {
    const identifier = typeof one === 'object' && one !== null ? (one as { system?: string; value?: string }) : {};
    return identifier.system === system && identifier.value === value;
  });
}
