import { describe, expect, test } from 'vitest';
import { evaluateDoses } from '../../../models/engine/doses/evaluate.ts';
import type { Facts, MedicationFact } from '../../../models/engine/facts/facts.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { daysAgo, type MadeFacts, madeFacts, NOW } from '../made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });

/** A man of 80 and 60 kg with this creatinine: CrCl = 60 × 60 / (72 × creatinine). */
function dosed(rxcui: string, made: MadeFacts, medicine: Partial<MedicationFact> = {}, more: Partial<Facts> = {}) {
  const base = madeFacts(
    {
      'patient.age': 80,
      'patient.sex': 'male',
      'observation.body-weight': { value: 60, unit: 'kg', daysAgo: 5 },
      [`medication.${rxcui}`]: true,
      ...made,
    },
    library,
  );
  const facts: Facts = { ...base, medication: base.medication.map((one) => ({ ...one, ...medicine })), ...more };
  const resolver = createResolver({ facts, library, now: NOW });
  return evaluateDoses({ facts, library, resolver, now: NOW }).find(({ id }) => id === `dose/${rxcui}`);
}
const creatinine = (value: number) => ({ 'observation.creatinine': { value, unit: 'mg/dL', daysAgo: 5 } });
const DABIGATRAN = '1037042';
const SITAGLIPTIN = '593411';
const GABAPENTIN = '25480';
const FONDAPARINUX = '321208';

describe('dabigatran by creatinine clearance', () => {
  test('clearance 25 mL/min: the label’s 75 mg twice daily for atrial fibrillation, with the value and its date', () => {
    const result = dosed(DABIGATRAN, creatinine(2));
    expect(result).toMatchObject({ status: 'finding', finding: { indicator: 'warning' } });
    if (result?.status !== 'finding') return;
    expect(result.finding.detail).toContain('75 mg twice daily');
    expect(result.finding.because[0]).toMatchObject({ path: 'derived.creatinine-clearance', unit: 'mL/min' });
    expect(result.finding.because[0]?.effective).toBeDefined();
    expect(result.finding.action?.text).toContain('Not an order');
    expect(result.finding.summary.length).toBeLessThan(140);
  });

  test('clearance 50 mL/min and more: silent', () => {
    expect(dosed(DABIGATRAN, creatinine(0.9))).toMatchObject({ status: 'not-applicable' });
  });
});

describe('a ceiling', () => {
  test('sitagliptin 100 mg a day at an eGFR of 40: over the 50 mg of the label', () => {
    const result = dosed(SITAGLIPTIN, creatinine(1.7), { dailyDose: { value: 100, unit: 'mg' } });
    expect(result).toMatchObject({ status: 'finding', finding: { indicator: 'warning' } });
  });
  test('50 mg a day: within it, and silent', () => {
    const result = dosed(SITAGLIPTIN, creatinine(1.7), { dailyDose: { value: 50, unit: 'mg' } });
    expect(result).toMatchObject({ status: 'not-applicable' });
    if (result?.status === 'not-applicable') expect(result.because.text).toContain('within the label’s limit');
  });
  test('a dose that was not read is not taken for a small one', () => {
    expect(dosed(SITAGLIPTIN, creatinine(1.7))).toMatchObject({ status: 'finding' });
  });
});

describe('when no dose can be told', () => {
  test('no weight: no clearance, said, and no dose', () => {
    const { creatinine: measured = [] } = madeFacts(creatinine(2), library).observation;
    const result = dosed(GABAPENTIN, {}, {}, { observation: { creatinine: measured } });
    expect(result).toMatchObject({ status: 'data-required', missing: [{ path: 'derived.creatinine-clearance' }] });
  });
  test('creatinine that rose by half in two days: silent, with the reason', () => {
    const base = madeFacts(
      { 'patient.age': 80, 'observation.creatinine': { value: 1.6, unit: 'mg/dL', daysAgo: 0.5 } },
      library,
    );
    const [newest] = base.observation.creatinine ?? [];
    if (!newest) throw new Error('no creatinine');
    const moving = {
      creatinine: [newest, { ...newest, value: 1, effective: daysAgo(2), source: 'Observation/before' }],
    };
    const weight = madeFacts({ 'observation.body-weight': { value: 60, unit: 'kg' } }, library).observation;
    const result = dosed(GABAPENTIN, {}, {}, { observation: { ...weight, ...moving } });
    expect(result).toMatchObject({ status: 'not-applicable', because: { code: 'excluded-condition' } });
  });
  test('on dialysis only the label’s words on dialysis hold', () => {
    const result = dosed(GABAPENTIN, { ...creatinine(2), 'condition.dialysis': true });
    expect(result).toMatchObject({ status: 'finding' });
    if (result?.status === 'finding') expect(result.finding.detail).not.toContain('CrCl 15 to 30');
  });
});

test('fondaparinux below 30 mL/min is forbidden: at least a warning', () => {
  expect(dosed(FONDAPARINUX, creatinine(3))).toMatchObject({ status: 'finding', finding: { indicator: 'warning' } });
});

test('topical and stopped medicines are not dosed by the kidney', () => {
  expect(dosed(GABAPENTIN, creatinine(3), { route: 'topical' })).toBeUndefined();
  expect(dosed(GABAPENTIN, creatinine(3), { state: 'stopped' })).toBeUndefined();
});

test('no regimen in figures rests on memory, and nothing recalled is more than information', () => {
  for (const { medicines } of library.doses ?? [])
    for (const { rows, citations } of medicines)
      for (const { regimen, cap, cite } of rows)
        if (regimen || cap) expect(citations[cite]?.basis).not.toBe('recalled');
});

test('metformin is left to its own rule below 45', () => {
  const result = dosed('6809', creatinine(2.5));
  expect(result?.status).not.toBe('finding');
});

test('a dose that does not fit the headline is left out of it whole, and stands in the detail', () => {
  const regimen = `${'100 mg in the morning and 100 mg at noon and '.repeat(3)}300 mg at night`;
  const doses = (library.doses ?? []).map((theme) => ({
    ...theme,
    medicines: theme.medicines.map((one) =>
      one.rxcui === GABAPENTIN ? { ...one, rows: one.rows.map((row) => ({ ...row, regimen })) } : one,
    ),
  }));
  const site = { ...library, doses };
  const facts = madeFacts(
    {
      'patient.age': 80,
      'patient.sex': 'male',
      'observation.body-weight': { value: 60, unit: 'kg', daysAgo: 5 },
      [`medication.${GABAPENTIN}`]: true,
      ...creatinine(2),
    },
    site,
  );
  const resolver = createResolver({ facts, library: site, now: NOW });
  const result = evaluateDoses({ facts, library: site, resolver, now: NOW }).find(
    ({ id }) => id === `dose/${GABAPENTIN}`,
  );
  expect(result?.status).toBe('finding');
  if (result?.status !== 'finding') return;
  expect(result.finding.summary).not.toContain('100 mg');
  expect(result.finding.summary.length).toBeLessThan(140);
  expect(result.finding.detail).toContain(regimen);
});
