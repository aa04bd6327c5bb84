/** The card of a model, fetched when it is opened and believed only with the digest that the library names. */
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';

/** What came of it. */
export type CardFile =
  | { readonly is: 'read'; readonly card: ModelCard }
  | { readonly is: 'unreachable' }
  /** Other bytes than the library was released with. */
  | { readonly is: 'altered' };

const read = new Map<string, Promise<CardFile>>();

/** One fetch for each card, whatever shows it; one that failed may be tried again. */
export function cardOf(model: Pick<RiskModel, 'card' | 'cardUrl' | 'cardSha256'>): Promise<CardFile> {
  const { card, cardUrl, cardSha256 } = model;
  if (!cardUrl || !cardSha256) return Promise.resolve({ is: 'read', card });
  const known = read.get(cardSha256);
  if (known) return known;
  const reading = fetchCard(cardUrl, cardSha256);
  read.set(cardSha256, reading);
  void reading.then(({ is }) => is === 'unreachable' && read.delete(cardSha256));
  return reading;
}

async function fetchCard(url: string, sha256: string): Promise<CardFile> {
  const response = await fetch(url, { credentials: 'same-origin' }).catch(() => undefined);
  if (!response?.ok) return { is: 'unreachable' };
  const bytes = await response.arrayBuffer().catch(() => undefined);
  if (!bytes) return { is: 'unreachable' };
  const digest = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))];
  const hex = digest.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== sha256) return { is: 'altered' };
  return { is: 'read', card: JSON.parse(new TextDecoder().decode(bytes)) as ModelCard };
}
