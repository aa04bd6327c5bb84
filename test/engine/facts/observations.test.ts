import { describe, expect, it } from 'vitest';
import { lab, loinc, PATIENT, read, ucum } from './charts.ts';

const reasons = (facts: ReturnType<typeof read>) => facts.unread.map(({ reason, path }) => `${path ?? '-'}: ${reason}`);

describe('a laboratory result', () => {
  it('becomes a number with unit, date and source', () => {
    expect(read([lab()]).observation.creatinine).toEqual([
      {
        path: 'observation.creatinine',
        value: 1.1,
        unit: 'mg/dL',
        status: 'final',
        source: 'Observation/o',
        effective: {
          start: Date.parse('2026-11-01T08:00:00Z'),
          end: Date.parse('2026-11-01T08:00:00Z'),
          precision: 'instant',
          text: '2026-11-01T08:00:00Z',
        },
      },
    ]);
  });

  it('in µmol/L is converted, and what the chart said is kept', () => {
    const [fact] =
      read([lab({ code: loinc('14682-9'), valueQuantity: { value: 97, unit: 'µmol/L' } })]).observation.creatinine ??
      [];
    expect(fact?.value).toBeCloseTo(1.097, 3);
    expect(fact?.original).toEqual({ value: 97, unit: 'umol/L' });
  });

  it('of whole blood says so', () => {
    expect(read([lab({ code: loinc('38483-4') })]).observation.creatinine?.[0]?.variant).toBe('whole blood');
  });

  it('keeps its comparator: a censored value stays censored', () => {
    const facts = read([lab({ valueQuantity: { ...ucum(0.4, 'mg/dL'), comparator: '<' } })]);
    expect(facts.observation.creatinine?.[0]).toMatchObject({ value: 0.4, comparator: '<' });
  });

  it.each([
    ['without a unit', { valueQuantity: { value: 1.1 } }, 'unit-missing'],
    ['in a unit nobody knows', { valueQuantity: { value: 1.1, unit: 'furlongs' } }, 'unit-unknown'],
    ['in a unit of another kind', { valueQuantity: ucum(1.1, 'mm[Hg]') }, 'unit-does-not-fit'],
    [
      'whose unit code and unit text contradict each other',
      { valueQuantity: { ...ucum(97, 'mg/dL'), unit: 'umol/L' } },
      'unit-does-not-fit',
    ],
    ['given as a range', { valueQuantity: undefined, valueRange: { low: { value: 1 } } }, 'not-a-number'],
    ['that says Hemolyzed', { valueQuantity: undefined, valueString: 'Hemolyzed' }, 'not-a-number'],
    ['with an unknown comparator', { valueQuantity: { ...ucum(1.1, 'mg/dL'), comparator: 'ad' } }, 'not-a-number'],
    ['without a value', { valueQuantity: undefined }, 'no-value'],
    ['that is masked', { valueQuantity: undefined, dataAbsentReason: { coding: [{ code: 'masked' }] } }, 'restricted'],
    [
      'whose value is absent by extension',
      {
        valueQuantity: {
          _value: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason' }] },
        },
      },
      'data-absent',
    ],
    ['a million times too high', { valueQuantity: ucum(1_100_000, 'mg/dL') }, 'implausible'],
    ['of 138 mg/dL (an entry error in a real chart)', { valueQuantity: ucum(138, 'mg/dL') }, 'implausible'],
    ['of zero', { valueQuantity: ucum(0, 'mg/dL') }, 'implausible'],
    ['below zero', { valueQuantity: ucum(-1, 'mg/dL') }, 'implausible'],
    ['without a date', { effectiveDateTime: undefined }, 'no-date'],
    ['from next year', { effectiveDateTime: '2027-11-01' }, 'future-date'],
    ['that is preliminary', { status: 'preliminary' }, 'status-not-final'],
    ['that is only registered', { status: 'registered' }, 'status-not-final'],
    ['of unknown status', { status: 'unknown' }, 'status-not-final'],
    ['without a status', { status: undefined }, 'status-not-final'],
    ['that was cancelled', { status: 'cancelled' }, 'entered-in-error'],
    ['entered in error', { status: 'entered-in-error' }, 'entered-in-error'],
    ['whose name says urine', { code: loinc('2160-0', 'Creatinine [Mass/volume] in Urine') }, 'specimen-does-not-fit'],
    ['from a urine specimen', { specimen: { display: 'Urine, random' } }, 'specimen-does-not-fit'],
  ])('%s is refused with its reason', (_name, change, reason) => {
    const facts = read([lab(change)]);
    expect(facts.observation.creatinine ?? []).toEqual([]);
    expect(reasons(facts)).toEqual([`observation.creatinine: ${reason}`]);
  });

  it.each([
    ['about somebody else', { subject: { reference: 'Patient/q' } }, 'other-patient'],
    ['about nobody', { subject: undefined }, 'other-patient'],
    ['with text where the number belongs', { valueQuantity: { ...ucum(1, 'mg/dL'), value: '1.1' } }, 'malformed'],
    [
      'with a modifier that is not understood',
      { modifierExtension: [{ url: 'http://x/negated', valueBoolean: true }] },
      'malformed',
    ],
    ['with an impossible date', { effectiveDateTime: '2026-13-01' }, 'malformed'],
    [
      'coded as two measurements at once',
      {
        code: {
          coding: [
            { system: 'http://loinc.org', code: '2160-0' },
            { system: 'http://loinc.org', code: '2823-3' },
          ],
        },
      },
      'malformed',
    ],
  ])('%s is set aside', (_name, change, reason) => {
    const facts = read([lab(change)]);
    expect(facts.observation).toEqual({});
    expect(facts.unread.map((each) => each.reason)).toEqual([reason]);
  });

  it('that is extreme is kept and marked, so that it is verified first and fed to no model', () => {
    const potassium = (value: number) =>
      read([lab({ code: loinc('2823-3'), valueQuantity: ucum(value, 'mmol/L') })]).observation.potassium?.[0];
    expect(potassium(9.1)).toMatchObject({ value: 9.1, extreme: true });
    expect(potassium(6.2)).toMatchObject({ value: 6.2 });
    expect(potassium(6.2)).not.toHaveProperty('extreme');
  });

  it('of potassium in mEq/L is the same number in mmol/L', () => {
    expect(
      read([lab({ code: loinc('2823-3'), valueQuantity: { value: 4.2, unit: 'mEq/L' } })]).observation.potassium?.[0]
        ?.value,
    ).toBe(4.2);
  });

  it('given as words with a unit is read', () => {
    const facts = read([lab({ valueQuantity: undefined, valueString: 'LESS THAN 0.4 mg/dL' })]);
    expect(facts.observation.creatinine?.[0]).toMatchObject({ value: 0.4, comparator: '<' });
  });

  it('of platelets "150,000" per µL has only one possible meaning, "1,234" of ferritin-like ranges none', () => {
    const platelets = (valueString: string) =>
      read([lab({ code: loinc('777-3'), valueQuantity: undefined, valueString })]);
    expect(platelets('150,000 /uL').observation.platelets?.[0]?.value).toBeCloseTo(150, 9);
    expect(reasons(platelets('1,234 10*3/uL'))).toEqual(['observation.platelets: not-a-number']);
  });

  it('of INR needs no unit, but may not come in seconds', () => {
    const inr = (valueQuantity: object) => read([lab({ code: loinc('6301-6'), valueQuantity })]);
    expect(inr({ value: 2.4 }).observation.inr?.[0]).toMatchObject({ value: 2.4, unit: '1' });
    expect(inr({ value: 2.4, unit: '{INR}' }).observation.inr?.[0]?.value).toBe(2.4);
    expect(reasons(inr({ value: 12.4, unit: 'sec' }))).toEqual(['observation.inr: unit-does-not-fit']);
  });

  it('called "Absolute A1c" is not HbA1c, whatever its code says', () => {
    const code = { coding: [{ system: 'http://loinc.org', code: '4548-4' }], text: 'Absolute A1c' };
    expect(reasons(read([lab({ code, valueQuantity: ucum(6.1, '%') })]))).toEqual([
      'observation.hba1c: display-disagrees',
    ]);
  });

  it('of mass cannot come under the code for moles: HbA1c 59261-8 in % is refused', () => {
    expect(reasons(read([lab({ code: loinc('59261-8'), valueQuantity: ucum(7, '%') })]))).toEqual([
      'observation.hba1c: unit-does-not-fit',
    ]);
  });

  it('of an unknown code is nobody’s number and nobody’s complaint', () => {
    const facts = read([lab({ code: loinc('72514-3') }), lab({ id: 'o2', code: { text: 'Creatinine' } })]);
    expect([facts.observation, facts.unread]).toEqual([{}, []]);
  });

  it('with only an issue time is dated by it, and says so', () => {
    const [fact] =
      read([lab({ effectiveDateTime: undefined, issued: '2026-11-01T09:00:00Z' })]).observation.creatinine ?? [];
    expect(fact).toMatchObject({ dateFrom: 'issued', effective: { text: '2026-11-01T09:00:00Z' } });
  });
});

