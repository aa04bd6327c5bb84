/** The ladder at one EHR (interop WB1): reads what it offers, asks `models/engine/proposals/ladder.ts`, and says in words why nothing may be written. */
import type { CapabilityStatement } from 'fhir/r4';
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import { type Rung as LadderRung, ladder, type RungSetting } from '../../models/engine/proposals/ladder.ts';
import type { Accepted } from '../../models/engine/proposals/proposal.ts';
import type { Launched } from '../launched.ts';
import { type After, withDeadline } from './deadline.ts';
import { Refusal } from './refusal.ts';

/** The chosen way to write, and whether the EHR de-duplicates creates itself. */
export interface Rung {
  readonly kind: ProposalKind;
  readonly conditionalCreate: boolean;
  /** What the site agreed on for it, where it agreed on anything. */
  readonly setting?: RungSetting;
}

/** Chooses a rung for each launch; reads each EHR's CapabilityStatement at most once in ten minutes. */
export function createLadder(options: { clock: () => Date; timeout: number; after?: After }) {
  const { clock, timeout, after } = options;
  const statements = new Map<string, { until: number; statement: Promise<CapabilityStatement> }>();

  /** The best rung that bears, or that of `kind` alone. Throws a `Refusal` that says which of the conditions is not met. */
  return async function choose(
    launched: Launched,
    recommendation: Pick<Accepted, 'kind' | 'score'> = {},
    kind?: ProposalKind,
  ): Promise<Rung> {
    if (!launched.writeBack) {
      throw new Refusal(403, 'write-back-off', 'Write-back is switched off for this site. Copy the text instead.');
    }
    if (!launched.context.user.mayApprove) {
      throw new Refusal(403, 'may-not-approve', 'Your role may not approve notes. Ask a clinician to review it.');
    }
    const { grants, rungs: settings } = launched;
    const statement = await capabilityStatement(launched);
    const rungs = ladder({ statement, grants, recommendation, ...(settings && { settings }) });
    for (const rung of rungs) {
      if (!rung.open || rung.rung === 'copy' || (kind && rung.rung !== kind)) continue;
      const { conditionalCreate, setting } = rung;
      return { kind: rung.rung, conditionalCreate, ...(settings && { setting }) };
    }
    throw nothing(rungs);
  };

  function capabilityStatement(launched: Launched): Promise<CapabilityStatement> {
    const known = statements.get(launched.fhirBase);
    if (known && known.until > clock().getTime()) return known.statement;
    const statement = withDeadline(timeout, (signal) => readStatement(launched, signal), after).catch(() => {
      statements.delete(launched.fhirBase);
      throw new Refusal(502, 'capability-unread', 'The EHR did not say what it accepts. Nothing was sent; try again.');
    });
    statements.set(launched.fhirBase, { until: clock().getTime() + 600_000, statement });
    return statement;
  }
}

/** Of all the reasons, those that somebody can change: a rung that the site never wanted is none. */
function nothing(rungs: readonly LadderRung[]): Refusal {
  const wanted = rungs.flatMap((rung) =>
    rung.open || rung.rung === 'scratchpad' || rung.code === 'switched-off' ? [] : [{ ...rung, kind: rung.rung }],
  );
  const reasons = wanted.map(({ kind, why }) => `${proposals[kind].title}: ${why}`);
  const [first] = wanted;
  return new Refusal(
    first?.code === 'not-granted' ? 403 : 409,
    first?.code ?? 'switched-off',
    `${reasons.join('; ') || 'No way of writing this is switched on for this EHR'}. Nothing was sent; copy the text instead.`,
  );
}

async function readStatement(launched: Launched, signal: AbortSignal): Promise<CapabilityStatement> {
  const response = await launched.fhir({ method: 'GET', path: 'metadata', signal });
  const body: unknown = await response.json();
  if (!response.ok || !isStatement(body)) throw new Error('no CapabilityStatement');
  return body;
}

function isStatement(body: unknown): body is CapabilityStatement {
  return (
    typeof body === 'object' && body !== null && 'resourceType' in body && body.resourceType === 'CapabilityStatement'
  );
}
