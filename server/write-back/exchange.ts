/** The conversation with the EHR about one note: create it, look at it, look for it. Says what is known afterwards; never guesses. */
import type { Bundle, DocumentReference } from 'fhir/r4';
import { WRITE_BACK_SYSTEM } from '../../models/engine/proposals/document-reference.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import { type Launched, SessionEnded } from '../launched.ts';
import type { Contents } from './contents.ts';
import { type After, withDeadline } from './deadline.ts';

/** Where the EHR says it put the note. */
export interface Named {
  readonly reference: string;
  readonly versionId: string | null;
}

/** What is known after a create was sent. Every `doubt` may have been committed. */
export type Sent =
  | { readonly is: 'created'; readonly named: Named }
  | { readonly is: 'refused'; readonly status: number }
  | { readonly is: 'not-sent' }
  | { readonly is: 'doubt'; readonly why: string };

/** What is known after the EHR was asked for the note. `unseen` says nothing about whether it is there. */
export type Seen =
  | { readonly is: 'same'; readonly named: Named }
  | { readonly is: 'differs'; readonly named: Named; readonly fields: readonly string[] }
  | { readonly is: 'several' }
  | { readonly is: 'absent' }
  | { readonly is: 'unseen'; readonly why: string };

/** One note on its way. */
export interface Exchange {
  readonly launched: Launched;
  readonly contents: Contents;
  readonly key: string;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly after: After;
}

/** Posts the previewed bytes, unaltered. */
export async function create(exchange: Exchange, conditionalCreate: boolean): Promise<Sent> {
  const { launched, contents, key, timeout, after } = exchange;
  try {
    const { status, location, body } = await withDeadline(
      timeout,
      async (signal) => {
        const response = await launched.fhir({
          method: 'POST',
          path: contents.kind,
          headers: {
            'Content-Type': 'application/fhir+json',
            ...(conditionalCreate ? { 'If-None-Exist': `identifier=${WRITE_BACK_SYSTEM}|${key}` } : {}),
          },
          body: contents.resource,
          signal,
        });
        // A response that breaks off after its head still was a response: the Location is enough.
        const text = await response.text().catch(() => '');
        return { status: response.status, location: response.headers.get('Location'), body: text };
      },
      after,
    );
    if (status === 412) return { is: 'doubt', why: 'several' };
    // A 408 or 409 may come from a gateway or a lock after the commit.
    if (status >= 400 && status < 500 && status !== 408 && status !== 409) return { is: 'refused', status };
    if (status < 200 || status >= 300) return { is: 'doubt', why: `status-${status}` };
    const named = nameFrom(location, body, contents.kind, launched.fhirBase);
    return typeof named === 'string' ? { is: 'doubt', why: named } : { is: 'created', named };
  } catch (error) {
    return error instanceof SessionEnded ? { is: 'not-sent' } : { is: 'doubt', why: 'no-answer' };
  }
}

/** Reads the note by its id and compares every critical field with what was sent (interop WB3); then whether it is the only one. */
export async function look(exchange: Exchange, named: Named): Promise<Seen> {
  const seen = await read(exchange, named);
  if (seen.is !== 'same') return seen;
  // A proxy that repeated the request leaves a twin that only a search can show.
  const found = await lookFor(exchange);
  if (found.is === 'several') return found;
  // An EHR that refuses the search has said all it will say; one that did not answer may still show a twin.
  return found.is === 'unseen' && !/^status-4/.test(found.why) ? { is: 'unseen', why: 'copies' } : seen;
}

async function read(exchange: Exchange, named: Named): Promise<Seen> {
  const answer = await get(exchange, named.reference);
  if ('why' in answer) return { is: 'unseen', why: answer.why };
  if (answer.status === 404 || answer.status === 410) return { is: 'absent' };
  if (answer.status !== 200) return { is: 'unseen', why: `status-${answer.status}` };
  return await compare(exchange, named, answer.body);
}

/** Searches by identifier, then by fingerprint, for servers that drop or do not search identifiers (interop X3). */
export async function lookFor(exchange: Exchange): Promise<Seen> {
  const { contents, key } = exchange;
  const sent = sentResource(contents);
  const { patient = '', ...fingerprint } = proposals[contents.kind].fingerprint(sent);
  const identifier = `${WRITE_BACK_SYSTEM}|${key}`;
  const byIdentifier = await search(exchange, { patient, identifier }, (note) =>
    note.identifier?.some(({ system, value }) => system === WRITE_BACK_SYSTEM && value === key),
  );
  if (byIdentifier.is !== 'absent' && byIdentifier.is !== 'unseen') return byIdentifier;
  const data = sent.content[0]?.attachment.data;
  // The text ends with the key, so equal content is this note and no other.
  return search(exchange, { patient, ...fingerprint }, (note) =>
    note.content?.some(({ attachment }) => attachment.data?.replace(/\s/g, '') === data),
  );
}

