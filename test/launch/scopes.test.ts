/** What a granted scope allows, and what is asked for (S1–S6). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstRung, grants, nextRung, type ScopeRung, scopesToRequest } from '../../launch/scopes.ts';

const READS = [
  { resourceType: 'Observation', category: 'laboratory' },
  { resourceType: 'Observation', category: 'vital-signs' },
  { resourceType: 'MedicationRequest' },
];
const labs = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe('A granted scope allows (S3)', () => {
  it.each<[string, string, 'c' | 'r' | 's', boolean]>([
    ['patient/Observation.rs', 'Observation', 's', true],
    ['patient/Observation.r', 'Observation', 's', false],
    ['patient/Observation.read', 'Observation', 's', true],
    ['patient/Observation.write', 'Observation', 's', false],
    ['patient/DocumentReference.write', 'DocumentReference', 'c', true],
    ['patient/DocumentReference.c', 'DocumentReference', 'r', false],
    ['patient/*.read', 'Condition', 'r', true],
    ['user/Condition.rs', 'Condition', 'r', true],
    ['system/Condition.rs', 'Condition', 'r', false],
    ['patient/Observation.sr', 'Observation', 's', false],
    ['patient/Observation.', 'Observation', 's', false],
    ['patient/ObservationX.rs', 'Observation', 's', false],
    ['openid', 'Observation', 's', false],
  ])('%s → %s.%s: %s', (scope, resourceType, interaction, allowed) =>
    expect(grants([scope], { resourceType, interaction })).toBe(allowed),
  );

  it('a scope narrowed to laboratory allows laboratory, and not vital signs', () => {
    const granted = [`patient/Observation.rs?category=${labs}`];
    const wanted = { resourceType: 'Observation', interaction: 's' } as const;
    expect(grants(granted, { ...wanted, category: 'laboratory' })).toBe(true);
    expect(grants(granted, { ...wanted, category: labs })).toBe(true);
    expect(grants(granted, { ...wanted, category: 'vital-signs' })).toBe(false);
  });

  it('nothing, when the text is not a scope', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^(patient|user)\//.test(text));
        expect(grants([text], { resourceType: 'Patient', interaction: 'r' })).toBe(false);
      }),
    ));
});

describe('The scopes asked for', () => {
  it('name the categories where the server knows SMART v2 (S1)', () => {
    const scopes = scopesToRequest({
      rung: firstRung(['permission-v2']),
      reads: READS,
      writes: false,
      standalone: false,
    });
    expect(scopes).toContain(`patient/Observation.rs?category=${labs}`);
    expect(scopes).toContain('patient/MedicationRequest.rs');
    expect(scopes).toContain('patient/Medication.rs');
    expect(scopes).not.toContain('patient/Observation.rs');
  });

  it('step down once per refusal, and only to what the server knows (S2)', () => {
    expect(nextRung('v2-granular', [])).toBe('v2');
    expect(nextRung('v2', ['permission-v1'])).toBe('v1');
    expect(nextRung('v2', [])).toBeUndefined();
    expect(nextRung('v1', ['permission-v1'])).toBeUndefined();
  });

  it.each(['v2-granular', 'v2', 'v1'] as const)(
    'never include a wildcard, deletion or offline access (%s; S4, S6)',
    (rung) => {
      const scopes = scopesToRequest({ rung, reads: READS, writes: true, standalone: false });
      expect(scopes.filter((scope) => /\*|offline|\.c?r?u?ds?(\?|$)/.test(scope))).toEqual([]);
    },
  );

  it('ask to update what is written only where the site wants to withdraw it, and for each agreed type (WB1, WB8)', () => {
    const ask = (rung: ScopeRung, withdraw: boolean) =>
      scopesToRequest({ rung, reads: [], writes: true, written: ['ServiceRequest'], withdraw, standalone: false });
    expect(ask('v2', true)).toContain('patient/ServiceRequest.cu');
    expect(ask('v2', false)).toContain('patient/ServiceRequest.c');
    expect(ask('v1', true)).toContain('patient/ServiceRequest.write');
    expect(ask('v2', true).join()).not.toContain('DocumentReference');
  });

  it('ask to write only a note, only where write-back is on, and to read it back (S4, S5)', () => {
    const ask = (writes: boolean) =>
      scopesToRequest({ rung: 'v2', reads: READS, writes, standalone: false }).filter((scope) =>
        scope.includes('DocumentReference'),
      );
    expect(ask(true)).toEqual(['patient/DocumentReference.c', 'patient/DocumentReference.rs']);
    expect(ask(false)).toEqual([]);
  });

  it('ask for a patient only when there is no chart (L3)', () => {
    const ask = (standalone: boolean) => scopesToRequest({ rung: 'v2', reads: READS, writes: false, standalone });
    expect(ask(true)).toContain('launch/patient');
    expect(ask(false)).not.toContain('launch/patient');
  });
});
