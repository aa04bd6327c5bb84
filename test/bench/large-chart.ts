/** A made-up chart of any size: one adult with diabetes and hypertension, ten years of labs and vital signs. Deterministic. */
import type { Bundle, Condition, MedicationRequest, Observation, Patient } from 'fhir/r4';

interface Series {
  readonly loinc: string;
  readonly display: string;
  readonly category: 'laboratory' | 'vital-signs';
  readonly unit: string;
  readonly middle: number;
  readonly spread: number;
}

const series: readonly Series[] = [
  {
    loinc: '2160-0',
    display: 'Creatinine [Mass/volume] in Serum or Plasma',
    category: 'laboratory',
    unit: 'mg/dL',
    middle: 1.9,
    spread: 0.2,
  },
  {
    loinc: '2823-3',
    display: 'Potassium [Moles/volume] in Serum or Plasma',
    category: 'laboratory',
    unit: 'mmol/L',
    middle: 4.6,
    spread: 0.4,
  },
  {
    loinc: '2951-2',
    display: 'Sodium [Moles/volume] in Serum or Plasma',
    category: 'laboratory',
    unit: 'mmol/L',
    middle: 139,
    spread: 3,
  },
  {
    loinc: '4548-4',
    display: 'Hemoglobin A1c/Hemoglobin.total in Blood',
    category: 'laboratory',
    unit: '%',
    middle: 7.4,
    spread: 0.5,
  },
  {
    loinc: '2093-3',
    display: 'Cholesterol [Mass/volume] in Serum or Plasma',
    category: 'laboratory',
    unit: 'mg/dL',
    middle: 205,
    spread: 20,
  },
  {
    loinc: '2085-9',
    display: 'Cholesterol in HDL [Mass/volume] in Serum or Plasma',
    category: 'laboratory',
    unit: 'mg/dL',
    middle: 46,
    spread: 5,
  },
  {
    loinc: '718-7',
    display: 'Hemoglobin [Mass/volume] in Blood',
    category: 'laboratory',
    unit: 'g/dL',
    middle: 12.5,
    spread: 1,
  },
  {
    loinc: '8480-6',
    display: 'Systolic blood pressure',
    category: 'vital-signs',
    unit: 'mm[Hg]',
    middle: 146,
    spread: 12,
  },
  {
    loinc: '8462-4',
    display: 'Diastolic blood pressure',
    category: 'vital-signs',
    unit: 'mm[Hg]',
    middle: 84,
    spread: 8,
  },
  {
    loinc: '39156-5',
    display: 'Body mass index (BMI) [Ratio]',
    category: 'vital-signs',
    unit: 'kg/m2',
    middle: 31,
    spread: 1,
  },
  // Results that no model reads: a real chart is mostly these.
  { loinc: '1742-6', display: 'Alanine aminotransferase', category: 'laboratory', unit: 'U/L', middle: 28, spread: 8 },
  {
    loinc: '6690-2',
    display: 'Leukocytes [#/volume] in Blood',
    category: 'laboratory',
    unit: '10*3/uL',
    middle: 7.2,
    spread: 1.5,
  },
  {
    loinc: '2339-0',
    display: 'Glucose [Mass/volume] in Blood',
    category: 'laboratory',
    unit: 'mg/dL',
    middle: 150,
    spread: 30,
  },
  { loinc: '9279-1', display: 'Respiratory rate', category: 'vital-signs', unit: '/min', middle: 16, spread: 2 },
];

/** Repeatable numbers in [0, 1): a linear congruential generator. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A collection Bundle whose newest result is a day before `now` (milliseconds). */
export function largeChart(observations: number, now: number): Bundle {
  const next = dice(7);
  const patient: Patient = {
    resourceType: 'Patient',
    id: 'large',
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN-10000' }],
    name: [{ family: 'Largo', given: ['Nora'] }],
    gender: 'female',
    birthDate: '1958-03-02',
  };
  const condition = (id: string, code: string, display: string): Condition => ({
    resourceType: 'Condition',
    id,
    subject: { reference: 'Patient/large' },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' }] },
    ],
    code: { coding: [{ system: 'http://snomed.info/sct', code, display }], text: display },
  });
  const medication: MedicationRequest = {
    resourceType: 'MedicationRequest',
    id: 'large-metformin',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/large' },
    authoredOn: '2024-02-01',
    medicationCodeableConcept: {
      coding: [
        {
          system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
          code: '861007',
          display: 'metformin hydrochloride 500 MG Oral Tablet',
        },
      ],
    },
  };
  const results = Array.from({ length: observations }, (_, index): Observation => {
    const kind = series[index % series.length] as Series;
    const daysAgo = 1 + (index / observations) * 3650;
    return {
      resourceType: 'Observation',
      id: `large-${index}`,
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: kind.category }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: kind.loinc, display: kind.display }], text: kind.display },
      subject: { reference: 'Patient/large' },
      effectiveDateTime: new Date(now - daysAgo * 86_400_000).toISOString(),
      valueQuantity: {
        value: Number((kind.middle + (next() - 0.5) * 2 * kind.spread).toFixed(2)),
        unit: kind.unit,
        system: 'http://unitsofmeasure.org',
        code: kind.unit,
      },
    };
  });
  const resources = [
    patient,
    condition('large-diabetes', '44054006', 'Type 2 diabetes mellitus'),
    condition('large-hypertension', '38341003', 'Hypertensive disorder'),
    medication,
    ...results,
  ];
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) };
}
