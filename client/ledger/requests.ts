/** The browser's own list of its requests → one row for each host and kind. No address is kept of them. */

/** What a request of this page was for. */
export type BrowserKind =
  | 'app'
  | 'library'
  | 'launch'
  | 'read'
  | 'search'
  | 'write-back'
  | 'record'
  | 'message'
  | 'other';

/** Requests of one kind to one host. */
export interface BrowserRow {
  readonly host: string;
  readonly kind: BrowserKind;
  readonly resourceType?: string;
  readonly requests: number;
  /** Where the browser says: answers of status 400 and above, and none. */
  readonly failures: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** What of a `PerformanceResourceTiming` is looked at. */
export interface Timed {
  /** Its address. */
  readonly name: string;
  readonly transferSize: number;
  readonly encodedBodySize: number;
  readonly decodedBodySize: number;
  /** Absent in some browsers, 0 where nothing came. */
  readonly responseStatus?: number;
}

/**
 * @param own our server's host, whose paths say what a request was for
 * @param postedTo bytes posted to it, by path: the browser counts only what comes
 */
export function rowsOf(
  entries: readonly Timed[],
  { own, postedTo }: { readonly own: string; readonly postedTo: ReadonlyMap<string, number> },
): BrowserRow[] {
  const rows = new Map<string, BrowserRow>();
  const counted = new Set<string>();
  for (const { name, transferSize, encodedBodySize, decodedBodySize, responseStatus } of entries) {
    const url = URL.parse(name);
    // Made in this page and never sent.
    if (!url || !/^https?:$/.test(url.protocol)) continue;
    // Out of the browser's own cache: nothing left for it.
    if (transferSize === 0 && decodedBodySize > 0) continue;
    const ours = url.host === own;
    const purpose = ours ? purposeOf(url.pathname) : ({ kind: 'other' } as const);
    const key = [url.host, purpose.kind, purpose.resourceType].join(' ');
    const before = rows.get(key) ?? { requests: 0, failures: 0, bytesUp: 0, bytesDown: 0 };
    const failed = responseStatus !== undefined && (responseStatus === 0 || responseStatus >= 400);
    // What was posted to a path is one sum, whichever of its requests comes first.
    const posted = !ours || counted.has(url.pathname) ? 0 : (postedTo.get(url.pathname) ?? 0);
    counted.add(url.pathname);
    rows.set(key, {
      host: url.host,
      ...purpose,
      requests: before.requests + 1,
      failures: before.failures + (failed ? 1 : 0),
      bytesUp: before.bytesUp + posted,
      bytesDown: before.bytesDown + encodedBodySize,
    });
  }
  return [...rows.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function place({ host, kind, resourceType = '' }: BrowserRow): string {
  return `${host} ${kind} ${resourceType}`;
}

/** By the paths of our own server. */
function purposeOf(path: string): Pick<BrowserRow, 'kind' | 'resourceType'> {
  const [first = '', , room = '', ...rest] = path.slice(1).split('/');
  if (first === 'library' || first === 'graphs') return { kind: 'library' };
  if (first === 'assets') return { kind: 'app' };
  if (first !== 'l') return { kind: 'other' };
  if (room === 'fhir') return interaction(rest);
  if (room === 'write-back') return { kind: 'write-back' };
  if (room === 'events') return { kind: 'record' };
  return room === '' ? { kind: 'app' } : { kind: 'launch' };
}

function interaction([type = '', second]: readonly string[]): Pick<BrowserRow, 'kind' | 'resourceType'> {
  if (type === '_page') return { kind: 'search' };
  if (!/^[A-Z][A-Za-z]{2,39}$/.test(type)) return { kind: 'launch' };
  return { kind: second === undefined || second === '_search' ? 'search' : 'read', resourceType: type };
}
