import { describe, expect, test } from 'vitest';
import type { Evaluation, Finding } from '../../models/engine/evaluation.ts';
import { evaluateInteractions } from '../../models/engine/interactions/evaluate.ts';
import { leadingInteractions } from '../../models/engine/interactions/lead.ts';
import { matchInteractions } from '../../models/engine/interactions/match.ts';
import type { Interaction } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { placeOf } from '../../models/engine/rules/view.ts';
import { agrees, type Chart, casesBeside, factsOf, judged, library, NOW, on, placesIn } from './interactions-chart.ts';

function check(id: string, chart: Chart): Evaluation {
  return judged(id, chart);
}

function finding(id: string, chart: Chart): Finding {
  const evaluation = check(id, chart);
  if (evaluation.status !== 'finding') throw new Error(`${id}: ${evaluation.status}`);
  return evaluation.finding;
}

const warfarin = { rxcui: '11289', name: 'warfarin', start: '2024-03-01' };
const ibuprofen = { rxcui: '5640', name: 'ibuprofen', start: '2026-11-10' };
const lisinopril = { rxcui: '29046', name: 'lisinopril' };
const spironolactone = { rxcui: '9997', name: 'spironolactone' };

describe.each(library.interactions.filter(hasCases).map(({ id }) => id))('%s', (id) => {
  test.each(casesBeside('interactions', id))('$name', ({ chart, expect: wanted }) => {
    // Alone in the library: beside others, the one that fits the pair best speaks for it.
    const alone = { ...library, interactions: library.interactions.filter((one) => one.id === id) };
    const evaluation = judged(id, chart, alone);
    expect(evaluation.status).toBe(wanted.status);
    if (evaluation.status === 'finding') {
      expect(evaluation.finding.indicator).toBe(wanted.indicator);
      expect(evaluation.finding.summary).toContain(wanted.says ?? '');
    }
    expect(agrees(evaluation, wanted)).toBe(true);
  });

  test('fires and stays silent in its cases', () => {
    const statuses = casesBeside('interactions', id).map((one) => one.expect.status);
    expect(statuses).toEqual(expect.arrayContaining(['finding', 'not-applicable']));
  });
});

/** Every interaction that this patient's facts may change proves how. */
function hasCases({ id, modifiers }: Interaction): boolean {
  return modifiers.length > 0 || casesBeside('interactions', id).length > 0;
}

describe('the interaction files', () => {
  test('are critical only on an opened document or a shared row of grade A', () => {
    for (const { indicator, citations, modifiers } of library.interactions) {
      const solid = [
        ...(indicator === 'critical' ? [citations] : []),
        ...modifiers
          .filter((modifier) => modifier.indicator === 'critical')
          .map((modifier) => modifier.citations ?? []),
      ];
      for (const list of solid)
        expect(
          list.some(
            ({ basis, grade }) => (basis === 'opened' && grade !== 'B') || (basis === 'shared' && grade === 'A'),
          ),
        ).toBe(true);
    }
  });

  test('give no date or place to what is recalled', () => {
    const all = library.interactions.flatMap(({ citations, modifiers }) => [
      ...citations,
      ...modifiers.flatMap((m) => m.citations ?? []),
    ]);
    for (const citation of all) {
      if (citation.basis === 'recalled')
        expect([citation.opened, citation.place, citation.url]).toEqual([undefined, undefined, undefined]);
      if (citation.basis === 'opened') expect(citation.url && citation.opened).toBeTruthy();
    }
  });

  test('name only drug classes and value sets that the library has', () => {
    const classes = new Set(library.drugClasses.map(({ id }) => id));
    const sets = new Set(library.valueSets.map(({ id }) => id));
    for (const { object, precipitant, modifiers } of library.interactions) {
      for (const id of [...(object.classes ?? []), ...(precipitant.classes ?? [])]) expect(classes).toContain(id);
      for (const need of modifiers.flatMap(({ needs }) => needs)) {
        const [kind = '', key = ''] = need.split('.');
        if (kind === 'medication' && !/^\d+$/.test(key)) expect(classes).toContain(key);
        if (kind === 'condition' || kind === 'history') expect(sets).toContain(key);
      }
    }
  });
});

