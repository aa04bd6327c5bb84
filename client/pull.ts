/**
 * Reads the chart: every query of a round at once, each paged to its end, through fhirclient pointed at our own origin.
 * It holds no token. One query that fails never stops the others, and nothing is ever fewer than the EHR has without a
 * reason that says so. The rounds are in `pull/ehr.ts`; here is the one place that talks through fhirclient.
 */
import FHIR from 'fhirclient/lib/entry/browser.js';
import { firstRound, type Query } from '../models/engine/facts/queries.ts';
import { createEhr, type Ehr, type EhrOptions, type Hearing } from './pull/ehr.ts';
import { ReadFailure } from './pull/failure.ts';
import { isRecord } from './pull/json.ts';
import { meaningsOf } from './pull/outcome.ts';
import { retryAfterOf, type Send } from './pull/reader.ts';

export type { Answer } from './pull/answer.ts';
export type { Ehr, EhrOptions, Hearing, Limits } from './pull/ehr.ts';

/** One round of one launch, for a caller that needs no second. */
export interface PullRequest extends EhrOptions, Hearing {
  readonly queries?: readonly Query[];
}

/** Asks the first round, or the given queries, once. */
export function pull(request: PullRequest): Promise<void> {
  return openEhr(request).pull(request.queries ?? firstRound(), request);
}

/** The EHR of a launch, whose rounds share one budget, one CapabilityStatement and the medicines already read. */
export function openEhr(options: EhrOptions): Ehr {
  return createEhr(options, sender(options));
}

/** One GET through fhirclient; every way in which it can fail becomes a `ReadFailure`. */
function sender({ origin, context, credentials, waiting }: EhrOptions): Send {
  const serverUrl = `${origin}/l/${encodeURIComponent(context.launchId)}/fhir`;
  const client = FHIR.client({
    serverUrl,
    tokenResponse: { patient: context.patientId },
  });
  const codes = context.outcomeCodes ?? [];
  return async (url, signal) => {
    try {
      const shown = await credentials?.({ method: 'GET', url: new URL(url, `${serverUrl}/`).href });
      return await client.request(
        { url, signal, headers: { 'X-Launch': context.launchId, ...shown } },
        { useRefreshToken: false, graph: false },
      );
    } catch (error) {
      if (signal.aborted) throw new ReadFailure('given-up');
      const status = isRecord(error) ? error.status : undefined;
      if (typeof status !== 'number') throw new ReadFailure(error instanceof SyntaxError ? 'unreadable' : 'connection');
      const outcome = outcomeOf(error);
      const headers = isRecord(error) && error.response instanceof Response ? error.response.headers : new Headers();
      throw new ReadFailure('status', {
        status,
        meanings: outcome ? meaningsOf(outcome, codes) : [],
        retryAfter: retryAfterOf(headers.get('retry-after'), (waiting?.now ?? Date.now)()),
        reference: headers.get('x-request-id') ?? undefined,
      });
    }
  };
}

/** fhirclient has read the error's body and keeps it as JSON text at the end of its message. */
function outcomeOf(error: unknown): Record<string, unknown> | undefined {
  const text = error instanceof Error ? error.message : '';
  try {
    const body: unknown = JSON.parse(text.slice(text.indexOf('\n\n') + 2));
    return isRecord(body) && body.resourceType === 'OperationOutcome' ? body : undefined;
  } catch {
    return undefined;
  }
}
