/** Who is asking, about whom, and what the app may do: the part of a launch that the browser may know. It never holds a token. */

/** Features a launch may use, and why not where it may not. */
export interface FeatureState {
  readonly id: string;
  readonly available: boolean;
  /** In words, for the screen: `not granted: patient/Observation.rs`. */
  readonly reason?: string;
}

/** A SMART launch, as served to the browser at `GET /l/<launchId>/context`. */
export interface LaunchContext {
  readonly launchId: string;
  readonly tenant: { readonly id: string; readonly name: string };
  /** Only ever from the token response. */
  readonly patientId: string;
  readonly encounterId?: string;
  readonly user: { readonly fhirUser: string; readonly display: string; readonly mayApprove: boolean };
  /** Granted scopes, as the token response said. */
  readonly scope: readonly string[];
  /** Show the full banner: true when the EHR said so or said nothing. */
  readonly needPatientBanner: boolean;
  readonly intent?: string;
  /** ISO instants. */
  readonly launchedAt: string;
  readonly expiresAt: string;
  readonly features: readonly FeatureState[];
  /** Digest of the library in force and where to fetch it. */
  readonly library: { readonly version: string; readonly digest: string; readonly url: string };
  /** True when the EHR is the bundled practice EHR. */
  readonly practice: boolean;
}
