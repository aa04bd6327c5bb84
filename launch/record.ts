/** What the server keeps of a launch and never sends. */
import type { LaunchContext } from './context.ts';
import type { ScopeRung } from './scopes.ts';
import type { Granted } from './tenants.ts';

/** A launch that lies unused for this long ends (T5). */
export const IDLE_MS = 15 * 60 * 1000;

/** A value that no serialiser, template or log can print by accident. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself: only for a request to the EHR, or for sealing. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** The EHR's tokens. Times are epoch milliseconds. */
export interface Tokens {
  readonly access: Secret;
  readonly refresh?: Secret;
  readonly expiresAt: number;
}

/** One launch. `tokens` is gone once it has ended. */
export interface LaunchRecord extends Granted {
  readonly context: LaunchContext;
  /** `sub` of the validated id_token. */
  readonly sub: string;
  readonly tokens?: Tokens;
  /** Where the EHR says how it looks, as it came; only the server asks there. */
  readonly styleUrl?: string;
  /** Thumbprint of the key that opens it in the cookie's place; a launch has one or the other. */
  readonly jkt?: string;
}

/** A launch between `/launch` and `/callback`: single use, ten minutes at most, bound to one browser (L5). */
export interface PendingLaunch extends Granted {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly rung: ScopeRung;
  readonly scopes: readonly string[];
  /** The EHR's `launch` value; absent in a standalone launch. */
  readonly launch?: string;
  /** SHA-256 of the pre-login cookie, or `key:` and the key's thumbprint. */
  readonly browser: string;
  /** Thumbprint of the key that must show that it began this sign-in, where the browser returns no cookie. */
  readonly jkt?: string;
}

/** An EHR's answer that waits, two minutes at most, for its page to show that the sign-in began there. */
export interface Parked {
  readonly pending: PendingLaunch;
  /** The callback's query. */
  readonly answer: string;
}

/** Where launches live between requests. The values are sealed by whoever keeps them. */
export interface Sessions {
  remember(pending: PendingLaunch): Promise<void>;
  /** The pending launch of a state, once. */
  take(state: string): Promise<PendingLaunch | undefined>;
  park(launchId: string, parked: Parked): Promise<void>;
  parked(launchId: string): Promise<Parked | undefined>;
  /** The parked answer, once. */
  unpark(launchId: string): Promise<Parked | undefined>;
  /**
   * Starts a launch under a fresh session id, so that none set beforehand survives (S-2). Launches that the same user of
   * the same tenant opened in this browser stay reachable (M1); any other user's are ended and returned for revocation (M3).
   */
  open(
    record: LaunchRecord,
    from: { readonly browser: string; readonly previousSid?: string },
  ): Promise<{ sid: string; ended: readonly LaunchRecord[] }>;
}
