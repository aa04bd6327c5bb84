/** What one query brought, and how far it got, in the four words of absence. */
import type { SourceReport } from '../../models/engine/facts/facts.ts';
import type { Query } from '../../models/engine/facts/queries.ts';
import { failureWords, type ReadFailure, refusalWords } from './failure.ts';
import { BY_PERIODS, type Gathered } from './gathered.ts';

export interface Answer {
  readonly query: Query;
  readonly report: SourceReport;
  readonly resources: readonly unknown[];
  /** What the EHR adds to answers that are whole; often the same to each, so worth showing once. */
  readonly remarks: readonly string[];
  /** The EHR no longer knows this session: nothing more can be read. */
  readonly sessionEnded?: true;
}

/** Nothing was asked, or nothing of what was asked may be used. */
export function withoutAsking(query: Query, state: 'not-asked' | 'refused', reason: string): Answer {
  return { query, resources: [], remarks: [], report: { id: query.id, state, count: 0, pages: 0, reason } };
}

/** The last page was read. */
export function whole(query: Query, gathered: Gathered): Answer {
  const { missing, restricted, resources } = gathered;
  if (missing.size === 0) return settled(query, gathered, resources.length > 0 ? 'read' : 'empty');
  // Q15: withheld to the last entry is a refusal, never "none found".
  const state = restricted && resources.length === 0 ? 'refused' : 'incomplete';
  const answer = settled(query, gathered, state, [...missing].join('; '));
  const { oldest } = answer.report;
  // Read by periods, a list lacks undated entries only, and no dated one is newer.
  const dated = missing.size === 1 && missing.has(BY_PERIODS) && oldest !== undefined;
  return dated ? { ...answer, report: { ...answer.report, since: oldest } } : answer;
}

/** The newest entries of a list that is longer: enough to begin with, and called incomplete until the others are here. */
export function begun(query: Query, gathered: Gathered): Answer {
  // What was withheld may be newer than all that came.
  const since = gathered.missing.size === 0 ? gathered.since() : undefined;
  const answer = settled(query, gathered, 'incomplete', 'older entries are still being read');
  return since === undefined ? answer : { ...answer, report: { ...answer.report, since } };
}

/** It broke off; what came before is kept and called incomplete. */
export function broken(query: Query, gathered: Gathered, failure: ReadFailure, hard: number): Answer {
  if (failure.meanings.includes('not-granted'))
    return withoutAsking(query, 'not-asked', `not granted: patient/${query.resourceType}.rs`);
  const refused = failure.status === 403;
  const words = refused ? refusalWords(failure.meanings) : failureWords(failure, hard);
  const reason = [words, ...gathered.missing].join('; ');
  const nothing = refused ? 'refused' : 'failed';
  const settledSo = settled(query, gathered, gathered.resources.length > 0 ? 'incomplete' : nothing, reason);
  const { reference } = failure;
  const report = { ...settledSo.report, ...(reference !== undefined && { reference }) };
  const answer = { ...settledSo, report };
  return failure.status === 401 ? { ...answer, sessionEnded: true } : answer;
}

function settled(query: Query, gathered: Gathered, state: SourceReport['state'], reason?: string): Answer {
  const { resources, pages } = gathered;
  const oldest = gathered.oldest();
  return {
    query,
    resources,
    remarks: [...gathered.remarks],
    report: {
      id: query.id,
      state,
      count: resources.length,
      pages,
      ...(reason === undefined ? {} : { reason }),
      ...(oldest === undefined ? {} : { oldest }),
    },
  };
}
