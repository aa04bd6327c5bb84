import { describe, expect, test } from 'vitest';
import { before } from '../../models/engine/resolve/period.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { loadLibrary } from '../../server/library.ts';
import { type MadeFacts, madeFacts, madeSite, NOW } from './made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });

function resolve(made: MadeFacts, fact: string, more: { unit?: string; maxAge?: string } = {}) {
  const facts = madeFacts(made, library);
  return createResolver({ facts, library: { ...library, ...madeSite(made) }, now: NOW }).resolve({
    fact,
    label: 'Asked',
    required: true,
    ...more,
  });
}
const creatinine = { 'observation.creatinine': { value: 1.5, unit: 'mg/dL', daysAgo: 10 } };
const adult = { 'patient.age': 60, 'patient.sex': 'male' };

describe('a measurement', () => {
  test('comes with its unit, date and source', () => {
    expect(resolve(creatinine, 'observation.creatinine')).toMatchObject({
      state: 'known',
      value: 1.5,
      input: { unit: 'mg/dL', sources: ['Observation/creatinine'], effective: { precision: 'instant' } },
    });
  });
  test('is converted to the unit asked for, and the conversion is said', () => {
    const resolved = resolve(creatinine, 'observation.creatinine', { unit: 'umol/L' });
    expect(resolved).toMatchObject({
      state: 'known',
      input: { note: expect.stringContaining('converted from 1.5 mg/dL') },
    });
    expect(resolved.state === 'known' && resolved.value).toBeCloseTo(132.6, 1);
  });
  test('is absent in a unit of another kind, never a bare number', () => {
    expect(resolve(creatinine, 'observation.creatinine', { unit: 'mm[Hg]' })).toMatchObject({
      state: 'absent',
      missing: { absence: 'unread' },
    });
  });
  test('is stale when older than the limit, with the value kept for the screen', () => {
    const old = { 'observation.creatinine': { value: 1.5, unit: 'mg/dL', daysAgo: 400 } };
    expect(resolve(old, 'observation.creatinine', { maxAge: 'P1Y' })).toMatchObject({
      state: 'absent',
      missing: { absence: 'stale', last: { value: 1.5 } },
    });
    expect(resolve(old, 'observation.creatinine', { maxAge: 'P2Y' })).toMatchObject({ state: 'known' });
  });
  test('that is extreme is not handed on', () => {
    const extreme = { 'observation.potassium': { value: 9.8, unit: 'mmol/L', extreme: true } };
    expect(resolve(extreme, 'observation.potassium')).toMatchObject({
      state: 'absent',
      missing: { absence: 'extreme', last: { value: 9.8 } },
    });
  });
  test.each([
    ['refused', 'refused'],
    ['not-asked', 'not-asked'],
    ['incomplete', 'incomplete'],
    ['failed', 'failed'],
    ['read', 'empty'],
    ['empty', 'empty'],
  ])('that is not there while its source is %s is absent as %s', (state, absence) => {
    expect(resolve({ sources: { laboratory: state } }, 'observation.creatinine')).toMatchObject({
      state: 'absent',
      missing: { absence },
    });
  });
  test('from a list that came in part says that a newer one may exist', () => {
    const resolved = resolve({ ...creatinine, sources: { laboratory: 'incomplete' } }, 'observation.creatinine');
    expect(resolved).toMatchObject({
      state: 'known',
      input: { note: expect.stringContaining('a newer value may exist') },
    });
  });
  test('is not said to be refused because another kind of source was', () => {
    const resolved = resolve({ sources: { 'social-history': 'refused' } }, 'observation.creatinine');
    expect(resolved).toMatchObject({ state: 'absent', missing: { absence: 'empty' } });
  });
});

describe('a condition', () => {
  test('that is listed is yes, with its source', () => {
    expect(resolve({ 'condition.diabetes': true }, 'condition.diabetes')).toMatchObject({
      value: 'yes',
      input: { sources: ['Condition/diabetes'] },
    });
  });
  test('that is not listed is no only when the list was read in full', () => {
    expect(resolve({}, 'condition.diabetes')).toMatchObject({ value: 'no' });
    expect(resolve({ sources: { conditions: 'incomplete' } }, 'condition.diabetes')).toMatchObject({
      missing: { absence: 'incomplete' },
    });
    expect(resolve({ sources: { conditions: 'refused' } }, 'condition.diabetes')).toMatchObject({
      missing: { absence: 'refused' },
    });
  });
  test('that is over is not active, but is history', () => {
    expect(resolve({ 'history.heart-failure': true }, 'condition.heart-failure')).toMatchObject({ value: 'no' });
    expect(resolve({ 'history.heart-failure': true }, 'history.heart-failure')).toMatchObject({ value: 'yes' });
  });
});

