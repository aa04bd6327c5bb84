/** From a chart to what the models are told, where reading and resolving meet. */
import { describe, expect, it } from 'vitest';
import type { SourceReport, SourceState } from '../../../models/engine/facts/facts.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { lab, loinc, NOW, read } from './charts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const about = { subject: { reference: 'Patient/p' } };
const SNOMED = 'http://snomed.info/sct';
const code = (value: string, display: string) => ({ coding: [{ system: SNOMED, code: value, display }] });
const states = (given: Readonly<Record<string, SourceState>>): readonly SourceReport[] =>
  Object.entries(given).map(([id, state]) => ({ id, state, count: 1, pages: 1 }));

function resolved(resources: readonly unknown[], fact: string, sources: Readonly<Record<string, SourceState>> = {}) {
  const facts = read(resources, { sources: states({ conditions: 'read', ...sources }) });
  return createResolver({ facts, library, now: NOW }).resolve({ fact, label: 'Asked', required: true });
}

describe('smoking, filed as social history or as a survey', () => {
  const answer = {
    ...lab({ id: 's', code: loinc('72166-2'), valueQuantity: undefined }),
    valueCodeableConcept: code('8517006', 'Ex-smoker'),
  };
  it('is refused when the survey was refused and the social history holds nothing', () => {
    const sources = { 'social-history': 'empty', survey: 'refused' } as const;
    expect(resolved([], 'observation.smoking-status', sources)).toMatchObject({
      state: 'absent',
      missing: { absence: 'refused' },
    });
  });

  it('is known from the one, with a word about the other', () => {
    const sources = { 'social-history': 'read', survey: 'refused' } as const;
    expect(resolved([answer], 'observation.smoking-status', sources)).toMatchObject({
      state: 'known',
      value: 'former',
      input: { note: expect.stringContaining('could not be read') },
    });
  });

  it('is simply not in the chart when both were read, or only one exists', () => {
    for (const sources of [{ 'social-history': 'empty', survey: 'empty' }, { 'social-history': 'empty' }] as const)
      expect(resolved([], 'observation.smoking-status', sources)).toMatchObject({ missing: { absence: 'empty' } });
  });
});

describe('what was done', () => {
  const dialysis = (performedDateTime: string) => ({
    resourceType: 'Procedure',
    id: 'h',
    ...about,
    status: 'completed',
    code: code('302497006', 'Hemodialysis'),
    performedDateTime,
  });
  it('lately is present, long ago is history', () => {
    expect(resolved([dialysis('2026-11-20')], 'condition.dialysis')).toMatchObject({ value: 'yes' });
    expect(resolved([dialysis('2021-11-20')], 'condition.dialysis')).toMatchObject({ value: 'no' });
    expect(resolved([dialysis('2021-11-20')], 'history.dialysis')).toMatchObject({ value: 'yes' });
  });
});

describe('comfort care', () => {
  const status = (text: string, effectiveDateTime: string, id = 'c') => ({
    ...lab({ id, code: loinc('100822-6'), valueQuantity: undefined, effectiveDateTime }),
    valueCodeableConcept: { text },
  });
  it.each([
    ['comfort measures', [status('Comfort measures only', '2026-11-01')], 'yes'],
    ['no resuscitation', [status('DNR', '2026-11-01')], 'no'],
    ['comfort before full code', [status('Comfort care', '2026-01-01'), status('Full code', '2026-11-01', 'd')], 'no'],
    ['comfort after full code', [status('Full code', '2026-01-01'), status('Comfort care', '2026-11-01', 'd')], 'yes'],
    [
      'a palliative procedure alone',
      [
        {
          resourceType: 'Procedure',
          id: 'p',
          ...about,
          status: 'completed',
          code: code('103735009', 'Palliative care'),
          performedDateTime: '2026-11-20',
        },
      ],
      'no',
    ],
  ])('by %s: %#', (_name, resources, value) => {
    expect(resolved(resources, 'condition.comfort-care')).toMatchObject({ state: 'known', value });
  });
});

describe('a problem list of which a part is hidden', () => {
  const masked = {
    resourceType: 'Condition',
    id: 'x',
    ...about,
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }] },
  };
  it('never answers no', () => {
    expect(resolved([masked], 'condition.diabetes')).toMatchObject({
      state: 'absent',
      missing: { absence: 'unread', text: expect.stringContaining('restricted in the EHR') },
    });
    expect(resolved([], 'condition.diabetes')).toMatchObject({ state: 'known', value: 'no' });
  });
});