describe('a finding', () => {
  test('keeps its headline under 140 characters, whatever the medicines are called', () => {
    const chart = { age: 66, medicines: [lisinopril, spironolactone, { rxcui: '644', name: 'amiloride' }] };
    for (const value of [4.1, 5.0, 5.6, 6.2]) {
      const results = { potassium: { value, unit: 'mmol/L', date: '2026-11-19' } };
      expect(finding('raas-inhibitor-potassium-sparing', { ...chart, results }).summary.length).toBeLessThan(140);
    }
  });

  test('names the sides instead of nine NSAIDs that would not fit', () => {
    const names =
      'ibuprofen naproxen meloxicam indomethacin meclofenamate flurbiprofen ketoprofen etodolac nabumetone'.split(' ');
    const nsaids =
      library.drugClasses.find(({ id }) => id === 'nsaid')?.members.filter(({ name }) => names.includes(name)) ?? [];
    expect(nsaids).toHaveLength(9);
    const { summary } = finding('warfarin-nsaid', { age: 50, medicines: [warfarin, ...nsaids] });
    expect(summary.length).toBeLessThan(140);
    expect(summary).toContain('an NSAID');
  });

  test('shows potassium with unit and date when potassium decides', () => {
    const results = { potassium: { value: 6.2, unit: 'mmol/L', date: '2026-11-19' } };
    const { because } = finding('raas-inhibitor-potassium-sparing', {
      age: 66,
      medicines: [lisinopril, spironolactone],
      results,
    });
    expect(because).toHaveLength(2);
    expect(because[0]).toMatchObject({
      path: 'observation.potassium',
      value: 6.2,
      unit: 'mmol/L',
      effective: on('2026-11-19'),
    });
  });

  test('shows the eGFR beside the potassium, since both decide', () => {
    const results = {
      potassium: { value: 6.2, unit: 'mmol/L', date: '2026-11-19' },
      egfr: { value: 47, unit: 'mL/min/{1.73_m2}', date: '2026-11-19' },
    };
    const { because } = finding('raas-inhibitor-potassium-sparing', {
      age: 66,
      medicines: [lisinopril, spironolactone],
      results,
    });
    expect(because.map(({ path }) => path)).toEqual(['observation.potassium', 'derived.egfr']);
  });

  test('names the combination product by the ingredient that matters', () => {
    const facts = factsOf({ age: 66, medicines: [spironolactone, lisinopril] });
    const both = {
      ...facts.medication[1],
      ingredients: [
        { rxcui: '5487', name: 'hydrochlorothiazide' },
        { rxcui: '29046', name: 'lisinopril' },
      ],
    };
    const changed = { ...facts, medication: [facts.medication[0], both] } as typeof facts;
    const held = leadingInteractions(matchInteractions(changed, library, NOW), library).find(
      ({ id }) => id === 'raas-inhibitor-potassium-sparing',
    );
    expect(held?.pair.names).toEqual({ object: 'spironolactone', precipitant: 'lisinopril' });
  });

  test('says which unknown fact could change it', () => {
    const { logic, basis, limitation } = finding('warfarin-nsaid', {
      age: 50,
      medicines: [warfarin, ibuprofen],
      conditionList: 'refused',
    });
    expect(logic.filter(({ held }) => held === 'unknown')).toHaveLength(1);
    expect(basis.missing).toMatchObject([{ path: 'history.upper-gi-bleed', absence: 'refused' }]);
    expect(limitation).toContain('could change this');
  });

  test('is not lowered while a fact that would raise it is unknown', () => {
    const results = { egfr: { value: 85, unit: 'mL/min/{1.73_m2}', date: '2026-11-19' } };
    const { indicator } = finding('raas-inhibitor-potassium-sparing', {
      age: 66,
      medicines: [lisinopril, spironolactone],
      results: { ...results, potassium: { value: 3.4, unit: 'mmol/L', date: '2026-11-19', comparator: '>' } },
    });
    expect(indicator).toBe('warning');
  });

  test('says that a medicine was recognised by its name only', () => {
    const facts = factsOf({ age: 50, medicines: [warfarin, ibuprofen] });
    const byName = { ...facts, medication: facts.medication.map((m) => ({ ...m, resolution: 'by-name' as const })) };
    const resolver = createResolver({ facts: byName, library, now: NOW });
    const [found] = evaluateInteractions({ facts: byName, library, resolver, now: NOW }).filter(
      ({ id }) => id === 'warfarin-nsaid',
    );
    expect(found?.status === 'finding' && found.finding.basis.used[0]?.note).toContain('recognised by its name');
  });
});