describe('a medicine', () => {
  test('of the class, taken now, is yes; none on a list read in full is no', () => {
    expect(resolve({ 'medication.statin': true }, 'medication.statin')).toMatchObject({ value: 'yes' });
    expect(resolve({}, 'medication.statin')).toMatchObject({ value: 'no' });
  });
  test('is unknown while the list was refused, or holds a medicine nobody could identify', () => {
    expect(resolve({ sources: { medications: 'refused' } }, 'medication.statin')).toMatchObject({
      missing: { absence: 'refused' },
    });
    const facts = madeFacts({ 'medication.statin': true }, library);
    const unidentified = facts.medication.map((medicine) => ({
      ...medicine,
      ingredients: [],
      resolution: 'unresolved' as const,
    }));
    const resolver = createResolver({ facts: { ...facts, medication: unidentified }, library, now: NOW });
    expect(resolver.resolve({ fact: 'medication.statin', label: 'Statin', required: true })).toMatchObject({
      missing: { absence: 'unread' },
    });
  });
  test('on the skin does not count', () => {
    const facts = madeFacts({ 'medication.nsaid': true }, library);
    const gel = facts.medication.map((medicine) => ({ ...medicine, route: 'topical' as const }));
    const resolver = createResolver({ facts: { ...facts, medication: gel }, library, now: NOW });
    expect(resolver.resolve({ fact: 'medication.nsaid', label: 'NSAID', required: true })).toMatchObject({
      value: 'no',
    });
  });
});

describe('a derived value', () => {
  test('is as old as the measurement it is made of, and names it as source', () => {
    const resolved = resolve({ ...adult, ...creatinine }, 'derived.egfr');
    const measured = resolve(creatinine, 'observation.creatinine');
    expect(resolved).toMatchObject({
      state: 'known',
      input: { unit: 'mL/min/{1.73_m2}', sources: expect.arrayContaining(['Observation/creatinine']) },
    });
    expect(resolved.state === 'known' && resolved.input.effective).toEqual(
      measured.state === 'known' && measured.input.effective,
    );
  });
  test('hands on the face of absence of what it lacks', () => {
    expect(resolve({ ...adult, sources: { laboratory: 'refused' } }, 'derived.egfr')).toMatchObject({
      missing: { absence: 'refused' },
    });
  });
  test('is absent for a child, with the reason', () => {
    expect(resolve({ ...creatinine, 'patient.age': 9, 'patient.sex': 'male' }, 'derived.egfr')).toMatchObject({
      state: 'absent',
      missing: { text: expect.stringContaining('adults') },
    });
  });
});

test('a month before the 31st of March is the last day of February', () => {
  expect(new Date(before(Date.UTC(2026, 2, 31), 'P1M')).toISOString()).toBe('2026-02-28T00:00:00.000Z');
  expect(() => before(NOW, '1 year')).toThrow(RangeError);
});

describe('what no chart holds', () => {
  test('is not asked yet, until the clinician answers; then it is dated and says where it comes from', () => {
    expect(resolve({}, 'asked.ascites')).toMatchObject({ state: 'absent', missing: { absence: 'not-asked' } });
    expect(resolve({ 'asked.ascites': 'slight' }, 'asked.ascites')).toMatchObject({
      state: 'known',
      value: 'slight',
      input: { sources: [], note: 'answered here', effective: { start: NOW, precision: 'instant' } },
    });
    expect(resolve({ 'asked.surgery-hours': 2.5 }, 'asked.surgery-hours', { unit: 'h' })).toMatchObject({
      value: 2.5,
      input: { unit: 'h' },
    });
  });
  test('is a setting of the site where it is the same for every patient, and never guessed', () => {
    expect(resolve({}, 'site.score2-region')).toMatchObject({
      state: 'absent',
      missing: { text: expect.stringContaining('site.json') },
    });
    expect(resolve({ 'site.score2-region': 'low' }, 'site.score2-region')).toMatchObject({
      state: 'known',
      value: 'low',
    });
  });
});
