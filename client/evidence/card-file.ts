/** The card of a model, fetched when it is opened and believed only with the digest that the library names. */
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { readBelieved } from './believed.ts';

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
  const file = await readBelieved<ModelCard>({ url, sha256 });
  return file.is === 'read' ? { is: 'read', card: file.content } : file;
}
