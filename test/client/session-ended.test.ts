/** A session that the EHR ended is told from every other failure by its status, never by its words. */
import { describe, expect, it } from 'vitest';
import { broken } from '../../client/pull/answer.ts';
import { ReadFailure } from '../../client/pull/failure.ts';
import { gather } from '../../client/pull/gathered.ts';

const query = { id: 'laboratory', resourceType: 'Observation', params: {}, label: 'Laboratory results' };

function brokenBy(status: number) {
  return broken(query, gather([]), new ReadFailure('status', { status, meanings: [] }), 30_000);
}

describe('The end of the EHR session', () => {
  it('a 401 ends it', () => {
    expect(brokenBy(401).sessionEnded).toBe(true);
  });

  it.each([403, 404, 500, 503])('a %i does not', (status) => {
    expect(brokenBy(status).sessionEnded).toBeUndefined();
  });
});
