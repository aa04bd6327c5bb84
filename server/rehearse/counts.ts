/**
 * What a kept report is worth for the ladder (interop WB1): its *no* always counts, until it is rehearsed again; its *yes*
 * counts while it is in force, for the EHR's software and the site's settings that it was given for.
 */
import type { CapabilityStatement } from 'fhir/r4';
import type { Tenant } from '../../launch/tenants.ts';
import {
  type About,
  aboutOf,
  DEFAULT_RUNGS,
  type LadderQuestion,
  type ProposalKind,
  type RungSetting,
  type Tried,
} from '../../models/engine/proposals/ladder.ts';
import { type KeptReport, type RehearsalReport, settingDigest, softwareOf } from './report.ts';

/** How long a *yes* counts: two releases of the large EHRs a year. */
export const IN_FORCE_DAYS = 180;
const DAY_MS = 86_400_000;

/** What the report is held against. `now` in milliseconds. */
export interface Held {
  readonly kept: KeptReport;
  readonly tenant: Pick<Tenant, 'iss' | 'writeBack'>;
  /** What the launch was made with; a note where the site said nothing. */
  readonly settings?: readonly RungSetting[];
  readonly statement: Pick<CapabilityStatement, 'software'>;
  readonly now: number;
}

/** The answer for each way of writing; `undefined` where the site's own settings decide. */
export function triedFrom(
  held: Held,
  recommendation: LadderQuestion['recommendation'],
): NonNullable<LadderQuestion['tried']> {
  const { kept, tenant } = held;
  const required = tenant.writeBack.rehearsed === 'required';
  const about = aboutOf(recommendation);
  switch (kept.state) {
    case 'unreadable':
      return () => closed('the kept rehearsal cannot be read: rehearse again');
    case 'none':
      return () => (required ? closed('this site writes only what was rehearsed, and nothing was') : undefined);
    case 'kept':
      return (write) => ofKept(kept.report, { ...held, write, about, required });
  }
}

interface Asked extends Held {
  readonly write: ProposalKind;
  readonly about: About;
  readonly required: boolean;
}

function ofKept(report: RehearsalReport, asked: Asked): Tried | undefined {
  const { write, about, required, settings = DEFAULT_RUNGS } = asked;
  const rung = report.rungs.find((one) => one.write === write && one.about.includes(about));
  const day = report.at.slice(0, 10);
  if (rung?.verdict === 'unusable')
    return { passed: false, code: 'trial-lost', why: `in the rehearsal of ${day}, ${rung.why}` };
  const setting = settings.find((one) => one.write === write) ?? { write };
  const doubt =
    outOfForce(report, asked) ??
    (rung?.verdict !== 'usable'
      ? `it was not tried in the rehearsal of ${day}${rung ? ` (${rung.why})` : ''}`
      : rung.setting !== settingDigest(setting)
        ? `it was set up otherwise in the rehearsal of ${day}`
        : undefined);
  if (doubt === undefined && rung)
    return { passed: true, deduplicates: rung.shown?.conditionalCreate !== 'duplicates' };
  return required ? closed(`this site writes only what was rehearsed, and ${doubt}`) : undefined;
}

/** Why a report's *yes* does not count any more; `undefined` while it does. */
export function outOfForce(
  report: RehearsalReport,
  { tenant, statement, now }: Omit<Held, 'kept'>,
): string | undefined {
  const day = report.at.slice(0, 10);
  const days = daysSince(report, now);
  if (days > IN_FORCE_DAYS) return `the rehearsal of ${day} is ${days} days old (${IN_FORCE_DAYS} at most)`;
  if (days < -1) return `the rehearsal of ${day} lies in the future`;
  if (report.ehr.host !== new URL(tenant.iss).host) return `the rehearsal of ${day} was at another server`;
  const software = softwareOf(statement);
  if (report.ehr.software !== software)
    return `the EHR is ${software ?? 'of no named version'}, and was ${report.ehr.software ?? 'of none'} in the rehearsal of ${day}`;
  return undefined;
}

/** Whole days; below zero where the report is of a later time. */
export function daysSince(report: RehearsalReport, now: number): number {
  return Math.floor((now - Date.parse(report.at)) / DAY_MS);
}

function closed(why: string): Tried {
  return { passed: false, code: 'not-tried', why };
}
