/**
 * Which cards were sent to whom and what became of them: enough to count, and to keep quiet about what was answered,
 * whichever server is asked and after a restart. Keys are keyed hashes and what was sent is sealed: nobody is named.
 */
import type { Recommendation } from '../../models/engine/evaluation.ts';
import type { Kept } from '../store/kept.ts';
import type { KeyRing } from '../store/keys.ts';
import type { Sealed } from '../store/store.ts';

/** A card that was sent. */
export interface Shown {
  readonly recommendationId: string;
  readonly indicator: Recommendation['indicator'];
  /** Keyed hash. */
  readonly patient: string;
  readonly user: string;
  readonly answerKey: string;
}

/** A card as feedback names it; only its own tenant can. */
export interface Answered {
  readonly tenantId: string;
  readonly card: string;
  readonly outcome: string;
}

/** An answer spares the clinician the same danger for a shift. */
const KEPT_MS = 12 * 60 * 60 * 1000;
/** An EHR may send its feedback again, and in batches. */
const REPORTED_MS = 30 * 24 * 60 * 60 * 1000;

/** `kept` is shared by all servers. `now` in epoch milliseconds. */
export function createShown(deps: {
  readonly kept: Kept;
  readonly keys: Pick<KeyRing, 'lookup' | 'seal' | 'open'>;
  readonly now: () => number;
}) {
  const { kept, keys, now } = deps;
  const sent = (tenantId: string, card: string) => `sent:${keys.lookup('card', tenantId, card)}`;
  const reported = ({ tenantId, card, outcome }: Answered) =>
    `reported:${keys.lookup('card', tenantId, card, outcome)}`;
  const answered = (answerKey: string) => `answered:${answerKey}`;

  return {
    async add(tenantId: string, card: string, shown: Shown): Promise<void> {
      const key = sent(tenantId, card);
      await kept.set(key, JSON.stringify(keys.seal(JSON.stringify(shown), [key])), now() + KEPT_MS);
    },
    /** The card where it is still known, and whether this outcome is news (H10): to one of all who report it. */
    async answer(answer: Answered): Promise<{ readonly shown: Shown | undefined; readonly news: boolean }> {
      const key = sent(answer.tenantId, answer.card);
      const sealed = await kept.get(key);
      const shown =
        sealed === undefined ? undefined : (JSON.parse(keys.open(JSON.parse(sealed) as Sealed, [key])) as Shown);
      if (shown) await kept.set(answered(shown.answerKey), '', now() + KEPT_MS);
      return { shown, news: await kept.replace(reported(answer), undefined, '', now() + REPORTED_MS) };
    },
    /** What could not be counted is news again when the EHR repeats it. */
    uncounted: async (answer: Answered): Promise<void> => void (await kept.take(reported(answer))),
    isAnswered: async (answerKey: string): Promise<boolean> => (await kept.get(answered(answerKey))) !== undefined,
  };
}
