/**
 * Reads the chart: every query of the first round at once, each paged to its end, through fhirclient pointed at our own
 * origin. It holds no token and knows no EHR. One query that fails never stops the others.
 */
import FHIR from 'fhirclient/lib/entry/browser.js';
import type { LaunchContext } from '../launch/context.ts';
import type { SourceReport } from '../models/engine/facts/facts.ts';
import { firstRound, type Query, queryUrl } from '../models/engine/facts/queries.ts';
import { missingMedications } from '../models/engine/facts/read.ts';

/** Milliseconds after which a source is called slow, and after which it is given up. */
export const patience = { soft: 10_000, hard: 30_000 };
/** Pages read of one query before it is called incomplete. */
export const pageCap = 50;

/** Medicines read one by one because a prescription only refers to them. */
export const medicineCap = 100;

/** What one query brought. */
export interface Answer {
  readonly query: Query;
  readonly report: SourceReport;
  readonly resources: readonly unknown[];
}

/** The whole round. `onAnswer` is called once for each query as it settles, `onSlow` after the soft limit. */
export interface PullRequest {
  readonly origin: string;
  readonly context: Pick<LaunchContext, 'launchId' | 'patientId' | 'features'>;
  readonly queries?: readonly Query[];
  readonly onAnswer: (answer: Answer) => void;
  readonly onSlow?: (query: Query) => void;
  readonly limits?: { readonly soft: number; readonly hard: number };
}

type Reader = (url: string, signal: AbortSignal) => Promise<unknown>;

/** Starts every query in one parallel round; resolves when each has answered, been refused or been given up. */
export async function pull(request: PullRequest): Promise<void> {
  const read = readerOf(request);
  const queries = request.queries ?? firstRound();
  await Promise.all(
    queries.map(async (query) => {
      const refusal = notGranted(query, request.context);
      request.onAnswer(refusal ?? (await answer(query, read, request)));
    }),
  );
}

function readerOf({ origin, context }: PullRequest): Reader {
  const client = FHIR.client({
    serverUrl: `${origin}/l/${encodeURIComponent(context.launchId)}/fhir`,
    tokenResponse: { patient: context.patientId },
  });
  return (url, signal) =>
    client.request(
      { url, signal, headers: { 'X-Launch': context.launchId } },
      { useRefreshToken: false, graph: false },
    );
}

/** S3: what the EHR did not grant is not asked for, and is called by that name. */
function notGranted(query: Query, context: PullRequest['context']): Answer | undefined {
  const feature = context.features.find(({ id }) => id === query.id || id === query.label);
  if (!feature || feature.available) return undefined;
  return settled(query, [], { state: 'not-asked', pages: 0, reason: feature.reason ?? 'not granted' });
}

async function answer(query: Query, read: Reader, request: PullRequest): Promise<Answer> {
  const limits = request.limits ?? patience;
  const abort = new AbortController();
  const slow = setTimeout(() => request.onSlow?.(query), limits.soft);
  const stop = setTimeout(() => abort.abort(), limits.hard);
  const pages: Pages = { resources: new Map(), count: 0, warnings: new Set() };
  try {
    const { patientId } = request.context;
    await readPages({
      url: queryUrl(query, patientId),
      read,
      signal: abort.signal,
      pages,
      origin: request.origin,
    }).catch(async (error) => {
      // A server that refuses the narrow question as asked may answer the wide one; what comes is filtered again anyway.
      if (statusOf(error) !== 400 || !query.fallback || pages.count > 0) throw error;
      const url = queryUrl(query, patientId, { wide: true });
      await readPages({ url, read, signal: abort.signal, pages, origin: request.origin });
    });
    await readNamedMedicines(pages, read, abort.signal);
    return complete(query, pages);
  } catch (error) {
    return broken(query, pages, error, abort.signal.aborted);
  } finally {
    clearTimeout(slow);
    clearTimeout(stop);
  }
}

interface Pages {
  /** By `Type/id`: a server may repeat a resource across pages; the newest version is kept. */
  readonly resources: Map<string, unknown>;
  count: number;
  readonly warnings: Set<string>;
}

async function readPages(reading: {
  url: string;
  read: Reader;
  signal: AbortSignal;
  pages: Pages;
  origin: string;
}): Promise<void> {
  const { pages, signal, read, origin } = reading;
  const visited = new Set<string>();
  for (let url: string | undefined = reading.url; url !== undefined; ) {
    if (visited.has(url)) return void pages.warnings.add('the EHR repeated a page');
    if (pages.count >= pageCap) return void pages.warnings.add(`more than ${pageCap} pages`);
    visited.add(url);
    const body = await read(url, signal);
    pages.count += 1;
    take(body, pages);
    url = nextOf(body, origin, pages);
  }
}

