/** Which cards were shown to whom and what became of them: enough to count, and to keep quiet about what was answered. No patient is named. */
import { createHash } from 'node:crypto';
import type { Recommendation } from '../../models/engine/evaluation.ts';

/** A card that was sent. */
export interface Shown {
  readonly recommendationId: string;
  readonly indicator: Recommendation['indicator'];
  readonly tenantId: string;
  /** Keyed hash. */
  readonly patient: string;
  readonly user: string;
  readonly answerKey: string;
  readonly at: number;
}

const KEPT_MS = 12 * 60 * 60 * 1000;
const MOST = 100_000;

/** In memory: after a restart an answered danger is shown once more, which is the safe way to forget. */
export function createShown(now: () => number) {
  const cards = new Map<string, Shown>();
  const answers = new Map<string, number>();
  const reported = new Set<string>();

  return {
    add(card: string, shown: Omit<Shown, 'at'>): void {
      cards.set(card, { ...shown, at: now() });
      if (cards.size > MOST) cards.delete(cards.keys().next().value ?? '');
    },
    /** The card and whether this outcome is news; only its own tenant may answer it. */
    answer(card: string, { tenantId, outcome }: { readonly tenantId: string; readonly outcome: string }) {
      const found = cards.get(card);
      const shown = found?.tenantId === tenantId && now() - found.at < KEPT_MS ? found : undefined;
      const key = `${tenantId} ${card} ${outcome}`;
      const news = !reported.has(key);
      reported.add(key);
      if (reported.size > MOST) reported.delete(reported.values().next().value ?? '');
      if (shown) answers.set(shown.answerKey, now());
      if (answers.size > MOST) answers.delete(answers.keys().next().value ?? '');
      return { shown, news };
    },
    isAnswered: (answerKey: string) => now() - (answers.get(answerKey) ?? Number.NEGATIVE_INFINITY) < KEPT_MS,
  };
}

/** The same words about the same patient to the same user. */
export function answerKey(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
