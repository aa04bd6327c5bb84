/** Extreme values: asked about first, in the chart's own number, and no louder than a laboratory would. */
import { describe, expect, it } from 'vitest';
import { extremeValues } from '../../models/engine/extreme-values.ts';
import { readFacts } from '../../models/engine/facts/read.ts';

const now = Date.UTC(2026, 10, 20, 9);

function verifying(loinc: string, value: number, unit: string, date = '2026-11-19T08:00:00Z') {
  const facts = readFacts({
    patientId: 'p',
    now,
    resources: [
      { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1960-01-01' },
      {
        resourceType: 'Observation',
        id: 'o',
        status: 'final',
        category: [{ coding: [{ code: 'laboratory' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
        subject: { reference: 'Patient/p' },
        effectiveDateTime: date,
        valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
      },
    ],
  });
  const [evaluation] = extremeValues(facts, now);
  return evaluation?.status === 'finding' ? evaluation.finding : undefined;
}

describe('An extreme value is verified before anything else', () => {
  it('potassium 8.4 mmol/L yesterday is critical and comes first', () => {
    const finding = verifying('2823-3', 8.4, 'mmol/L');
    expect(finding?.indicator).toBe('critical');
    expect(finding?.verifyFirst).toBe(true);
    expect(finding?.summary).toContain('8.4 mmol/L');
  });

  it('a critical rests on lists that somebody opened, never on memory', () => {
    for (const citation of verifying('2823-3', 8.4, 'mmol/L')?.citations ?? []) expect(citation.basis).toBe('opened');
  });

  it('a converted value is shown as the chart has it, with the conversion beside it', () => {
    expect(verifying('14682-9', 1600, 'umol/L')?.summary).toMatch(/1600 umol\/L \(18\.1 mg\/dL\)/);
  });

  it('a low creatinine or a low INR is odd, not an alarm', () => {
    expect(verifying('2160-0', 0.15, 'mg/dL')?.indicator).toBe('warning');
    expect(verifying('6301-6', 0.6, '{INR}')?.indicator).toBe('warning');
  });

  it('an old extreme value asks more quietly', () => {
    expect(verifying('2823-3', 8.4, 'mmol/L', '2026-05-01T08:00:00Z')?.indicator).toBe('warning');
  });

  it('an ordinary value is not asked about', () => {
    expect(verifying('2823-3', 5.9, 'mmol/L')).toBeUndefined();
  });
});