describe('several results', () => {
  it('come newest first; a value known only by its year is not the newest of that year', () => {
    const values = read([
      lab({ id: 'a', effectiveDateTime: '2026', valueQuantity: ucum(3, 'mg/dL') }),
      lab({ id: 'b', effectiveDateTime: '2026-05-01', valueQuantity: ucum(1, 'mg/dL') }),
      lab({ id: 'c', effectiveDateTime: '2026-09-01', valueQuantity: ucum(2, 'mg/dL') }),
    ]).observation.creatinine?.map(({ value }) => value);
    expect(values).toEqual([2, 1, 3]);
  });

  it('that are one resource seen twice count once, in its newest version', () => {
    const facts = read([
      lab({ meta: { versionId: '2' }, valueQuantity: ucum(1.4, 'mg/dL') }),
      lab({ meta: { versionId: '10' }, valueQuantity: ucum(1.5, 'mg/dL') }),
      lab({ meta: { versionId: '9' }, valueQuantity: ucum(1.6, 'mg/dL') }),
    ]);
    expect(facts.observation.creatinine?.map(({ value }) => value)).toEqual([1.5]);
  });

  it('where one corrects the other: the corrected one stands, the other is said to be superseded', () => {
    const facts = read([
      lab({ id: 'first', issued: '2026-11-01T09:00:00Z', valueQuantity: ucum(11, 'mg/dL') }),
      lab({ id: 'second', status: 'corrected', issued: '2026-11-01T10:00:00Z' }),
    ]);
    expect(facts.observation.creatinine?.map(({ source }) => source)).toEqual(['Observation/second']);
    expect(facts.unread).toMatchObject([{ source: 'Observation/first', reason: 'superseded', text: '11 mg/dL' }]);
  });
});

