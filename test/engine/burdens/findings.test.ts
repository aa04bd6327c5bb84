import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../models/engine/evaluation.ts';
import type { MedicationFact } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import { type Chart, factsOf, medicine } from '../interactions-chart.ts';
import { evaluationsOf, library } from './burdens-chart.ts';

function drug(rxcui: string, name: string, more: Partial<MedicationFact> = {}): MedicationFact {
  return { ...medicine({ rxcui, name }), ...more };
}

function findings(medication: readonly MedicationFact[], chart: Chart = {}, of: Library = library) {
  const facts = { ...factsOf({ age: 50, ...chart }), medication };
  return new Map<string, Finding>(
    evaluationsOf(facts, of).flatMap((one) => (one.status === 'finding' ? [[one.id, one.finding] as const] : [])),
  );
}

function finding(id: string, medication: readonly MedicationFact[], chart: Chart = {}): Finding {
  const found = findings(medication, chart).get(`burden-${id}`);
  if (!found) throw new Error(`no finding of ${id}`);
  return found;
}

const citalopram = drug('2556', 'citalopram');
const ondansetron = drug('26225', 'ondansetron');
const mirtazapine = drug('15996', 'mirtazapine');
const lisinopril = drug('29046', 'lisinopril');
const spironolactone = drug('9997', 'spironolactone');
const ibuprofen = drug('5640', 'ibuprofen');
const potassium = (value: number) => ({ potassium: { value, unit: 'mmol/L', date: '2026-11-19' } });

describe('what a burden says', () => {
  const found = finding('qt', [citalopram, ondansetron], {
    results: { ...potassium(3.2), qtc: { value: 490, unit: 'ms', date: '2026-11-18' } },
  });

  test('adds up in words, as its own count', () => {
    expect(found.detail).toBe(
      'Together they lengthen the QT interval, which can end in torsades de pointes. Attune’s additive count, not a validated score: citalopram 3, ondansetron 3, QTc is 470 ms or more 3, potassium is below 3.5 mmol/L 2; together 11.',
    );
  });

  test('shows first the measurements on which the tier turns, with unit, date and source', () => {
    expect(found.because.map(({ label, value, unit, sources }) => [label, value, unit, sources])).toEqual([
      ['QTc interval', 490, 'ms', ['Observation/qtc']],
      ['Potassium', 3.2, 'mmol/L', ['Observation/potassium']],
    ]);
    expect(found.because.every(({ effective }) => effective !== undefined)).toBe(true);
  });

  test('gives each medicine and each fact its line of logic, unknown ones as unknown', () => {
    expect(found.logic.map(({ text, held }) => `${held} ${text}`)).toEqual([
      'met citalopram: known to prolong QT, weight 3',
      'met ondansetron: known to prolong QT, weight 3',
      'not-met QTc is 500 ms or more',
      'met QTc is 470 ms or more',
      'met QTc is 450 ms or more',
      'met potassium is below 3.5 mmol/L',
      'unknown magnesium is below 1.7 mg/dL',
      'not-met heart failure',
      'not-met age is 65 or more',
      'not-met female sex',
      'unknown eGFR is below 30',
    ]);
  });

  test('cites what names the medicines, and what the tier and the facts rest on', () => {
    expect(found.citations.map(({ text }) => text.slice(0, 22))).toEqual(
      expect.arrayContaining(['FDA on ondansetron (15', 'FDA on citalopram (201', 'Drug-induced prolongat']),
    );
  });

  test('keeps its headline under 140 characters by counting where the names are too many', () => {
    const many = ['703', '9947', '4083', '6813', '5093', '21212', '82122', '115698', '51272'].map((rxcui) =>
      drug(rxcui, library.ingredients.find((each) => each.rxcui === rxcui)?.name ?? rxcui),
    );
    const { summary } = finding('qt', many);
    expect(summary.length).toBeLessThan(140);
    expect(summary).toMatch(/^Review and get an ECG: (\d medicines|[\w, ]+) prolong QT together$/);
  });
});

describe('what is not known', () => {
  test('is named when it could change the tier, and only then', () => {
    const open = finding('potassium', [lisinopril, spironolactone]);
    expect(open.limitation).toContain('Not known, and could change this: Potassium');
    const settled = finding('potassium', [lisinopril, spironolactone], { results: potassium(6.1) });
    expect(settled.limitation).not.toContain('Not known');
  });

  test('is the medication list where it came in part', () => {
    const partial = finding('qt', [citalopram, ondansetron], { medicationList: 'incomplete' });
    expect(partial.limitation).toContain('The medication list did not arrive in full.');
  });

  test('is an entry that nobody could identify: named beside the silence', () => {
    const facts = { ...factsOf({ age: 50 }), medication: [medicine({ name: 'Xyzzy forte' })] };
    const qt = evaluationsOf(facts).find(({ id }) => id === 'burden-qt');
    expect(qt?.status === 'not-applicable' && qt.basis.missing.map(({ text }) => text)).toEqual([
      'Xyzzy forte: not recognised',
    ]);
  });
});

