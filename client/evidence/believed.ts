/** A file of the library, believed only with the digest under which it was released. */

/** What came of asking for one. */
export type Believed<T> =
  | { readonly is: 'read'; readonly content: T }
  | { readonly is: 'unreachable' }
  /** Other bytes than the library was released with. */
  | { readonly is: 'altered' };

/** Reads JSON whose bytes have this SHA-256 (hex). Never rejects for what the network did. */
export async function readBelieved<T>({ url, sha256 }: { url: string; sha256: string }): Promise<Believed<T>> {
  const response = await fetch(url, { credentials: 'same-origin' }).catch(() => undefined);
  if (!response?.ok) return { is: 'unreachable' };
  const bytes = await response.arrayBuffer().catch(() => undefined);
  if (!bytes) return { is: 'unreachable' };
  const digest = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))];
  const hex = digest.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== sha256) return { is: 'altered' };
  return { is: 'read', content: JSON.parse(new TextDecoder().decode(bytes)) as T };
}
