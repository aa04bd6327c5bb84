import { describe, expect, it } from 'vitest';
import { ANALYTES } from '../../../models/engine/facts/analytes.ts';
import { firstRound, queryUrl, requiredScopes } from '../../../models/engine/facts/queries.ts';

describe('the first round of queries', () => {
  it('asks for every code that can be read, and always by patient and category', () => {
    const asked = firstRound().filter(({ resourceType }) => resourceType === 'Observation');
    const codes = new Set(asked.flatMap(({ params }) => (params.code ?? '').split(',')));
    for (const { loinc } of ANALYTES.flatMap((each) => each.codes)) expect(codes).toContain(loinc);
    for (const query of asked) {
      expect(queryUrl(query, 'p')).toMatch(/^Observation\?patient=p&category=[a-z-]+&_sort=-date,_id&_count=\d+&code=/);
      expect(queryUrl(query, 'p', { wide: true })).not.toContain('code=');
    }
  });

  it('sorts every list with _id last, so that entries of one date cannot slip between pages', () => {
    for (const { id, params } of firstRound()) if (id !== 'patient') expect(params._sort, id).toMatch(/,_id$/);
  });

  it('reads the patient by id and writes an odd id safely', () => {
    const [patient, labs] = firstRound();
    if (patient === undefined || labs === undefined) throw new RangeError('no queries');
    expect(queryUrl(patient, 'a/../b')).toBe('Patient/a%2F..%2Fb');
    expect(queryUrl(labs, 'a&b')).toContain('patient=a%26b&');
  });

  it('gives each query its own id, and asks for the scope it needs', () => {
    const ids = firstRound().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(requiredScopes()).toContainEqual({
      resourceType: 'Observation',
      category: 'laboratory',
      feature: 'Laboratory results',
    });
    expect(requiredScopes()).toHaveLength(ids.length);
  });
});