describe('what counts', () => {
  test('is said to be as needed, reported or by an unknown route', () => {
    const asNeeded = finding('qt', [citalopram, { ...ondansetron, asNeeded: true, route: 'unknown', text: 'Zofran' }]);
    expect(asNeeded.logic[1]?.value).toBe('Zofran (as needed)');
    expect(asNeeded.basis.used.find(({ label }) => label === 'ondansetron')?.note).toBe(
      'route not stated, taken as systemic; as needed',
    );
  });

  test('is an ingredient once, however many products hold it', () => {
    const twice = [citalopram, { ...citalopram, text: 'Celexa' }];
    expect(findings(twice).has('burden-qt')).toBe(false);
  });

  test('is not one fixed product alone, but both its parts beside a third', () => {
    const both = drug('29046', 'lisinopril / hydrochlorothiazide', {
      ingredients: [
        { rxcui: '29046', name: 'lisinopril' },
        { rxcui: '5487', name: 'hydrochlorothiazide' },
      ],
    });
    expect(findings([both]).size).toBe(0);
    expect(finding('triple-whammy', [both, ibuprofen]).summary).toContain('hydrochlorothiazide');
  });

  test('is one of the parts of a product that are of one group', () => {
    const tazocin = drug('8339', 'piperacillin / tazobactam', {
      ingredients: [
        { rxcui: '8339', name: 'piperacillin' },
        { rxcui: '37617', name: 'tazobactam' },
      ],
    });
    expect(findings([tazocin]).has('burden-nephrotoxic')).toBe(false);
    expect(finding('nephrotoxic', [tazocin, drug('11124', 'vancomycin')]).detail).toMatch(/; together 4\.$/);
  });
});

describe('recalled pharmacology', () => {
  test('makes no critical: the same chart is critical only for a medicine whose part is documented', () => {
    const long = { results: { qtc: { value: 520, unit: 'ms', date: '2026-11-18' } } };
    expect(finding('qt', [citalopram], long).indicator).toBe('critical');
    const recalled = finding('qt', [mirtazapine], long);
    expect(recalled.indicator).toBe('warning');
    expect(recalled.limitation).toContain('recalled, not verified against a source');
  });
});

describe('one card', () => {
  test('is led by the burden where a pair of the same tier and key is found too', () => {
    const facts = { ...factsOf({ age: 50 }), medication: [citalopram, ondansetron] };
    const evaluations = evaluationsOf(facts);
    const pair = {
      id: 'pair',
      kind: 'interaction',
      title: 'pair',
      version: '1.0.0',
      status: 'finding',
      finding: { ...finding('qt', [citalopram, ondansetron]), summary: 'A pair' },
    } as const;
    const { today } = prioritise([pair, ...evaluations], facts);
    expect(today.map(({ from }) => from)).toEqual([['burden-qt', 'pair']]);
    expect(today[0]?.summary).toContain('citalopram and ondansetron');
  });
});

describe('whatever the list', () => {
  const TIER = { info: 0, warning: 1, critical: 2 };
  const protective = new Set(
    library.drugClasses.find(({ id }) => id === 'gastroprotective')?.members.map((m) => m.rxcui),
  );
  const anyDrug = fc
    .constantFrom(...library.ingredients.filter(({ rxcui }) => !protective.has(rxcui)))
    .map(({ rxcui, name }) => drug(rxcui, name));
  const list = fc.uniqueArray(anyDrug, { maxLength: 12, selector: ({ text }) => text });

  test('the order of medicines never matters', () => {
    fc.assert(
      fc.property(list, (medicines) => {
        const one = findings(medicines);
        const other = findings([...medicines].reverse());
        expect([...other].map(([id, { indicator, summary, detail }]) => [id, indicator, summary, detail])).toEqual(
          [...one].map(([id, { indicator, summary, detail }]) => [id, indicator, summary, detail]),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('a medicine more never takes a burden away or lowers it', () => {
    fc.assert(
      fc.property(list, anyDrug, (medicines, more) => {
        const before = findings(medicines);
        const after = findings([...medicines, more]);
        for (const [id, { indicator }] of before)
          expect(TIER[after.get(id)?.indicator ?? 'info'] >= TIER[indicator] && after.has(id), id).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('every headline fits and every burden says what to do', () => {
    fc.assert(
      fc.property(list, (medicines) => {
        for (const { summary, action, citations } of findings(medicines).values()) {
          expect(summary.length).toBeLessThan(140);
          expect(summary).not.toMatch(/[{}]/);
          expect(action?.text).not.toMatch(/[{}]/);
          expect(citations.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });
});
