import { describe, expect, test } from 'vitest';
import { difference } from './difference.ts';

const golden = (value: number, summary: string): string =>
  JSON.stringify({
    facts: [{ path: 'observation.potassium', value, unit: 'mmol/L', effective: '2026-11-18', source: 'Observation/k' }],
    unread: [{ source: 'Observation/x', reason: 'unit-missing' }],
    evaluations: [{ id: 'metformin', status: 'not-applicable', because: 'deceased' }],
    today: [{ indicator: 'critical', summary, from: [] }],
    others: [],
    notChecked: [],
  });

describe('the difference that npm run golden prints', () => {
  test('is empty when nothing changed', () => {
    expect(difference(golden(4.1, 'Stop it'), golden(4.1, 'Stop it'))).toEqual([]);
  });

  test('names the fact and the advice that changed, before and after', () => {
    expect(difference(golden(4.1, 'Stop it'), golden(4.2, 'Halve it'))).toEqual([
      '- fact observation.potassium 4.1 mmol/L (2026-11-18) ← Observation/k',
      '+ fact observation.potassium 4.2 mmol/L (2026-11-18) ← Observation/k',
      '+ today 1 [critical] Halve it',
      '- today 1 [critical] Stop it',
    ]);
  });

  test('shows everything of a new patient', () => {
    expect(difference(undefined, golden(4.1, 'Stop it'))).toEqual([
      '+ a new patient',
      '+ fact observation.potassium 4.1 mmol/L (2026-11-18) ← Observation/k',
      '+ unread Observation/x: unit-missing',
      '+ evaluation metformin: not-applicable, deceased',
      '+ today 1 [critical] Stop it',
    ]);
  });
});