describe('a blood pressure panel', () => {
  const panel = (components: readonly object[]) =>
    lab({ id: 'bp', code: loinc('85354-9'), valueQuantity: undefined, component: components });

  it('gives both pressures, and the missing value of the panel itself is no gap', () => {
    const facts = read([
      panel([
        { code: loinc('8480-6'), valueQuantity: { value: 142, unit: 'mmHg' } },
        { code: loinc('8462-4'), valueQuantity: { value: 88, unit: 'mmHg' } },
      ]),
    ]);
    expect(facts.observation['systolic-blood-pressure']?.[0]).toMatchObject({
      value: 142,
      unit: 'mm[Hg]',
      source: 'Observation/bp',
    });
    expect(facts.observation['diastolic-blood-pressure']?.[0]?.value).toBe(88);
    expect(facts.unread).toEqual([]);
  });

  it('with one part malformed gives neither: a resource is used whole or not at all', () => {
    const facts = read([
      panel([
        { code: loinc('8480-6'), valueQuantity: ucum(142, 'mm[Hg]') },
        { code: loinc('8462-4'), valueQuantity: { ...ucum(88, 'mm[Hg]'), value: '88' } },
      ]),
    ]);
    expect(facts.observation).toEqual({});
    expect(reasons(facts)).toEqual(['-: malformed']);
  });

  it('with one part not measured gives the other', () => {
    const facts = read([
      panel([
        { code: loinc('8480-6'), valueQuantity: ucum(142, 'mm[Hg]') },
        { code: loinc('8462-4'), dataAbsentReason: { text: 'Not Performed' } },
      ]),
    ]);
    expect(facts.observation['systolic-blood-pressure']).toHaveLength(1);
    expect(reasons(facts)).toEqual(['observation.diastolic-blood-pressure: data-absent']);
  });
});

describe('the chart around the results', () => {
  it('may say who the patient is by absolute reference, by version, or by urn', () => {
    for (const reference of ['https://ehr.example/r4/Patient/p', 'Patient/p/_history/3', 'urn:uuid:p']) {
      expect(read([lab({ subject: { reference } })]).observation.creatinine).toHaveLength(1);
    }
    expect(
      read([lab({ subject: { reference: 'https://ehr.example/r4/Patient/xp' } })]).observation.creatinine,
    ).toBeUndefined();
  });

  it('may hold things that are no resources; they are counted and do no harm', () => {
    const facts = read([null, 7, 'x', [], {}, { resourceType: 'Observation' }, lab()]);
    expect(facts.observation.creatinine).toHaveLength(1);
    expect(facts.unread.filter(({ reason }) => reason === 'malformed')).toHaveLength(6);
  });

  it('without the patient gives no age and no sex', () => {
    const facts = read([], { resources: [lab()] });
    expect(facts.patient).toEqual({
      id: 'p',
      name: '',
      deceased: false,
      active: true,
      replaced: false,
      source: 'Patient/p',
    });
    expect(PATIENT.id).toBe('p');
  });
});
