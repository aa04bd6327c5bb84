import { describe, expect, test } from 'vitest';
import type { Companion } from '../../../models/engine/duplicates/companion.ts';
import { evaluateCompanions } from '../../../models/engine/duplicates/companions.ts';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import type { Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { type Chart, factsOf, knowledge, NOW, type ShortMedicine, library as without } from '../interactions-chart.ts';

const library: Library = { ...without, companions: knowledge<Companion>('companions') };

function all(chart: Chart): readonly Evaluation[] {
  const facts = factsOf(chart);
  const resolver = createResolver({ facts, library, now: NOW });
  return evaluateCompanions({ facts, library, resolver, now: NOW });
}

function said(id: string, medicines: readonly ShortMedicine[], chart: Chart = {}): Evaluation {
  const found = all({ age: 50, ...chart, medicines }).find((one) => one.id === `companion-${id}`);
  if (!found) throw new Error(`no companion ${id}`);
  return found;
}

/** In a word: the indicator of a finding, why it is silent, or that data is required. */
function outcome(...question: Parameters<typeof said>): string {
  const evaluation = said(...question);
  switch (evaluation.status) {
    case 'finding':
      return evaluation.finding.indicator;
    case 'not-applicable':
      return evaluation.because.code;
    default:
      return evaluation.status;
  }
}

const ibuprofen = { rxcui: '5640', name: 'ibuprofen' };
const omeprazole = { rxcui: '7646', name: 'omeprazole' };
const aspirin = { rxcui: '1191', name: 'aspirin' };
const clopidogrel = { rxcui: '32968', name: 'clopidogrel' };
const oxycodone = { rxcui: '7804', name: 'oxycodone' };
const morphine = { rxcui: '7052', name: 'morphine' };
const lorazepam = { rxcui: '6470', name: 'lorazepam' };
const senna = { rxcui: '36387', name: 'sennosides, USP' };
const naloxone = { rxcui: '7242', name: 'naloxone', route: 'nasal' } as const;
const prednisone = { rxcui: '8640', name: 'prednisone' };
const alendronate = { rxcui: '46041', name: 'alendronate' };
const methotrexate = { rxcui: '6851', name: 'methotrexate' };
const folicAcid = { rxcui: '4511', name: 'folic acid' };
const isoniazid = { rxcui: '6038', name: 'isoniazid' };
const pyridoxine = { rxcui: '684879', name: 'pyridoxine' };
const unknownEntry = { name: 'Xyzzy forte' };
const bled = [{ system: 'http://snomed.info/sct', code: '37372002', text: 'Upper GI bleed', active: false }];
const comfort = [{ system: 'http://snomed.info/sct', code: '103735009', text: 'Palliative care' }];

describe('stomach protection with an NSAID', () => {
  test('is asked for at 65 and after a bleed, not at 64 without one', () => {
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 65 })).toBe('warning');
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 64 })).toBe('threshold-not-met');
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 40, conditions: bled })).toBe('warning');
  });

  test('is not asked for where a proton pump inhibitor is taken, planned or paused', () => {
    expect(outcome('nsaid-ppi', [ibuprofen, omeprazole], { age: 70 })).toBe('other');
    expect(outcome('nsaid-ppi', [ibuprofen, { ...omeprazole, state: 'planned' }], { age: 70 })).toBe('other');
    expect(outcome('nsaid-ppi', [ibuprofen, { ...omeprazole, state: 'on-hold' }], { age: 70 })).toBe('other');
    expect(outcome('nsaid-ppi', [ibuprofen, { ...omeprazole, state: 'stopped' }], { age: 70 })).toBe('warning');
  });

  test('is not asked for with a gel, with aspirin alone, or with an NSAID as needed', () => {
    expect(outcome('nsaid-ppi', [{ ...ibuprofen, route: 'topical' }], { age: 70 })).toBe('medicine-not-taken');
    expect(outcome('nsaid-ppi', [aspirin], { age: 70 })).toBe('medicine-not-taken');
    expect(outcome('nsaid-ppi', [{ ...ibuprofen, asNeeded: true }], { age: 70 })).toBe('medicine-not-taken');
  });

  test('waits for the problem list where only that can tell', () => {
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 40, conditionList: 'refused' })).toBe('data-required');
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 70, conditionList: 'refused' })).toBe('warning');
  });
});

test('stomach protection is asked for with two antithrombotics at 65, not with one', () => {
  expect(outcome('antithrombotics-ppi', [aspirin, clopidogrel], { age: 65 })).toBe('warning');
  expect(outcome('antithrombotics-ppi', [aspirin, clopidogrel], { age: 64 })).toBe('threshold-not-met');
  expect(outcome('antithrombotics-ppi', [aspirin], { age: 80 })).toBe('medicine-not-taken');
  expect(outcome('antithrombotics-ppi', [aspirin, clopidogrel, omeprazole], { age: 80 })).toBe('other');
});

