/** A list that came newest first and not to its end lacks older entries only; nobody is told that a newer one may exist. */
import { describe, expect, it } from 'vitest';
import type { Facts, SourceReport } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { daysAgo, madeFacts, NOW } from '../made-facts.ts';

const library: Library = {
  version: '1',
  digest: 'sha256:0',
  risk: [],
  interactions: [],
  rules: [],
  valueSets: [],
  drugClasses: [],
  ingredients: [],
  drugTable: { asOf: '2026-11-02', sha256: '', url: '' },
};

/** Creatinine ten days ago; laboratory results in hand back to `since` days ago, or in an order that promises nothing. */
function asked(path: string, since: number | undefined, maxAge?: string) {
  const made = madeFacts({ 'observation.creatinine': { value: 1.5, unit: 'mg/dL', daysAgo: 10 } }, library);
  const laboratory: SourceReport = {
    id: 'laboratory',
    state: 'incomplete',
    count: 1000,
    pages: 1,
    ...(since === undefined ? {} : { since: daysAgo(since) }),
  };
  const facts: Facts = { ...made, sources: [...made.sources.filter(({ id }) => id !== 'laboratory'), laboratory] };
  return createResolver({ facts, library, now: NOW }).resolve({
    fact: path,
    label: 'Asked',
    required: true,
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}

describe('Of a laboratory list that arrived in part', () => {
  it('a value within the part that is whole stands without doubt', () => {
    const found = asked('observation.creatinine', 600);
    expect(found).toMatchObject({ state: 'known', value: 1.5 });
    expect(found.state === 'known' && found.input.note).toBeFalsy();
  });

  it('a value of a list in no promised order may have a newer one, and says so', () => {
    expect(asked('observation.creatinine', undefined)).toMatchObject({
      state: 'known',
      input: { note: expect.stringContaining('a newer value may exist') },
    });
  });

  it('a value older than the part that is whole says so too', () => {
    expect(asked('observation.creatinine', 5)).toMatchObject({
      input: { note: expect.stringContaining('a newer value may exist') },
    });
  });

  it('what is not in the last year is not there, when the last year is whole', () => {
    expect(asked('observation.potassium', 600, 'P1Y')).toMatchObject({
      state: 'absent',
      missing: { absence: 'empty', text: 'Asked: none in the last 1 year' },
    });
  });

  it('what may be further back is missing from the part that arrived, never "none"', () => {
    for (const found of [asked('observation.potassium', 200, 'P1Y'), asked('observation.potassium', 600)])
      expect(found).toMatchObject({ state: 'absent', missing: { absence: 'incomplete' } });
  });
});
