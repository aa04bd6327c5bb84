/**
 * Taking back what was written (interop WB8, X6): marked as entered in error, under the version that was read, never deleted.
 * Safe to repeat: a second time finds it withdrawn.
 */
import type { FhirResource } from 'fhir/r4';
import type { Transaction } from '../../models/engine/proposals/transaction.ts';
import { withDeadline } from './deadline.ts';
import { type Exchange, isOf } from './exchange.ts';
import { Refusal } from './refusal.ts';
import { get } from './seeing.ts';

const ERROR = 'entered-in-error';

/** It was asked for, and nobody knows whether it was done: neither "withdrawn" nor "not withdrawn" may be said. */
export class WithdrawalUnsure extends Refusal {
  constructor() {
    super(
      502,
      'not-confirmed',
      'The EHR did not confirm that it was withdrawn. Look in the chart, or withdraw it again.',
    );
  }
}

/** Withdraws every part that can say so. Throws a `Refusal` where the EHR does not let us, or something changed meanwhile: then nothing was withdrawn. */
export async function withdraw(exchange: Exchange, reference: string): Promise<void> {
  const parts = await Promise.all((await partsOf(exchange, reference)).map((each) => read(exchange, each)));
  let begun = false;
  for (const { at, stored } of parts) {
    if (stored.status === ERROR) continue;
    try {
      await update(exchange, at, stored);
      begun = true;
      if ((await read(exchange, at)).stored.status !== ERROR) throw new WithdrawalUnsure();
    } catch (error) {
      // A part is withdrawn already: whatever stopped the next one, this is no longer "nothing".
      throw begun ? new WithdrawalUnsure() : error;
    }
  }
}

/** Whether every part that can say so is marked. Throws where the EHR does not show one. */
export async function isWithdrawn(exchange: Exchange, reference: string): Promise<boolean> {
  const parts = await Promise.all((await partsOf(exchange, reference)).map((each) => read(exchange, each)));
  return parts.every(({ stored }) => stored.status === ERROR);
}

/** The types that have to be updated for it. */
export function typesToUpdate({ kind, resource }: Pick<Exchange['contents'], 'kind' | 'resource'>): readonly string[] {
  if (kind !== 'Bundle') return [kind];
  // A Provenance has no status: it tells of what happened, and stays.
  return ((JSON.parse(resource) as Transaction).entry ?? []).flatMap(({ request }) =>
    request?.url && request.url !== 'Provenance' ? [request.url] : [],
  );
}

/** Itself, and the assessment of a transaction. */
async function partsOf({ contents, ...exchange }: Exchange, reference: string): Promise<readonly string[]> {
  if (contents.kind !== 'Bundle') return [reference];
  const { entry = [] } = JSON.parse(contents.resource) as Transaction;
  const [, assessment] = entry;
  const type = assessment?.request?.url;
  if (!type || !assessment?.request?.ifNoneExist) return [reference];
  const answer = await get({ contents, ...exchange }, `${type}?${assessment.request.ifNoneExist}`);
  if ('why' in answer || !isOf(answer.body, 'Bundle')) throw unread();
  const found = (answer.body.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type && resource.id ? [`${type}/${resource.id}`] : [],
  );
  return [reference, ...found];
}

type Stored = FhirResource & { status?: string };

async function read(exchange: Exchange, at: string): Promise<{ readonly at: string; readonly stored: Stored }> {
  const answer = await get(exchange, at);
  if ('why' in answer || answer.status !== 200 || typeof answer.body !== 'object' || answer.body === null)
    throw unread();
  return { at, stored: answer.body as Stored };
}

async function update(exchange: Exchange, reference: string, stored: Stored): Promise<void> {
  const version = stored.meta?.versionId;
  const { status } = await withDeadline(
    exchange.timeout,
    (signal) =>
      exchange.launched.fhir({
        method: 'PUT',
        path: reference,
        headers: {
          'Content-Type': 'application/fhir+json',
          ...(version ? { 'If-Match': `W/"${version}"` } : {}),
        },
        body: JSON.stringify({ ...stored, status: ERROR }),
        signal,
      }),
    exchange.after,
  ).catch(() => {
    throw new WithdrawalUnsure();
  });
  if (status === 409 || status === 412)
    throw new Refusal(
      409,
      'changed-meanwhile',
      'Somebody changed it in the chart meanwhile. Look at it there; nothing was withdrawn.',
    );
  // A 408 may come from a gateway after the commit.
  if (status >= 400 && status < 500 && status !== 408)
    throw new Refusal(
      409,
      'not-taken',
      `The EHR refused to withdraw it (${status}). Correct it in the chart; nothing was withdrawn.`,
    );
  if (status >= 300) throw new WithdrawalUnsure();
}

function unread(): Refusal {
  return new Refusal(502, 'not-shown', 'The EHR does not show it at the moment. Nothing was withdrawn; try again.');
}
