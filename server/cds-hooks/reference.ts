/**
 * What a card sends along for the launch that it opens (interop C6, H7): opaque to everybody else, and nothing of it is
 * kept here, so that whichever server the launch reaches can read it. It opens for the tenant and the patient of the card only.
 */
import { z } from 'zod';
import type { FromCard } from '../../launch/context.ts';
import type { KeyRing } from '../store/keys.ts';

/** Whom a card is about. */
export interface About {
  readonly tenantId: string;
  readonly patientId: string;
}

const appContext = z.strictObject({
  card: z.uuid(),
  sealed: z.strictObject({ keyId: z.string(), nonce: z.string(), data: z.string() }),
});
const fromCard = z.strictObject({
  hook: z.string(),
  recommendation: z.strictObject({ id: z.string(), from: z.array(z.string()) }).exactOptional(),
});
/** Evaluations merged into one recommendation; more than this would not fit into 4 KB. */
const MOST = 20;

/** The `appContext` of a card's link. */
export function referTo(keys: Pick<KeyRing, 'seal'>, about: About, card: string, from: FromCard): string {
  const { hook, recommendation } = from;
  const kept = recommendation && { id: recommendation.id, from: recommendation.from.slice(0, MOST) };
  const sealed = keys.seal(JSON.stringify({ hook, ...(kept && { recommendation: kept }) }), bound(about, card));
  return JSON.stringify({ card, sealed } satisfies z.infer<typeof appContext>);
}

/** What `referTo` said; `undefined` for anybody else's words, and for a card about another patient or at another EHR. */
export function openReference(keys: Pick<KeyRing, 'open'>, about: About, text: string): FromCard | undefined {
  try {
    const { card, sealed } = appContext.parse(JSON.parse(text));
    return fromCard.parse(JSON.parse(keys.open(sealed, bound(about, card))));
  } catch {
    return undefined;
  }
}

function bound({ tenantId, patientId }: About, card: string): readonly string[] {
  return ['card', card, tenantId, patientId];
}
