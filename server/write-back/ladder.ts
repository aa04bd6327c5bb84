/** The ladder at one EHR (interop WB1): reads what it offers, asks `models/engine/proposals/ladder.ts`, and says in words why nothing may be written. */
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import {
  type LadderQuestion,
  type Rung as LadderRung,
  ladder,
  type RungSetting,
} from '../../models/engine/proposals/ladder.ts';
import type { Accepted } from '../../models/engine/proposals/proposal.ts';
import type { Launched } from '../launched.ts';
import { Refusal } from './refusal.ts';
import type { StatementOf } from './statement.ts';

/** The chosen way to write, and whether the EHR de-duplicates creates itself. */
export interface Rung {
  readonly kind: ProposalKind;
  readonly conditionalCreate: boolean;
  /** What the site agreed on for it, where it agreed on anything. */
  readonly setting?: RungSetting;
  /** The browser hands it to the EHR's frame (interop R1). */
  readonly via?: 'scratchpad';
}

/** What is asked for besides the recommendation. */
export interface Wanted {
  /** That way alone. */
  readonly only?: ProposalKind | 'scratchpad';
  /** SMART Web Messaging was granted at this launch, and the EHR's frame has answered. */
  readonly messaging?: boolean;
}

/** What the kept rehearsal of a tenant's EHR says of the ways to write a recommendation (WB2). */
export type TriedOf = (
  asked: { readonly tenantId: string } & Pick<LadderQuestion, 'statement' | 'settings' | 'recommendation'>,
) => Promise<LadderQuestion['tried']>;

/** Chooses a rung for each launch. */
export function createLadder({
  statementOf,
  triedOf,
}: {
  readonly statementOf: StatementOf;
  readonly triedOf?: TriedOf;
}) {
  /** The best rung that bears, or the wanted one alone. Throws a `Refusal` that says which of the conditions is not met. */
  return async function choose(
    launched: Launched,
    recommendation: Pick<Accepted, 'kind' | 'score'> = {},
    { only, messaging = false }: Wanted = {},
  ): Promise<Rung> {
    if (!launched.writeBack) {
      throw new Refusal(403, 'write-back-off', 'Write-back is switched off for this site. Copy the text instead.');
    }
    if (!launched.context.user.mayApprove) {
      throw new Refusal(403, 'may-not-approve', 'Your role may not approve notes. Ask a clinician to review it.');
    }
    const { grants, rungs: settings, tenantId } = launched;
    const statement = await statementOf(launched);
    const asked = { statement, recommendation, ...(settings && { settings }) };
    const tried = await triedOf?.({ tenantId, ...asked });
    const rungs = ladder({ ...asked, grants, messaging, ...(tried && { tried }) });
    for (const rung of rungs) {
      if (!rung.open || rung.rung === 'copy' || (only && rung.rung !== only)) continue;
      if (!('setting' in rung)) return { kind: 'ServiceRequest', conditionalCreate: false, via: 'scratchpad' };
      const { conditionalCreate, setting } = rung;
      return { kind: rung.rung, conditionalCreate, ...(settings && { setting }) };
    }
    throw nothing(rungs);
  };
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
