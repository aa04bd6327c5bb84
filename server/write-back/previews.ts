/**
 * Previews that wait for approval: in this process's memory only, ten minutes, one use.
 * Several servers need the browser to come back to the same one, or to preview again; nothing is lost either way.
 */
import { randomBytes } from 'node:crypto';
import type { AcceptedRecommendation } from '../../launch/api.ts';
import type { Launched } from '../launched.ts';
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
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** 192 random bits, base64url. */
export function newApprovalId(): string {
  return randomBytes(24).toString('base64url');
}

/** The shelf. */
export function createPreviews(clock: () => Date) {
  const shelf = new Map<string, Shelved>();
  const latest = new Map<string, string>();
  return {
    /** A new preview of the same recommendation in the same launch takes the place of the earlier one. */
    put(preview: Shelved): void {
      // All live equally long, so the oldest are first.
      for (const old of shelf.values()) {
        if (old.expiresAt > clock().getTime() && shelf.size < MOST) break;
        forget(old);
      }
      const earlier = shelf.get(latest.get(subject(preview)) ?? '');
      if (earlier) forget(earlier);
      shelf.set(preview.approvalId, preview);
      latest.set(subject(preview), preview.approvalId);
    },
    /** The preview as it was shown to this user, about this patient, in this launch; throws a `Refusal` otherwise. */
    take(launched: Launched, approvalId: string, hash: string): Shelved {
      const preview = shelf.get(approvalId);
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
    drop: forget,
  };

  function forget(preview: Shelved): void {
    shelf.delete(preview.approvalId);
    if (latest.get(subject(preview)) === preview.approvalId) latest.delete(subject(preview));
  }
}

function subject({ launchId, recommendation }: Shelved): string {
  return `${launchId} ${recommendation.id}`;
}
