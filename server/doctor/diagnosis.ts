/** What the doctor says: checks of the launch, every feature with the scope it needs, and the ways to write. */

export type CheckStatus = 'ok' | 'attention' | 'failed' | 'not-checked';

/** One thing looked at. */
export interface Check {
  readonly id: string;
  readonly status: CheckStatus;
  readonly text: string;
}

/** One feature of the app at this EHR. */
export interface Feature {
  readonly id: string;
  readonly title: string;
  readonly status: 'works' | 'degraded' | 'blocked';
  /** As it would be requested here; empty where no scope is needed. */
  readonly scope: string;
  readonly why: string;
}

/** One way of the write-back ladder (interop §3B). `available` with this site's settings; `offered` once it is switched on and tried. */
export interface Rung {
  readonly rung: string;
  readonly title: string;
  readonly status: 'available' | 'offered' | 'not-offered' | 'not-known' | 'never';
  readonly why: string;
}

/** The whole report; what the EHR said decides, never its vendor's name. */
export interface Diagnosis {
  readonly from: string;
  readonly live: boolean;
  readonly verdict: Feature['status'];
  readonly checks: readonly Check[];
  readonly scopes: readonly string[];
  readonly features: readonly Feature[];
  readonly writeBack: readonly Rung[];
}
