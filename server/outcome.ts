/** What the relay itself has to say, as FHIR says it. */
import { RELAY_CODE_SYSTEM } from '../launch/vendors/relay.ts';

/** An OperationOutcome with one issue. `code` is a FHIR `IssueType`; `own` is our word, where the browser has to tell ours from the EHR's. */
export function outcome(severity: 'error' | 'warning', code: string, diagnostics: string, own?: string) {
  const details = own === undefined ? {} : { details: { coding: [{ system: RELAY_CODE_SYSTEM, code: own }] } };
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, ...details, diagnostics }] };
}