async function search(
  exchange: Exchange,
  parameters: Readonly<Record<string, string>>,
  isOurs: (note: DocumentReference) => boolean | undefined,
): Promise<Seen> {
  const answer = await get(exchange, `${exchange.contents.kind}?${new URLSearchParams(parameters)}`);
  if ('why' in answer) return { is: 'unseen', why: answer.why };
  if (answer.status !== 200 || !isBundle(answer.body)) return { is: 'unseen', why: `status-${answer.status}` };
  const notes = (answer.body.entry ?? []).flatMap(({ resource }) => (isNote(resource) ? [resource] : []));
  const ours = notes.filter(isOurs);
  const ids = new Set(ours.map(({ id }) => id));
  const [found] = ours;
  if (ids.size > 1) return { is: 'several' };
  if (found?.id) return compare(exchange, nameOf(found, exchange.contents.kind), found);
  // "Not on the first page" is not "absent".
  return answer.body.link?.some(({ relation }) => relation === 'next')
    ? { is: 'unseen', why: 'more-pages' }
    : { is: 'absent' };
}

async function compare(exchange: Exchange, named: Named, body: unknown): Promise<Seen> {
  const { contents, launched } = exchange;
  const stored = await inlined(exchange, body);
  const sent = sentResource(contents);
  const fields = proposals[contents.kind].differences({ sent, stored, base: launched.fhirBase });
  const versionId = versionOf(stored) ?? named.versionId;
  const now = { reference: named.reference, versionId };
  return fields.length === 0 ? { is: 'same', named: now } : { is: 'differs', named: now, fields };
}

/** Some EHRs move the attachment into a Binary: its bytes are what has to compare equal. */
async function inlined(exchange: Exchange, body: unknown): Promise<unknown> {
  if (!isNote(body)) return body;
  const attachment = body.content?.[0]?.attachment;
  if (!attachment?.url || attachment.data !== undefined) return body;
  const answer = await get(exchange, attachment.url, 'application/fhir+json');
  const binary = 'body' in answer ? answer.body : undefined;
  const data =
    typeof binary === 'object' && binary !== null && 'data' in binary && typeof binary.data === 'string'
      ? binary.data
      : undefined;
  return data ? { ...body, content: [{ attachment: { ...attachment, data } }] } : body;
}

type Got = { readonly status: number; readonly body: unknown } | { readonly why: string };

async function get(exchange: Exchange, path: string, accept?: string): Promise<Got> {
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

/** The id from `Location`, else from the body; a Location on another server is never followed (interop X8). */
function nameFrom(
  location: string | null,
  body: string,
  kind: string,
  base: string,
): Named | 'no-location' | 'foreign-location' {
  if (location) {
    const root = `${base}/`;
    const address = URL.canParse(location, root) ? new URL(location, root).href : '';
    if (!address.startsWith(root)) return 'foreign-location';
    const match = /^(\w+)\/([A-Za-z0-9.-]{1,128})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/.exec(
      address.slice(root.length),
    );
    if (match?.[1] !== kind) return 'foreign-location';
    return { reference: `${kind}/${match[2]}`, versionId: match[3] ?? null };
  }
  try {
    const resource: unknown = JSON.parse(body);
    return isNote(resource) && resource.id ? nameOf(resource, kind) : 'no-location';
  } catch {
    return 'no-location';
  }
}

function nameOf(note: DocumentReference, kind: string): Named {
  return { reference: `${kind}/${note.id}`, versionId: note.meta?.versionId ?? null };
}

function versionOf(stored: unknown): string | undefined {
  return isNote(stored) ? stored.meta?.versionId : undefined;
}

function sentResource(contents: Contents): DocumentReference {
  return JSON.parse(contents.resource) as DocumentReference;
}

function isNote(value: unknown): value is DocumentReference {
  return typed(value) === 'DocumentReference';
}

function isBundle(value: unknown): value is Bundle {
  return typed(value) === 'Bundle';
}

function typed(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'resourceType' in value ? value.resourceType : undefined;
}
