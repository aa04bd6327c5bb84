/** What an EHR says that it accepts from apps: its CapabilityStatement, read at most once in ten minutes for each server. */
import type { CapabilityStatement } from 'fhir/r4';
import type { Launched } from '../launched.ts';
import { type After, withDeadline } from './deadline.ts';
import { Refusal } from './refusal.ts';

const KEPT_MS = 600_000;

/** Reads it with a launch's token. Rejects with a `Refusal` where the EHR did not say; that is not remembered. */
export type StatementOf = (launched: Launched) => Promise<CapabilityStatement>;

export function createStatements(options: { clock: () => Date; timeout: number; after?: After }): StatementOf {
  const { clock, timeout, after } = options;
  const statements = new Map<string, { until: number; statement: Promise<CapabilityStatement> }>();
  return (launched) => {
    const known = statements.get(launched.fhirBase);
    if (known && known.until > clock().getTime()) return known.statement;
    const statement = withDeadline(timeout, (signal) => read(launched, signal), after).catch(() => {
      statements.delete(launched.fhirBase);
      throw new Refusal(502, 'capability-unread', 'The EHR did not say what it accepts. Nothing was sent; try again.');
    });
    statements.set(launched.fhirBase, { until: clock().getTime() + KEPT_MS, statement });
    return statement;
  };
}

async function read(launched: Launched, signal: AbortSignal): Promise<CapabilityStatement> {
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
