/** Makes proofs of possession (RFC 9449, DPoP): one for each request to our server, signed with this browser's key. */

/** The request that a proof is for, and the session handle that goes with it, if there is one yet. */
export interface ToProve {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly handle?: string;
}

export type Prover = (request: ToProve) => Promise<string>;

/** @param now our server's clock, epoch milliseconds: the workstation's own may be off */
export async function createProver({ privateKey, publicKey }: CryptoKeyPair, now: () => number): Promise<Prover> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const header = encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
  return async ({ method, url, handle }) => {
    const { origin, pathname } = new URL(url);
    const claims = {
      jti: crypto.randomUUID(),
      htm: method,
      htu: origin + pathname,
      iat: Math.floor(now() / 1000),
      ...(handle !== undefined && { ath: base64url(await crypto.subtle.digest('SHA-256', utf8(handle))) }),
    };
    const signed = `${header}.${encoded(claims)}`;
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, utf8(signed));
    return `${signed}.${base64url(signature)}`;
  };
}

function encoded(value: object): string {
  return base64url(utf8(JSON.stringify(value)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: ArrayBuffer | Uint8Array): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
