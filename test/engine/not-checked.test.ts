/** What stands under "not checked" is a gap in this patient's checks, and nothing else: noise there would be read past. */
import { describe, expect, it } from 'vitest';
import type { Evaluation, Missing } from '../../models/engine/evaluation.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import { prioritise } from '../../models/engine/prioritise.ts';

const facts = readFacts({
  patientId: 'p',
  now: Date.UTC(2026, 10, 20),
  resources: [{ resourceType: 'Patient', id: 'p', gender: 'male', birthDate: '1960-01-01' }],
});

function wanting(title: string, ...paths: readonly string[]): Evaluation {
  const missing = paths.map(
    (path): Missing => ({ path, label: path, absence: 'empty', text: `${path}: absent`, required: true }),
  );
  const basis = { used: [], stale: [], missing, excluded: [] };
  return { id: title, kind: 'risk', title, version: '1', status: 'data-required', missing, basis };
}

function notChecked(...evaluations: readonly Evaluation[]): readonly string[] {
  return prioritise(evaluations, facts).notChecked.map(({ text }) => text);
}

describe('Not checked', () => {
  it('a model that lacks a measurement is named', () => {
    expect(notChecked(wanting('PREVENT', 'observation.total-cholesterol'))).toEqual(['PREVENT']);
  });

  it('a model that this site never set up is not', () => {
    expect(notChecked(wanting('SCORE2', 'site.score2-region', 'observation.total-cholesterol'))).toEqual([]);
  });

  it('a model that only waits for a question is offered under Risk, not named here', () => {
    expect(notChecked(wanting('HAS-BLED', 'asked.prior-bleeding'))).toEqual([]);
  });
});
