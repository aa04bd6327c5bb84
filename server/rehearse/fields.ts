/** What an EHR kept of one write of a rehearsal, part by part and field by field (interop WB2). */
import type { FhirResource } from 'fhir/r4';
import { lostFields } from '../../models/engine/proposals/compare.ts';
import { AI_ASSERTED, identifierOf } from '../../models/engine/proposals/labels.ts';
import type { Transaction } from '../../models/engine/proposals/transaction.ts';
import { type Exchange, primaryOf } from '../write-back/exchange.ts';
import { get, type Seen } from '../write-back/seeing.ts';
import { proposalOf, searched } from './searches.ts';

/** One further part of a transaction, as it was sent and as the EHR holds it. */
export interface Part {
  readonly sent: FhirResource;
  readonly stored: readonly FhirResource[];
}

/** They are found by the condition under which they were created (interop X4). */
export async function partsOf(exchange: Exchange): Promise<Part[]> {
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

/** What came back, in which respects. */
export interface WhatWasKept {
  /** Critical fields that came back as sent, and those that did not. */
  readonly kept: readonly string[];
  readonly lost: readonly string[];
  /** Whether the idempotency key and the AI label were kept; the tag only where one was sent. */
  readonly keptIdentifier: boolean;
  readonly keptLabel: boolean;
  readonly keptTag?: boolean;
}

/** `seen` is how the first part compared, `stored` what the EHR holds of it. */
export function whatWasKept(
  exchange: Exchange,
  { seen, stored, parts }: { seen: Seen; stored: Held | undefined; parts: readonly Part[] },
): WhatWasKept {
  const [tag] = parts.flatMap(({ sent, stored: held }) => keptTag(sent, held) ?? []);
  return {
    ...fieldsOf(exchange, seen, parts),
    keptIdentifier: JSON.stringify(stored ?? null).includes(JSON.stringify(identifierOf(exchange.key).value)),
    keptLabel: labelled(stored) && parts.every(({ stored: held }) => labelled(held)),
    ...(tag !== undefined && { keptTag: tag }),
  };
}

/** Links within a transaction become links by id, and the label is judged apart. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['resourceType', 'meta', 'identifier', 'target', 'contained']);

function fieldsOf(exchange: Exchange, seen: Seen, parts: readonly Part[]): Pick<WhatWasKept, 'kept' | 'lost'> {
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

/** A resource as the EHR holds it. */
export type Held = FhirResource & { readonly status?: string };

/** Reads it by its reference; `undefined` where the EHR does not show it. */
export async function storedAt(exchange: Exchange, reference: string): Promise<Held | undefined> {
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