/** Q5: a prescription may name its drug by reference; no EHR is trusted to include it, so each is read. */
async function readNamedMedicines(pages: Pages, read: Reader, signal: AbortSignal): Promise<void> {
  const wanted = missingMedications([...pages.resources.values()]);
  const bodies = await Promise.allSettled(wanted.slice(0, medicineCap).map((reference) => read(reference, signal)));
  for (const body of bodies) if (body.status === 'fulfilled') take(body.value, pages);
  const lost = bodies.filter(({ status }) => status === 'rejected').length + Math.max(0, wanted.length - medicineCap);
  if (lost > 0) pages.warnings.add(`medicines named by a reference that could not be read: ${lost}`);
}

/** Entries by `search.mode` (Q4): an OperationOutcome inside a 200 means that part of the answer is missing. */
function take(body: unknown, pages: Pages): void {
  if (!isRecord(body)) return void pages.warnings.add('the EHR answered with something that is not FHIR');
  const entries = body.resourceType === 'Bundle' ? asArray(body.entry) : [{ resource: body }];
  for (const entry of entries) {
    if (isRecord(entry) && isRecord(entry.resource)) keep(entry.resource, pages);
  }
}

function keep(resource: Record<string, unknown>, pages: Pages): void {
  if (resource.resourceType === 'OperationOutcome') {
    if (isProblem(resource)) pages.warnings.add('the EHR said that part of the answer is missing');
    return;
  }
  const key = `${String(resource.resourceType)}/${String(resource.id ?? `unnamed-${pages.resources.size}`)}`;
  const known = pages.resources.get(key);
  if (known === undefined || updated(resource) >= updated(known)) pages.resources.set(key, resource);
}

function isProblem(outcome: Record<string, unknown>): boolean {
  const issues = asArray(outcome.issue).filter(isRecord);
  return issues.length === 0 || issues.some(({ severity }) => severity !== 'information');
}

function updated(resource: unknown): number {
  const meta = isRecord(resource) && isRecord(resource.meta) ? resource.meta : {};
  return Date.parse(String(meta.lastUpdated)) || 0;
}

function nextOf(body: unknown, origin: string, pages: Pages): string | undefined {
  const links = isRecord(body) ? asArray(body.link).filter(isRecord) : [];
  const next = links.find(({ relation }) => relation === 'next')?.url;
  if (typeof next !== 'string' || next === '') return undefined;
  if (next.startsWith(`${origin}/`)) return next;
  // F7: a page is never fetched from anywhere but our own origin.
  pages.warnings.add('a further page was not on our own server');
  return undefined;
}

function complete(query: Query, pages: Pages): Answer {
  const resources = [...pages.resources.values()];
  const warnings = [...pages.warnings].join('; ');
  if (warnings !== '') return settled(query, resources, { state: 'incomplete', pages: pages.count, reason: warnings });
  return settled(query, resources, { state: resources.length > 0 ? 'read' : 'empty', pages: pages.count });
}

/** Q15: 403 is a refusal and never "none found"; anything read before a failure is kept and called incomplete. */
function broken(query: Query, pages: Pages, error: unknown, timedOut: boolean): Answer {
  const resources = [...pages.resources.values()];
  const status = statusOf(error);
  if (status === 403) {
    return settled(query, resources, {
      state: resources.length > 0 ? 'incomplete' : 'refused',
      pages: pages.count,
      reason: 'restricted in the EHR (403): this account may not read it, or the record needs break-the-glass there',
    });
  }
  const reason = timedOut
    ? 'no answer in 30 s'
    : status === 401
      ? 'the EHR session ended (401)'
      : status === undefined
        ? 'the connection failed'
        : `the EHR answered ${status}`;
  return settled(query, resources, {
    state: resources.length > 0 ? 'incomplete' : 'failed',
    pages: pages.count,
    reason,
  });
}

function settled(
  query: Query,
  resources: readonly unknown[],
  report: { state: SourceReport['state']; pages: number; reason?: string },
): Answer {
  return { query, resources, report: { id: query.id, count: resources.length, ...report } };
}

function statusOf(error: unknown): number | undefined {
  const status = isRecord(error) ? (error.status ?? error.statusCode) : undefined;
  return typeof status === 'number' ? status : undefined;
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
