/** One search from its first page to its last (Q3): `total` is not trusted, and a server that turns in circles is left. */
import type { Gathered } from './gathered.ts';
import { asArray, isRecord } from './json.ts';

/** Pages in a row that bring nothing new before a server is taken to repeat itself; some filter after paging. */
const STALE_PAGES = 3;

export interface Paging {
  readonly url: string;
  readonly read: (url: string) => Promise<unknown>;
  readonly gathered: Gathered;
  /** The only origin that a page is read from (F7). */
  readonly origin: string;
  /** Most pages of this search. */
  readonly cap: number;
  /** Called between two pages; the next one is asked for when it resolves. */
  readonly between?: () => Promise<void>;
}

export async function readPages({ url: first, read, gathered, origin, cap, between }: Paging): Promise<void> {
  const visited = new Set<string>();
  let stale = 0;
  for (let url: string | undefined = first; url !== undefined; ) {
    if (visited.has(url)) return gathered.lack('the EHR repeated a page');
    if (visited.size >= cap) return gathered.lack(`more than ${cap} pages`);
    visited.add(url);
    const body = await read(url);
    // The relay seals each link anew, so a circle shows in what the pages bring and not in their addresses.
    stale = gathered.take(body) > 0 ? 0 : stale + 1;
    const next = nextOf(body);
    if (next !== undefined && stale >= STALE_PAGES) return gathered.lack('the EHR repeated a page');
    if (next !== undefined && !next.startsWith(`${origin}/`))
      return gathered.lack('a further page was not on our own server');
    if (next !== undefined) await between?.();
    url = next;
  }
}

function nextOf(body: unknown): string | undefined {
  const links = isRecord(body) ? asArray(body.link).filter(isRecord) : [];
  const next = links.find(({ relation }) => relation === 'next')?.url;
  return typeof next === 'string' && next !== '' ? next : undefined;
}