test('a modifier that would lower the tier waits for the graver one before it', () => {
  const [first] = library.interactions;
  if (!first) throw new Error('no interaction');
  const modifier = { summary: 'x', because: 'x' };
  const made = {
    ...first,
    id: 'made',
    object: { label: 'warfarin', ingredients: [warfarin] },
    precipitant: { label: 'ibuprofen', ingredients: [ibuprofen] },
    indicator: 'warning' as const,
    modifiers: [
      {
        ...modifier,
        id: 'graver',
        when: 'history.upperGiBleed',
        needs: ['history.upper-gi-bleed'],
        indicator: 'critical' as const,
      },
      { ...modifier, id: 'lower', when: 'patient.age < 60', needs: ['patient.age'], indicator: 'info' as const },
    ],
  };
  const with_ = { ...library, interactions: [made] };
  const tier = (chart: Chart) => {
    const facts = factsOf({ age: 50, medicines: [warfarin, ibuprofen], ...chart });
    const resolver = createResolver({ facts, library: with_, now: NOW });
    const [evaluation] = evaluateInteractions({ facts, library: with_, resolver, now: NOW });
    return evaluation?.status === 'finding' ? evaluation.finding.indicator : evaluation?.status;
  };
  expect(tier({})).toBe('info');
  expect(tier({ conditionList: 'refused' })).toBe('warning');
});

test('a potassium too old to use is shown as stale, not as used', () => {
  const results = { potassium: { value: 4.1, unit: 'mmol/L', date: '2026-07-20' } };
  const { basis, logic } = finding('raas-inhibitor-potassium-sparing', {
    age: 66,
    medicines: [lisinopril, spironolactone],
    results,
  });
  expect(basis.stale).toMatchObject([{ path: 'observation.potassium', value: 4.1 }]);
  expect(basis.used.map(({ path }) => path)).not.toContain('observation.potassium');
  expect(logic.filter(({ held }) => held === 'unknown')[0]?.value).toContain('older than 90 days');
});

test('every fact in an expression is declared as needed, so that a typing error cannot hide as "unknown"', () => {
  for (const { modifiers } of library.interactions)
    for (const { when, needs } of modifiers)
      expect(needs.map(placeOf).map((place) => place.join('.'))).toEqual(expect.arrayContaining([...placesIn(when)]));
});

test('a medicine nobody recognised does not hide in "not applicable"', () => {
  const evaluation = check('warfarin-nsaid', { age: 50, medicines: [warfarin, { name: 'herbal mixture' }] });
  expect(evaluation.status).toBe('not-applicable');
  expect(evaluation.status === 'not-applicable' && evaluation.basis.missing).toMatchObject([
    { text: 'herbal mixture: not recognised' },
  ]);
});

test('30 medicines that do not interact are matched without FHIRPath', () => {
  const partners = new Set(library.interactions.flatMap(({ object }) => [...(object.classes ?? [])]));
  const medicines = library.ingredients
    .filter(({ classes, traits }) => Object.keys(traits).length === 0 && !classes.some((id) => partners.has(id)))
    .slice(0, 30);
  expect(medicines).toHaveLength(30);
  const facts = factsOf({ age: 50, medicines });
  const resolver = {
    resolve: () => {
      throw new Error('nothing may be asked');
    },
  };
  const evaluations = evaluateInteractions({ facts, library, resolver, now: NOW });
  expect(evaluations).toMatchObject([{ id: 'interactions', status: 'not-applicable' }]);
});

test('a drug that the library knows nothing of is not covered by "none other"', () => {
  const facts = factsOf({ age: 50, medicines: [warfarin, { name: 'a new drug', rxcui: '99999999' }] });
  const resolver = createResolver({ facts, library, now: NOW });
  expect(evaluateInteractions({ facts, library, resolver, now: NOW })).toMatchObject([
    {
      id: 'interactions',
      status: 'data-required',
      missing: [{ text: 'a new drug: the library knows nothing of this drug' }],
    },
  ]);
});
