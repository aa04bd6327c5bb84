/** Models of one question on two sides of a published threshold: said; on one side: not a word. */
import { describe, expect, it } from 'vitest';
import { type Disagreement, disagreements, type Voice } from '../../models/engine/explain/disagreement.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { equation, library } from './explain-patients.ts';
import { type MadeFacts, madeFacts, NOW } from './made-facts.ts';

const man: MadeFacts = {
  'patient.age': 62,
  'patient.sex': 'male',
  'observation.systolic-blood-pressure': { value: 128, unit: 'mm[Hg]', daysAgo: 10 },
  'observation.total-cholesterol': { value: 205, unit: 'mg/dL', daysAgo: 10 },
  'observation.hdl-cholesterol': { value: 48, unit: 'mg/dL', daysAgo: 10 },
  'observation.creatinine': { value: 0.9, unit: 'mg/dL', daysAgo: 10 },
  'observation.body-mass-index': { value: 26, unit: 'kg/m2', daysAgo: 10 },
  'observation.smoking-status': { value: 'never', daysAgo: 30 },
  'asked.pce-race': 'white',
};

function between(made: MadeFacts, first: string, ...others: string[]): readonly Disagreement[] {
  const evaluations = evaluateRisk(madeFacts(made, library), library, NOW);
  const voice = (id: string): Voice => {
    const evaluation = evaluations.find((candidate) => candidate.id === id);
    if (evaluation?.status !== 'finding') throw new Error(`${id} gave ${evaluation?.status}`);
    const model = equation(id);
    const { outcomes = [], basis } = evaluation.finding;
    return { model, outcomes, values: valuesOf(model.inputs, basis) };
  };
  return disagreements(voice(first), others.map(voice));
}

describe('Two equations for one question', () => {
  it('PREVENT below and PCE above 7.5 % for the same ten years: both numbers, both tiers, the threshold, and what only one of them takes', () => {
    const [found, ...rest] = between(man, 'prevent-base-10yr', 'pce-2013');
    expect(rest).toEqual([]);
    expect(found?.first.outcome.id).toBe('ascvd');
    expect(found?.first.outcome.value).toBeLessThan(0.075);
    expect(found?.second.outcome.value).toBeGreaterThan(0.075);
    expect(found?.between).toContain(0.075);
    expect(found?.second.tier).toBe('intermediate');
    expect(found?.tiersOf.id).toBe('pce-2013');
    expect(found?.onlyFirst).toEqual(expect.arrayContaining(['Body mass index', 'Statin']));
    expect(found?.onlySecond).toEqual(['Race as the equations divide it']);
  });

  it('in the same tier: nothing, however far apart the numbers are within it', () => {
    const low = {
      ...man,
      'patient.age': 45,
      'observation.systolic-blood-pressure': { value: 112, unit: 'mm[Hg]', daysAgo: 10 },
    };
    expect(between(low, 'prevent-base-10yr', 'pce-2013')).toEqual([]);
  });

  it('where no guideline decides by either number (diabetes): nothing', () => {
    expect(between({ ...man, 'condition.diabetes': true }, 'prevent-base-10yr', 'pce-2013')).toEqual([]);
  });

  it('thirty years are not held against ten', () => {
    expect(between({ ...man, 'patient.age': 55 }, 'prevent-base-10yr', 'prevent-base-30yr')).toEqual([]);
  });
});
