/** What is said of several medicines together, on the library as it ships: one voice a pair, one card an object. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Evaluation, Finding } from '../../../models/engine/evaluation.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { evaluateInteractions } from '../../../models/engine/interactions/evaluate.ts';
import type { Interaction, Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { type Chart, factsOf, NOW } from '../interactions-chart.ts';

const DRUGS = {
  simvastatin: '36567',
  clarithromycin: '21212',
  itraconazole: '28031',
  lisinopril: '29046',
  niacin: '7393',
  aliskiren: '325646',
  avanafil: '1291301',
  diltiazem: '3443',
  ketoconazole: '6135',
  warfarin: '11289',
  acetaminophen: '161',
} as const;
type Drug = keyof typeof DRUGS;

let library: Library;
beforeAll(async () => {
  ({ library } = await loadLibrary({ dir: 'models' }));
});

const taking = (...names: readonly Drug[]): Chart => ({
  age: 50,
  medicines: names.map((name) => ({ name, rxcui: DRUGS[name] })),
});

function evaluated(facts: Facts, of = library): readonly Evaluation[] {
  return evaluateInteractions({
    facts,
    library: of,
    resolver: createResolver({ facts, library: of, now: NOW }),
    now: NOW,
  });
}

function findings(chart: Chart, of = library): readonly Finding[] {
  return evaluated(factsOf(chart), of).flatMap((each) => (each.status === 'finding' ? [each.finding] : []));
}

describe('a pair that the library speaks of in several places', () => {
  test('makes one finding, with the sources of all of them', () => {
    const about = findings(taking('simvastatin', 'clarithromycin'));
    expect(about).toHaveLength(1);
    expect(about[0]?.indicator).toBe('critical');
    expect(about[0]?.citations.length).toBeGreaterThan(1);
  });
  test('makes one finding whichever of the two is listed first', () => {
    const [a, b] = [
      findings(taking('simvastatin', 'clarithromycin')),
      findings(taking('clarithromycin', 'simvastatin')),
    ];
    expect(a.map(({ summary }) => summary)).toEqual(b.map(({ summary }) => summary));
  });
  test('names two precipitants of one mechanism on one card', () => {
    const about = findings(taking('simvastatin', 'clarithromycin', 'itraconazole')).filter(({ summary }) =>
      summary.includes('simvastatin'),
    );
    expect(about).toHaveLength(1);
    expect(about[0]?.summary).toContain('clarithromycin');
    expect(about[0]?.summary).toContain('itraconazole');
  });
});

describe('silence', () => {
  test('two ingredients that somebody put into one product do not interact with each other', () => {
    const apart = findings(taking('simvastatin', 'niacin'));
    const facts = factsOf(taking('simvastatin', 'niacin'));
    const [first, second] = facts.medication;
    if (!first || !second) throw new Error('two medicines');
    const product = { ...first, ingredients: [...first.ingredients, ...second.ingredients] };
    const together = evaluated({ ...facts, medication: [product] });
    expect(apart.length).toBeGreaterThan(0);
    expect(together.map(({ status }) => status)).toEqual(['not-applicable']);
  });
  test('the rest of the library is one line that says how much was checked', () => {
    const [only, ...others] = evaluated(factsOf(taking('lisinopril', 'acetaminophen')));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ id: 'interactions', status: 'not-applicable' });
    const count = library.interactions.length + (library.labels?.facts.length ?? 0);
    expect(only?.status === 'not-applicable' && only.because.text).toContain(String(count));
  });
  test('a cream takes no part in what a label says of the drug', () => {
    const cream = { name: 'ketoconazole', rxcui: DRUGS.ketoconazole, route: 'topical' as const };
    const simvastatin = { name: 'simvastatin', rxcui: DRUGS.simvastatin };
    expect(findings({ medicines: [simvastatin, cream] })).toEqual([]);
    expect(findings({ medicines: [simvastatin, { ...cream, route: 'systemic' }] })[0]?.indicator).toBe('critical');
  });
  test('a patient who has died gets one line and no finding', () => {
    expect(evaluated(factsOf({ ...taking('simvastatin', 'clarithromycin'), deceased: true }))).toMatchObject([
      { id: 'interactions', because: { code: 'deceased' } },
    ]);
  });
});

describe('the dose that a label allows beside another medicine', () => {
  const at = (value?: number): Finding => {
    const avanafil = {
      name: 'avanafil',
      rxcui: DRUGS.avanafil,
      ...(value ? { dailyDose: { value, unit: 'mg' } } : {}),
    };
    const [found] = findings({ medicines: [avanafil, { name: 'diltiazem', rxcui: DRUGS.diltiazem }] });
    if (!found) throw new Error('nothing found');
    return found;
  };
  test('lowers the tier when the daily dose is at the cap', () => expect(at(50).indicator).toBe('info'));
  test('keeps it above the cap, and says by how much to lower', () => {
    expect(at(100).indicator).toBe('warning');
    expect(at(100).summary).toContain('50 mg a day');
  });
  test('keeps it when the dose is not known, and names the dose as what could change it', () => {
    expect(at().indicator).toBe('warning');
    expect(at().limitation).toContain('daily dose of avanafil');
  });
});

test('a label limited to diabetes is critical only for a patient who has it', () => {
  const diabetes = [{ system: 'http://snomed.info/sct', code: '44054006', text: 'type 2 diabetes' }];
  const tier = (chart: Chart) => findings(chart).find(({ summary }) => summary.includes('aliskiren'))?.indicator;
  expect(tier({ ...taking('lisinopril', 'aliskiren'), conditions: diabetes })).toBe('critical');
  expect(tier(taking('lisinopril', 'aliskiren'))).toBe('warning');
});

describe('a medicine that was stopped', () => {
  const phenelzine = (end: string) => ({ name: 'phenelzine', rxcui: '8123', state: 'recently-stopped' as const, end });
  const sertraline = { name: 'sertraline', rxcui: '36437' };

  test('still counts while it acts, and the card says when it was stopped', () => {
    const [found] = findings({ medicines: [phenelzine('2026-11-10'), sertraline] });
    expect(found?.indicator).toBe('critical');
    expect(found?.detail).toContain('phenelzine was stopped on 2026-11-10 and still acts');
  });
  test('counts no more after its washout', () => {
    expect(findings({ medicines: [phenelzine('2026-11-01'), sertraline] })).toEqual([]);
  });
  test('does not count when both were stopped', () => {
    const stopped = { ...sertraline, state: 'recently-stopped' as const, end: '2026-11-12' };
    expect(findings({ medicines: [phenelzine('2026-11-10'), stopped] })).toEqual([]);
  });
  test('does not count when it is not known to linger', () => {
    const clarithromycin = {
      name: 'clarithromycin',
      rxcui: DRUGS.clarithromycin,
      state: 'recently-stopped' as const,
      end: '2026-11-18',
    };
    expect(findings({ medicines: [{ name: 'simvastatin', rxcui: DRUGS.simvastatin }, clarithromycin] })).toEqual([]);
  });
});

describe('what nobody looked up', () => {
  const made = (sourced: readonly string[]): Library => {
    const participant = (rxcui: string) => ({ label: rxcui, ingredients: [{ rxcui, name: rxcui }] });
    const interaction: Interaction = {
      ...(library.interactions[0] as Interaction),
      id: 'made',
      indicator: 'critical',
      modifiers: [],
      object: participant('1'),
      precipitant: { label: 'strong inhibitors', traits: ['inhibitor.cyp3a4:strong'] },
    };
    const profile = { rxcui: '2', name: 'two', classes: [], traits: { 'inhibitor.cyp3a4': 'strong' }, sourced };
    return { ...library, interactions: [interaction], labels: { facts: [], sources: [] }, ingredients: [profile] };
  };
  const chart: Chart = {
    medicines: [
      { name: 'one', rxcui: '1' },
      { name: 'two', rxcui: '2' },
    ],
  };

  test('never makes a critical, and the card says what is recalled', () => {
    const [found] = findings(chart, made([]));
    expect(found?.indicator).toBe('warning');
    expect(found?.limitation).toContain('Recalled, not verified against a source: that this holds for two.');
  });
  test('may make one when it was', () => {
    const [found] = findings(chart, made(['inhibitor.cyp3a4']));
    expect(found?.indicator).toBe('critical');
    expect(found?.limitation).not.toContain('Recalled');
  });
});

test('no headline of a label fact is longer than 139 characters, with the longest names on both sides', () => {
  const long = 'sulfamethoxazole and trimethoprim';
  const facts = library.labels?.facts ?? [];
  expect(facts.length).toBeGreaterThan(1000);
  for (const fact of facts.filter(({ object }) => /^\d+$/.test(object))) {
    const other = fact.with.find((key) => /^\d+$/.test(key));
    if (!other) continue;
    const chart = {
      medicines: [
        { name: long, rxcui: fact.object },
        { name: `${long} 2`, rxcui: other },
      ],
    };
    const alone = { ...library, interactions: [], labels: { ...library.labels, facts: [fact] } } as Library;
    for (const { summary } of findings(chart, alone)) expect(summary.length).toBeLessThan(140);
  }
});
