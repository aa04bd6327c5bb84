/**
 * Which kind of resource may be written: what the EHR offers ∩ what was granted ∩ what the tenant switched on ∩ who asks (interop WB1).
 * The first rung of the ladder is the note; further rungs are further names in `LADDER`.
 */
import type { CapabilityStatement } from 'fhir/r4';
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import type { Launched } from '../launched.ts';
import { type After, withDeadline } from './deadline.ts';
import { Refusal } from './refusal.ts';

const LADDER: readonly ProposalKind[] = ['DocumentReference'];

/** The chosen way to write, and whether the EHR de-duplicates creates itself. */
export interface Rung {
  readonly kind: ProposalKind;
  readonly conditionalCreate: boolean;
}

/** Chooses a rung for each launch; reads each EHR's CapabilityStatement at most once in ten minutes. */
export function createLadder(options: { clock: () => Date; timeout: number; after?: After }) {
  const { clock, timeout, after } = options;
  const statements = new Map<string, { until: number; statement: Promise<CapabilityStatement> }>();

  /** Throws a `Refusal` that says which of the conditions is not met. */
  return async function choose(launched: Launched): Promise<Rung> {
    if (!launched.writeBack) {
      throw new Refusal(403, 'write-back-off', 'Write-back is switched off for this site. Copy the text instead.');
    }
    if (!launched.context.user.mayApprove) {
      throw new Refusal(403, 'may-not-approve', 'Your role may not approve notes. Ask a clinician to review it.');
    }
    const granted = LADDER.filter((kind) => launched.grants(kind, 'c') && launched.grants(kind, 'r'));
    if (granted.length === 0) {
      // Reading back is half of writing: a note that could never be confirmed is not sent.
      throw new Refusal(
        403,
        'not-granted',
        `Not granted: creating and reading ${LADDER.join(' or ')}. Nothing was sent.`,
      );
    }
    const statement = await capabilityStatement(launched);
    const offered = granted.find((kind) => offers(statement, kind));
    if (!offered) {
      throw new Refusal(409, 'not-offered', `This EHR does not accept ${titles(granted)} from apps. Nothing was sent.`);
    }
    return { kind: offered, conditionalCreate: entry(statement, offered)?.conditionalCreate === true };
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

function entry(statement: CapabilityStatement, kind: ProposalKind) {
  return statement.rest?.find(({ mode }) => mode === 'server')?.resource?.find(({ type }) => type === kind);
}

function offers(statement: CapabilityStatement, kind: ProposalKind): boolean {
  return entry(statement, kind)?.interaction?.some(({ code }) => code === 'create') ?? false;
}

function titles(kinds: readonly ProposalKind[]): string {
  return kinds.map((kind) => proposals[kind].title).join(' or ');
}
