import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Patient, peopleLike, peopleLikeOf } from '../../models/engine/risk/people-like.ts';

const card = JSON.parse(readFileSync('models/risk/hidden-albuminuria/card.json', 'utf8'));
const told = peopleLikeOf(card);
if (!told) throw new Error('the card has no rows of people');

const healthy = { diabetes: 0, hba1c: 5.4, antihypertensive: 0, hypertension: 0, egfr: 95, cvd: 0 };
const patient = (more: Partial<Patient>): Patient => ({ age: 50, sex: 'female', values: healthy, ...more });

describe('people like this patient', () => {
  test('are of the same sex and age band, with their number', () => {
    expect(peopleLike(told, patient({ age: 44 }))).toMatchObject({
      sex: 'female',
      ageFrom: 20,
      ageTo: 44,
      indicated: false,
    });
    expect(peopleLike(told, patient({ age: 45 }))).toMatchObject({ ageFrom: 45, ageTo: 64 });
    const old = peopleLike(told, patient({ age: 97, sex: 'male' }));
    expect(old).toMatchObject({ sex: 'male', ageFrom: 65, ageTo: null });
    expect(old?.n).toBeGreaterThan(0);
  });
  test.each([
    [{ diabetes: 1 }, true],
    [{ hba1c: 6.5 }, true],
    [{ hba1c: 6.4 }, false],
    [{ egfr: 59.9 }, true],
    [{ egfr: 60 }, false],
    [{ hypertension: 1 }, true],
    [{ cvd: 1 }, true],
  ])('with %j have a reason to test: %s', (values, indicated) => {
    expect(peopleLike(told, patient({ values: { ...healthy, ...values } }))?.indicated).toBe(indicated);
  });
  test('are not named when it cannot be told whether there is a reason, and are when one reason is enough', () => {
    const { egfr: _, ...unknown } = healthy;
    expect(peopleLike(told, patient({ values: unknown }))).toBeUndefined();
    expect(peopleLike(told, patient({ values: { ...unknown, diabetes: 1 } }))?.indicated).toBe(true);
  });
  test('are not named for someone younger than all of them', () => {
    expect(peopleLike(told, patient({ age: 19 }))).toBeUndefined();
  });
  test('cover every adult once, and all of them are in the figures of the whole', () => {
    expect(told.rows).toHaveLength(12);
    expect(told.rows.reduce((sum, { n }) => sum + n, 0)).toBe(card.finalScoring.cohort.n);
  });
  test('are not read from a card that has them in another shape', () => {
    expect(peopleLikeOf({})).toBeUndefined();
    const broken = { ...told, rows: [{ ...told.rows[0], observed: undefined }] };
    expect(peopleLikeOf({ peopleLike: broken })).toBeUndefined();
  });
});
