/** One authorised launch, as every handler under `/l/<launchId>/` sees it: what the browser may know, and a way to call the EHR that keeps the token here. */
import type { LaunchContext } from '../launch/context.ts';
import type { Interaction } from '../launch/scopes.ts';
import type { RungSetting } from '../models/engine/proposals/ladder.ts';

/** A call toward this launch's FHIR server. */
export interface FhirRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Relative to the FHIR base (`DocumentReference`, `DocumentReference/123`, `Observation?code=…`), or absolute within it. */
  readonly path: string;
  /** `Accept: application/fhir+json` unless said otherwise; `Authorization` is ours and may not be given. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The server's side of a launch. It holds no token: `fhir` closes over it. */
export interface Launched {
  readonly context: LaunchContext;
  readonly tenantId: string;
  /** The tenant's name for this FHIR server, as configured, without a trailing slash. */
  readonly fhirBase: string;
  /** A digest of the browser session, safe to keep in a record; never the cookie's value. */
  readonly sessionId: string;
  /** `sub` of the validated id_token: stable per user within the tenant. */
  readonly userId: string;
  /** Whether the tenant has switched write-back on (the scopes and the user are judged apart). */
  readonly writeBack: boolean;
  /** The ways of writing that the tenant agreed on; a plain note where it said nothing. */
  readonly rungs?: readonly RungSetting[];
  /** Where the EHR says how it looks. */
  readonly styleUrl?: string;
  /** IANA zone of the hospital, for dates in notes. */
  readonly timeZone?: string;
  /** Whether the granted scopes allow this. */
  grants(resourceType: string, interaction: Interaction): boolean;
  /**
   * Calls the EHR with this launch's token, refreshing it once on 401; only within the FHIR base, no redirects followed.
   * Rejects with `SessionEnded` when the grant is gone, and with the transport's error when the EHR cannot be reached:
   * after a rejected POST nobody knows whether the EHR committed it.
   */
  fhir(request: FhirRequest): Promise<Response>;
}

/** The grant behind a launch is gone: the user has to open the app from the chart again. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
}

/** Hono environment of everything mounted under `/l/:launchId/`. */
export interface LaunchedEnv {
  Variables: { launch: Launched; requestId: string };
}
