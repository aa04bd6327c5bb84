/** Everything that left, as one statement: for the screen, and for the file that a security reviewer takes away. */
import type { Egress } from '../../launch/egress.ts';
import { isFull, messagesTo, postedTo, stopped } from './left.ts';
import { type BrowserRow, rowsOf, type Timed } from './requests.ts';

/** Version of the app, from package.json at build time. */
declare const ATTUNE_VERSION: string;

/** Hosts, kinds, counts and bytes; nothing of the patient, of the launch or of what was said. */
export interface Statement {
  readonly browser: readonly BrowserRow[];
  /** Why the browser's part may be less than all. */
  readonly browserIncomplete: readonly ('worker' | 'forgotten')[];
  readonly stopped: typeof stopped;
  /** `undefined` where our server did not say. */
  readonly server: Egress | undefined;
}

/** @param worker what the worker's own browser context lists; `undefined` where it did not answer */
export function statementOf(server: Egress | undefined, worker: readonly Timed[] | undefined): Statement {
  const page = timed('resource');
  const messages = [...messagesTo].map(
    ([host, counts]): BrowserRow => ({ host, kind: 'message', failures: 0, bytesDown: 0, ...counts }),
  );
  return {
    browser: [
      ...rowsOf([...timed('navigation'), ...page, ...(worker ?? [])], { own: location.host, postedTo }),
      ...messages,
    ],
    browserIncomplete: [
      ...(worker ? [] : (['worker'] as const)),
      ...(isFull(page.length) ? (['forgotten'] as const) : []),
    ],
    stopped,
    server,
  };
}

function timed(type: 'resource' | 'navigation'): readonly Timed[] {
  return performance.getEntriesByType(type) as PerformanceResourceTiming[];
}

/** As JSON for a file. `at` in epoch milliseconds; `library` its digest. */
export function fileOf(
  statement: Statement,
  { at, origin, library }: { readonly at: number; readonly origin: string; readonly library: string | undefined },
): { readonly name: string; readonly content: object } {
  const written = new Date(at).toISOString();
  return {
    name: `attune-egress-${written.slice(0, 10)}.json`,
    content: {
      what: 'What left Attune during one launch: requests by host and kind, with bytes of bodies on the wire. No contents, no addresses, no patient.',
      attune: ATTUNE_VERSION,
      library,
      origin,
      written,
      ...statement,
      server: statement.server ?? 'not-known',
    },
  };
}
