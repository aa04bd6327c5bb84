/** `patient.age` and `patient.sex`. */
import type { Resolved, Scene } from '../resolve.ts';
import { type Binding, missing } from './absence.ts';

/** Age in completed years (unit `a`) or sex for clinical use (`female`/`male`), each said with where it comes from. */
export function resolvePatient({ facts }: Scene, binding: Binding, name: string): Resolved {
  const { patient } = facts;
  const common = { path: binding.fact, label: binding.label, sources: [patient.source] };
  if (name === 'age' && patient.age !== undefined) {
    const note = patient.birthDate && `born ${patient.birthDate.text}`;
    return {
      state: 'known',
      value: patient.age,
      input: { ...common, value: patient.age, unit: 'a', ...(note ? { note } : {}) },
    };
  }
  if (name === 'sex' && patient.sex !== undefined) {
    const note = patient.sexSource && SEX_SOURCE[patient.sexSource];
    return { state: 'known', value: patient.sex, input: { ...common, value: patient.sex, ...(note ? { note } : {}) } };
  }
  const reason = name === 'age' && patient.birthDate ? 'the birth date does not settle it' : 'not in the chart';
  return { state: 'absent', missing: missing(binding, 'empty', reason) };
}

const SEX_SOURCE = {
  'sex-parameter-for-clinical-use': 'sex parameter for clinical use',
  'recorded-sex-or-gender': 'recorded sex',
  'birth-sex': 'sex recorded at birth',
  'administrative-gender': 'administrative gender; sex for clinical use is not recorded',
} as const;
