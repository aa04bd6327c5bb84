/** One text for one value: keys sorted, no spaces, so that the same knowledge has the same digest everywhere. */
import { createHash } from 'node:crypto';

/** Canonical JSON (RFC 8785 in all that this library uses: plain objects, arrays, strings, finite numbers). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, held]) => held !== undefined);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
