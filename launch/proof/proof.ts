/**
 * Proofs of possession (RFC 9449, DPoP) toward our own server: what stands for the cookie where a browser returns none.
 * A proof is signed with a P-256 key that the browser made and cannot give away, for one request, good for a minute.
 */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { z } from 'zod';

/** How far `iat` may lie from our clock, either way. The page is told our time, so a workstation's own clock does not count. */
export const PROOF_SECONDS = 60;

/** Who made a proof, and the name by which it is known never to come twice. */
export interface Proven {
  /** Thumbprint (RFC 7638) of the key. */
  readonly jkt: string;
  readonly jti: string;
}

/** The request that a proof must have been made for. */
export interface ProvenRequest {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** The session handle sent along; a proof made for another does not count. */
  readonly handle?: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

const Claims = z.object({
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  jti: z.string().regex(/^[\w-]{16,64}$/),
  ath: z.string().optional(),
});

/** Reads a proof. `undefined` for one that is malformed, signed otherwise, stale, or made for another request or handle. */
export async function readProof(proof: string, request: ProvenRequest): Promise<Proven | undefined> {
  const verified = await jwtVerify(proof, EmbeddedJWK, { algorithms: ['ES256'], typ: 'dpop+jwt' }).catch(
    () => undefined,
  );
  const claims = Claims.safeParse(verified?.payload).data;
  const { jwk } = verified?.protectedHeader ?? {};
  if (!claims || !jwk) return undefined;
  const { htm, htu, iat, jti, ath } = claims;
  if (htm !== request.method || htu !== request.url) return undefined;
  if (Math.abs(request.now / 1000 - iat) > PROOF_SECONDS) return undefined;
  if (ath !== (request.handle && createHash('sha256').update(request.handle).digest('base64url'))) return undefined;
  return { jkt: await calculateJwkThumbprint(jwk), jti };
}

/** The handle of `Authorization: DPoP <handle>`, if that is how a request names its session. */
export function handleOf(authorization: string | undefined): string | undefined {
  return /^DPoP ([\w-]{43})$/.exec(authorization ?? '')?.[1];
}
