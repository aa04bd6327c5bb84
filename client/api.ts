/** Our own server, under `/l/<launchId>/`: every call carries the launch it belongs to, and no call is ever retried here. */
import type {
  ApiError,
  ApproveRequest,
  Preview,
  PreviewRequest,
  ReviewEvent,
  ScratchpadAnswer,
  Withdrawal,
  WithdrawRequest,
  WriteOutcome,
} from '../launch/api.ts';
import type { LaunchContext } from '../launch/context.ts';
import type { Egress } from '../launch/egress.ts';
import type { EhrStyle } from '../launch/style.ts';
import type { Promised } from '../models/engine/facts/facts.ts';
import type { Library } from '../models/engine/library.ts';
import type { Credentials } from './credentials.ts';
import { notePosted } from './ledger/left.ts';

/** What our server, or the way to it, answered instead of the thing asked for. `session-ended`: the launch is over. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly requestId: string | undefined;
  constructor(code: string, message: string, requestId?: string) {
    super(message);
    this.name = 'ApiFailure';
    this.code = code;
    this.requestId = requestId;
  }
}

/** What to tell IT: the code, and the number under which the server logged it. */
export function referenceOf({
  code,
  requestId,
}: {
  readonly code: string;
  readonly requestId?: string | undefined;
}): string {
  return requestId ? `${code} · reference ${requestId}` : code;
}

/** Endpoints of one launch. Methods reject with `ApiFailure`. */
export interface Api {
  context(): Promise<LaunchContext>;
  library(url: string): Promise<Library>;
  /** How the EHR looks; empty where that cannot be had. */
  style(): Promise<EhrStyle>;
  preview(request: PreviewRequest): Promise<Preview>;
  approve(request: ApproveRequest): Promise<WriteOutcome>;
  /** Earlier and present writes of this launch's patient and user. */
  writes(): Promise<readonly WriteOutcome[]>;
  /** Looks for every write in doubt again; answers with all of them as they are now. */
  reconcile(): Promise<readonly WriteOutcome[]>;
  /** Sends again what the EHR was seen not to have, and only where the server allows it. */
  resend(approvalId: string): Promise<WriteOutcome>;
  /** Tells what became of a draft that was handed to the EHR's frame. */
  scratchpad(answer: ScratchpadAnswer): Promise<WriteOutcome>;
  /** What taking a saved write back would do in this EHR. */
  withdrawal(approvalId: string): Promise<Withdrawal>;
  withdraw(request: WithdrawRequest): Promise<WriteOutcome>;
  /** The note that withdraws what may not be marked itself. */
  correction(request: WithdrawRequest): Promise<Preview>;
  /** Tests that were promised for this patient, from every launch. */
  promises(): Promise<readonly Promised[]>;
  /** Promises a test in so many days, or takes it back with 0. */
  promise(path: string, days: number): Promise<readonly Promised[]>;
  /** What the server sent out for this launch. */
  egress(): Promise<Egress>;
  /** Tells the record what was shown and answered; loss of one is not shown to the clinician. */
  record(event: ReviewEvent): void;
}

/**
 * @param launchId the 128-bit id in the page's path
 * @param credentials what stands for the cookie where the browser returns none
 */
export function apiOf(launchId: string, credentials?: Credentials): Api {
  const base = `/l/${encodeURIComponent(launchId)}`;
  const headers = { 'X-Launch': launchId, accept: 'application/json' };
  const entitled = async (method: string, path: string) => ({
    ...headers,
    ...(credentials && (await credentials({ method, url: location.origin + path }))),
  });
  const get = async <T>(path: string) => ask<T>(path, { headers: await entitled('GET', path) });
  const post = async <T>(name: string, body: unknown) => {
    const path = `${base}/${name}`;
    return ask<T>(path, {
      method: 'POST',
      headers: { ...(await entitled('POST', path)), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };
  return {
    context: () => get(`${base}/context`),
    // Without a header of ours, so that the page's preload of it is used.
    library: (url) => ask(url, {}),
    style: () => get(`${base}/style`),
    preview: (request) => post('write-back/preview', request),
    approve: (request) => post('write-back/approve', request),
    writes: () => get(`${base}/write-back`),
    reconcile: () => post('write-back/reconcile', {}),
    resend: (approvalId) => post('write-back/resend', { approvalId }),
    scratchpad: (answer) => post('write-back/scratchpad', answer),
    withdrawal: (approvalId) => post('write-back/withdrawal', { approvalId }),
    withdraw: (request) => post('write-back/withdraw', request),
    correction: (request) => post('write-back/correction', request),
    promises: () => get(`${base}/promises`),
    promise: (path, days) => post('promises', { path, days }),
    egress: () => get(`${base}/egress`),
    record: (event) => void post('events', event).catch(() => undefined),
  };
}

/** One request to our own server, its JSON read. Rejects with `ApiFailure`. */
export async function ask<T>(url: string, init: RequestInit): Promise<T> {
  if (typeof init.body === 'string') notePosted(url, init.body);
  const response = await fetch(url, { ...init, credentials: 'same-origin' }).catch(() => {
    throw new ApiFailure('unreachable', 'Attune’s server could not be reached.');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return (body ?? {}) as T;
  const { code, message, requestId } = (body ?? {}) as Partial<ApiError>;
  const ended = response.status === 401 || code === 'session-ended';
  throw new ApiFailure(
    ended ? 'session-ended' : (code ?? `http-${response.status}`),
    message ?? 'Attune’s server answered with an error.',
    requestId ?? response.headers.get('x-request-id') ?? undefined,
  );
}
