/**
 * What only this page can know of its own traffic, noted as it happens: bytes that it posted, messages to the EHR's
 * frame, and what its policy stopped. Everything else the browser counts by itself. Counts and hosts, never contents.
 */

/** Requests that the browser remembers; without it, 250. */
const REMEMBERED = 2_000;

/** Messages to one host's frame. */
export interface Messages {
  requests: number;
  bytesUp: number;
}

/** Bytes of bodies, by path. */
export const postedTo = new Map<string, number>();
/** By host. */
export const messagesTo = new Map<string, Messages>();
/** Hosts that something in this page wanted to reach and the policy did not let it, with the part of the policy that stopped it. */
export const stopped: { readonly host: string; readonly directive: string }[] = [];

export function notePosted(url: string, body: string): void {
  const path = new URL(url, location.origin).pathname;
  postedTo.set(path, (postedTo.get(path) ?? 0) + byteLength(body));
}

export function noteMessage(origin: string, message: unknown): void {
  const { host } = new URL(origin);
  const { requests, bytesUp } = messagesTo.get(host) ?? { requests: 0, bytesUp: 0 };
  messagesTo.set(host, { requests: requests + 1, bytesUp: bytesUp + byteLength(JSON.stringify(message)) });
}

/** To be called once, before the first request. */
export function listen(): void {
  performance.setResourceTimingBufferSize?.(REMEMBERED);
  document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
    // `inline`, `eval` and their like are no hosts.
    const host = URL.parse(blockedURI)?.host || blockedURI.slice(0, 40);
    stopped.push({ host, directive: effectiveDirective });
  });
}

/** Whether the browser may have forgotten some. */
export function isFull(remembered: number): boolean {
  return remembered >= REMEMBERED;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
