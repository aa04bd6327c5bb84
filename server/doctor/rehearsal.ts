/** What the doctor says of the kept rehearsal of write-back: whether there is one, how old it is, and whether it still counts. */
import type { CapabilityStatement } from 'fhir/r4';
import type { Tenant } from '../../launch/tenants.ts';
import { daysSince, outOfForce } from '../rehearse/counts.ts';
import type { KeptReport, RehearsalReport } from '../rehearse/report.ts';
import type { Check, CheckStatus } from './diagnosis.ts';
import type { Documents } from './documents.ts';

/** What the doctor was given besides the EHR's own documents. */
export interface Known {
  /** Milliseconds. */
  readonly now: number;
  /** This EHR's line in our own registry, where there is one. */
  readonly tenant?: Tenant;
  /** Its kept rehearsal, where it was looked for. */
  readonly rehearsal?: KeptReport;
}

/** A rehearsal that a site demands and does not have closes every way of writing: that is `failed`, and no launch is the worse for it. */
export function rehearsalCheck({ capability }: Documents, { now, tenant, rehearsal }: Known): Check {
  const said = (status: CheckStatus, text: string): Check => ({ id: 'rehearsal', status, text });
  if (!tenant?.writeBack.enabled) return said('not-checked', 'Write-back is off here, or no tenants file was given');
  if (!rehearsal) return said('not-checked', 'No kept rehearsal was looked for; --data names the server’s folder');
  const required = tenant.writeBack.rehearsed === 'required';
  const short: CheckStatus = required ? 'failed' : 'attention';
  const then = required ? ': everything is text to copy until it is' : '';
  switch (rehearsal.state) {
    case 'none':
      return said(short, `Write-back was not rehearsed${then}`);
    case 'unreadable':
      return said(
        'failed',
        'The kept rehearsal cannot be read: everything is text to copy until it is rehearsed again',
      );
    case 'kept': {
      const { report } = rehearsal;
      const told = summary(report, now);
      if (capability.state !== 'read') return said('attention', `${told}. The EHR’s version was not seen`);
      // Only the software's name and version are looked at, in FHIR's own shape.
      const statement = capability.body as unknown as CapabilityStatement;
      const over = outOfForce(report, { tenant, statement, now });
      if (over !== undefined) return said(short, `${told}. To be rehearsed again: ${over}`);
      return said(report.rungs.some(({ verdict }) => verdict === 'unusable') ? 'attention' : 'ok', told);
    }
  }
}

function summary(report: RehearsalReport, now: number): string {
  const count = (wanted: string) => report.rungs.filter(({ verdict }) => verdict === wanted).length;
  const days = Math.max(0, daysSince(report, now));
  const left = report.remains.filter((reference) => !reference.startsWith('Provenance/')).length;
  return [
    `Rehearsed ${report.at.slice(0, 10)}, ${days} days ago: ${count('usable')} usable, ${count('unusable')} unusable, ${count('not-tried')} not tried`,
    ...(left > 0 ? [`left in the test chart: ${left}`] : []),
  ].join('; ');
}
