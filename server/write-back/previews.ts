/**
 * Previews that wait for approval: sealed, ten minutes, one use. In this process's memory, or, where several servers share
 * a database, in it: whichever server the approval reaches finds what was shown.
 */
import { randomBytes } from 'node:crypto';
import type { AcceptedRecommendation } from '../../launch/api.ts';
import type { Launched } from '../launched.ts';
import type { Kept } from '../store/kept.ts';
import type { KeyRing } from '../store/keys.ts';
import type { Sealed } from '../store/store.ts';
import { Refusal } from './refusal.ts';
import type { Rendered } from './render.ts';

/** How long a preview may be approved, in milliseconds. */
export const PREVIEW_LIFE = 600_000;
const MOST = 20_000;

/** A rendered proposal and everything its approval is bound to. */
export interface Shelved extends Rendered {
  readonly approvalId: string;
  readonly recommendation: AcceptedRecommendation;
  readonly launchId: string;
  readonly userId: string;
  readonly patientId: string;
  /** Approval of the write that this one withdraws. */
  readonly corrects?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** 192 random bits, base64url. */
export function newApprovalId(): string {
  return randomBytes(24).toString('base64url');
}

/** Where previews wait. */
export type Shelf = Pick<Kept, 'get' | 'set' | 'take'>;

/** The shelf. */
export function createPreviews(deps: { keys: KeyRing; clock: () => Date; shelf?: Shelf | undefined }) {
  const { keys, clock, shelf = memoryShelf(clock) } = deps;
  const place = (approvalId: string) => `preview|${approvalId}`;
  const latest = ({ launchId, recommendation }: Shelved) =>
    `latest|${keys.lookup('launch', launchId, recommendation.id)}`;

  async function read(approvalId: string): Promise<Shelved | undefined> {
    const sealed = await shelf.get(place(approvalId));
    if (sealed === undefined) return undefined;
    const preview = JSON.parse(keys.open(JSON.parse(sealed) as Sealed, ['preview', approvalId])) as Shelved;
    // A new preview of the same recommendation in the same launch takes the place of the earlier one.
    return (await shelf.get(latest(preview))) === approvalId ? preview : undefined;
  }

  return {
    async put(preview: Shelved): Promise<void> {
      const { approvalId, expiresAt } = preview;
      const sealed = keys.seal(JSON.stringify(preview), ['preview', approvalId]);
      const earlier = await shelf.get(latest(preview));
      await shelf.set(place(approvalId), JSON.stringify(sealed), expiresAt);
      await shelf.set(latest(preview), approvalId, expiresAt);
      if (earlier !== undefined) await shelf.take(place(earlier));
    },
    /** The preview as it was shown to this user, about this patient, in this launch; throws a `Refusal` otherwise. */
    async take(launched: Launched, approvalId: string, hash: string): Promise<Shelved> {
      const preview = await read(approvalId);
      if (!preview || preview.expiresAt <= clock().getTime()) {
        throw new Refusal(409, 'not-previewed', 'The preview has expired. Nothing was sent; open it again.');
      }
      if (preview.launchId !== launched.context.launchId) throw new Refusal(404, 'not-found', 'No such preview here.');
      if (preview.userId !== launched.userId) {
        throw new Refusal(403, 'other-user', 'This preview was shown to another user. Nothing was sent.');
      }
      if (preview.patientId !== launched.context.patientId) {
        throw new Refusal(422, 'other-patient', 'This preview is about another patient. Nothing was sent.');
      }
      if (preview.hash !== hash) {
        throw new Refusal(409, 'preview-differs', 'What was approved is not what was previewed. Nothing was sent.');
      }
      return preview;
    },
    /** One use. */
    async drop({ approvalId }: Shelved): Promise<void> {
      await shelf.take(place(approvalId));
    },
  };
}

/** All live equally long, so the oldest are first; more than `MOST` are not kept. */
function memoryShelf(clock: () => Date): Shelf {
  const values = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  return {
    get: async (key) => values.get(key)?.value,
    async set(key, value, expiresAt) {
      for (const [old, kept] of values) {
        if (kept.expiresAt > clock().getTime() && values.size < 2 * MOST) break;
        values.delete(old);
      }
      values.delete(key);
      values.set(key, { value, expiresAt });
    },
    async take(key) {
      const value = values.get(key)?.value;
      values.delete(key);
      return value;
    },
  };
}