describe('a laxative with an opioid', () => {
  test('is offered from two weeks on, where the start is known', () => {
    expect(outcome('opioid-laxative', [{ ...oxycodone, start: '2026-11-05' }])).toBe('info');
    expect(outcome('opioid-laxative', [{ ...oxycodone, start: '2026-11-06' }])).toBe('medicine-not-taken');
    expect(outcome('opioid-laxative', [oxycodone])).toBe('medicine-not-taken');
  });

  test('is not offered where one is there, in comfort care, or for use as needed', () => {
    const long = { ...oxycodone, start: '2026-09-01' };
    expect(outcome('opioid-laxative', [long, senna])).toBe('other');
    expect(outcome('opioid-laxative', [long], { conditions: comfort })).toBe('comfort-care');
    expect(outcome('opioid-laxative', [{ ...long, asNeeded: true }])).toBe('medicine-not-taken');
  });
});

describe('naloxone', () => {
  test('is offered with an opioid and a benzodiazepine, nasal naloxone counts', () => {
    expect(outcome('opioid-benzodiazepine-naloxone', [oxycodone, lorazepam])).toBe('warning');
    expect(outcome('opioid-benzodiazepine-naloxone', [{ ...oxycodone, asNeeded: true }, lorazepam])).toBe('warning');
    expect(outcome('opioid-benzodiazepine-naloxone', [oxycodone])).toBe('medicine-not-taken');
    expect(outcome('opioid-benzodiazepine-naloxone', [oxycodone, lorazepam, naloxone])).toBe('other');
  });

  test('is offered from 50 morphine milligram equivalents a day on, several opioids added up', () => {
    const dose = (medicine: ShortMedicine, value: number) => ({ ...medicine, dailyDose: { value, unit: 'mg' } });
    expect(outcome('opioid-dose-naloxone', [dose(morphine, 50)])).toBe('warning');
    expect(outcome('opioid-dose-naloxone', [dose(morphine, 49)])).toBe('medicine-not-taken');
    expect(outcome('opioid-dose-naloxone', [dose(oxycodone, 34)])).toBe('warning');
    expect(outcome('opioid-dose-naloxone', [dose(oxycodone, 33)])).toBe('medicine-not-taken');
    expect(outcome('opioid-dose-naloxone', [dose(oxycodone, 20), dose(morphine, 20)])).toBe('warning');
    expect(outcome('opioid-dose-naloxone', [morphine])).toBe('medicine-not-taken');
  });
});

test('bone protection is asked for after 90 days of prednisone 2.5 mg, start and dose known', () => {
  const course = (start: string, value: number) => ({ ...prednisone, start, dailyDose: { value, unit: 'mg' } });
  expect(outcome('steroid-bone', [course('2026-08-21', 2.5)])).toBe('info');
  expect(outcome('steroid-bone', [course('2026-08-22', 2.5)])).toBe('medicine-not-taken');
  expect(outcome('steroid-bone', [course('2026-08-01', 2)])).toBe('medicine-not-taken');
  expect(outcome('steroid-bone', [{ ...prednisone, start: '2026-01-01' }])).toBe('medicine-not-taken');
  expect(outcome('steroid-bone', [course('2026-01-01', 10), alendronate])).toBe('other');
});

test('folic acid is offered with methotrexate of four weeks, pyridoxine with isoniazid', () => {
  const long = { ...methotrexate, start: '2026-06-01' };
  expect(outcome('methotrexate-folic-acid', [long])).toBe('info');
  expect(outcome('methotrexate-folic-acid', [{ ...long, start: '2026-11-10' }])).toBe('medicine-not-taken');
  expect(outcome('methotrexate-folic-acid', [long, folicAcid])).toBe('other');
  expect(outcome('isoniazid-pyridoxine', [isoniazid])).toBe('info');
  expect(outcome('isoniazid-pyridoxine', [isoniazid, pyridoxine])).toBe('other');
});

describe('what is not on a list', () => {
  test('is missed only when the list was read in full and every entry was understood', () => {
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 70, medicationList: 'incomplete' })).toBe('data-required');
    const hidden = said('nsaid-ppi', [ibuprofen, unknownEntry], { age: 70 });
    expect(hidden.status === 'data-required' && hidden.missing.map(({ text }) => text)).toEqual([
      'Companion therapy: 1 listed medicine could not be identified',
    ]);
    expect(outcome('nsaid-ppi', [unknownEntry], { age: 70 })).toBe('medicine-not-taken');
  });

  test('is not missed in the dead or in comfort care', () => {
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 70, deceased: true })).toBe('deceased');
    expect(outcome('nsaid-ppi', [ibuprofen], { age: 70, conditions: comfort })).toBe('comfort-care');
  });
});
