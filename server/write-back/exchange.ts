/** The conversation with the EHR about one write: creating it. Says what is known afterwards; never guesses. */
import type { FhirResource } from 'fhir/r4';
import { parseJson } from '../../launch/json.ts';
import { WRITE_BACK_SYSTEM } from '../../models/engine/proposals/labels.ts';
import { noteIn, type Transaction } from '../../models/engine/proposals/transaction.ts';
import { type Launched, SessionEnded } from '../launched.ts';
import type { Contents } from './contents.ts';
import { type After, withDeadline } from './deadline.ts';

/** Where the EHR says it put it. */
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

/** One write on its way. */
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
  // A transaction is posted to the base itself and carries a condition for each entry (interop X4).
  const alone = contents.kind !== 'Bundle';
  try {
    const { status, location, body } = await withDeadline(
      timeout,
      async (signal) => {
        const response = await launched.fhir({
          method: 'POST',
          path: alone ? contents.kind : '',
          headers: {
            'Content-Type': 'application/fhir+json',
            ...(conditionalCreate && alone ? { 'If-None-Exist': `identifier=${WRITE_BACK_SYSTEM}|${key}` } : {}),
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
    const named = nameFrom(exchange, alone ? location : locationOfFirst(body), body);
    return typeof named === 'string' ? { is: 'doubt', why: named } : { is: 'created', named };
  } catch (error) {
    return error instanceof SessionEnded ? { is: 'not-sent' } : { is: 'doubt', why: 'no-answer' };
  }
}

/** The resource by which the write is known: itself, or the first of a transaction, which was committed with the rest or not at all. */
export function primaryOf(contents: Contents): FhirResource {
  const sent = JSON.parse(contents.resource) as FhirResource;
  return sent.resourceType === 'Bundle' ? noteIn(sent as Transaction) : sent;
}

/** The id from `Location`, else from the body; a Location on another server is never followed (interop X8). */
function nameFrom(
  { contents, launched }: Exchange,
  location: string | null,
  body: string,
): Named | 'no-location' | 'foreign-location' {
  const type = primaryOf(contents).resourceType;
  if (location) {
    const root = `${launched.fhirBase}/`;
    const address = URL.canParse(location, root) ? new URL(location, root).href : '';
    if (!address.startsWith(root)) return 'foreign-location';
    const match = /^(\w+)\/([A-Za-z0-9.-]{1,128})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/.exec(
      address.slice(root.length),
    );
    if (match?.[1] !== type) return 'foreign-location';
    return { reference: `${type}/${match[2]}`, versionId: match[3] ?? null };
  }
  const stored = parsed(body);
  return isOf(stored, type) && stored.id ? nameOf(stored) : 'no-location';
}

/** Entries of a transaction's answer come in the order of the request. */
function locationOfFirst(body: string): string | null {
  const answer = parsed(body);
  return isOf(answer, 'Bundle') ? (answer.entry?.[0]?.response?.location ?? null) : null;
}

export function nameOf({ resourceType, id, meta }: FhirResource): Named {
  return { reference: `${resourceType}/${id}`, versionId: meta?.versionId ?? null };
}

/** Whether something read from the EHR says that it is of this type. */
export function isOf<T extends FhirResource['resourceType']>(
  value: unknown,
  type: T,
): value is Extract<FhirResource, { resourceType: T }> {
  return typeof value === 'object' && value !== null && 'resourceType' in value && value.resourceType === type;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
