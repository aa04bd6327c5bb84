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

/** Withdraws every part that can say so. Throws a `Refusal` where the EHR does not let us, or something changed meanwhile. */
export async function withdraw(exchange: Exchange, reference: string): Promise<void> {
  for (const each of [reference, ...(await companions(exchange))]) {
    const stored = await read(exchange, each);
    if (stored.status === ERROR) continue;
    await update(exchange, each, stored);
    const again = await read(exchange, each);
    if (again.status !== ERROR) throw unsure();
  }
}

/** The assessment of a transaction; a Provenance has no status, it tells of what happened and stays. */
async function companions({ contents, ...exchange }: Exchange): Promise<string[]> {
  if (contents.kind !== 'Bundle') return [];
  const { entry = [] } = JSON.parse(contents.resource) as Transaction;
  const [, assessment] = entry;
  const type = assessment?.request?.url;
  if (!type || !assessment?.request?.ifNoneExist) return [];
  const answer = await get({ contents, ...exchange }, `${type}?${assessment.request.ifNoneExist}`);
  if ('why' in answer || !isOf(answer.body, 'Bundle')) throw unsure();
  return (answer.body.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type && resource.id ? [`${type}/${resource.id}`] : [],
  );
}

type Stored = FhirResource & { status?: string };

async function read(exchange: Exchange, reference: string): Promise<Stored> {
  const answer = await get(exchange, reference);
  if ('why' in answer || answer.status !== 200 || typeof answer.body !== 'object' || answer.body === null)
    throw unsure();
  return answer.body as Stored;
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
    throw unsure();
  });
  if (status === 409 || status === 412)
    throw new Refusal(
      409,
      'changed-meanwhile',
      'Somebody changed it in the chart meanwhile. Look at it there; nothing was withdrawn.',
    );
  if (status >= 400 && status < 500)
    throw new Refusal(
      409,
      'not-taken',
      `The EHR lets no app withdraw it (${status}). Correct it in the chart; nothing was withdrawn.`,
    );
  if (status >= 300) throw unsure();
}

function unsure(): Refusal {
  return new Refusal(
    502,
    'not-confirmed',
    'The EHR did not confirm that it was withdrawn. Look in the chart, or try again.',
  );
}
