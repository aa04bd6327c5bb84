/** Turns an accepted recommendation into the exact bytes that approval sends, and their idempotency key. */
import { createHash } from 'node:crypto';
import type { AcceptedRecommendation } from '../../launch/api.ts';
import { forbidden } from '../../models/engine/proposals/forbidden.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import type { Launched } from '../launched.ts';
import type { Rung } from './ladder.ts';
import { withOffset } from './time.ts';

/** What will be written. */
export interface Rendered {
  /** As it was chosen for the preview. */
  readonly rung: Rung;
  /** Idempotency key K (interop X1). */
  readonly key: string;
  /** The JSON text to be posted, byte for byte. */
  readonly bytes: string;
  /** SHA-256 (hex) of `bytes`. */
  readonly hash: string;
  /** The note's text, for reading. */
  readonly text: string;
}

/**
 * Renders once: preview and sending share the result (interop WB7).
 * K covers everything but itself: the payload is hashed without the key, then rendered again with it.
 */
export function render(request: {
  rung: Rung;
  launched: Launched;
  recommendation: AcceptedRecommendation;
  approvalId: string;
  now: Date;
}): Rendered {
  const { rung, launched, recommendation, approvalId, now } = request;
  const { kind, setting } = rung;
  const { context, tenantId, timeZone } = launched;
  const proposal = proposals[kind];
  const content = {
    recommendation,
    patientId: context.patientId,
    ...(context.encounterId ? { encounterId: context.encounterId } : {}),
    author: { reference: relative(context.user.fhirUser, launched.fhirBase), display: context.user.display },
    now: withOffset(now, timeZone),
    key: '',
    ...(setting && { setting }),
    encode: (text: string) => Buffer.from(text, 'utf8').toString('base64'),
  };
  const unkeyed = sha256(JSON.stringify(proposal.propose(content))).digest('hex');
  const parts = [tenantId, context.patientId, recommendation.id, approvalId, rung.via ?? kind, unkeyed];
  const keyed = { ...content, key: sha256(parts.join('|')).digest('base64url') };
  const resource = proposal.propose(keyed);
  const wrong = forbidden(resource);
  if (wrong !== undefined) throw new Error(`never written: ${wrong}`);
  const bytes = JSON.stringify(resource);
  return { rung, key: keyed.key, bytes, hash: sha256(bytes).digest('hex'), text: proposal.text(keyed) };
}

function relative(reference: string, base: string): string {
  return reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
}

function sha256(text: string) {
  return createHash('sha256').update(text, 'utf8');
}
