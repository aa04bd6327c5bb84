/** Why a number, the way back, and a number measured again: exact, minimal, repeatable, and never about a treatment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributions } from '../../models/engine/explain/contributions.ts';
import { equationOf, isChangeable } from '../../models/engine/explain/equation.ts';
import { nextBestTest } from '../../models/engine/explain/next-test.ts';
import { remeasured } from '../../models/engine/explain/remeasured.ts';
import { movesOf, PAIR_STEPS, smallestChange } from '../../models/engine/explain/smallest-change.ts';
import { tierOf, tiersFor } from '../../models/engine/explain/tiers.ts';
import { plausible, variations } from '../../models/engine/explain/variation.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { equation, explained, personFor, womanWithHighCholesterol } from './explain-patients.ts';

const treatments = ['statin', 'bp_tx'];
const prevent = equation('prevent-base-10yr');
const pce = equation('pce-2013');

function referenceOf(model: RegressionModel): Readonly<Record<string, number>> {
  if (!model.reference) throw new Error(`${model.id} has no reference person`);
  return model.reference.values;
}

/** The sum of all that is shown. */
function sumOf(parts: ReturnType<typeof contributions>): number {
  return (
    parts.lines.reduce((sum, { value }) => sum + value, 0) + (parts.treatment?.value ?? 0) + (parts.others?.value ?? 0)
  );
}

describe('Contributions', () => {
  it.each(explained.map((model) => [model.id, model] as const))(
    '%s: the lines add up to the difference from the reference person, to 1e-9, for any person',
    (_, model) => {
      const [outcome] = model.outcomes;
      fc.assert(
        fc.property(personFor(model), (values) => {
          const { together } = model.reference ?? {};
          const asked = { model, values, reference: referenceOf(model), outcome: outcome?.id ?? '' };
          const parts = contributions({ ...asked, ...(together ? { together } : {}) });
          const number = equationOf(model, outcome?.id ?? '');
          expect(parts.patient).toBe(number(values));
          expect(Math.abs(sumOf(parts) - (parts.patient - parts.reference))).toBeLessThan(1e-9);
          expect(parts.lines.length).toBeLessThanOrEqual(5);
          expect(parts.lines.filter(({ name }) => treatments.includes(name))).toEqual([]);
        }),
        { numRuns: 12 },
      );
    },
    60_000,
  );

  it('do not depend on the order of the inputs', () => {
    const turned = { ...prevent, inputs: [...prevent.inputs].reverse() };
    const ask = (model: RegressionModel) =>
      contributions({ model, values: womanWithHighCholesterol, reference: referenceOf(prevent), outcome: 'ascvd' });
    for (const line of ask(prevent).lines)
      expect(ask(turned).lines.find(({ name }) => name === line.name)?.value).toBeCloseTo(line.value, 12);
  });

  it('equal the mean over every order of changing one input after the other', () => {
    const values = { ...womanWithHighCholesterol, statin: 0 };
    const reference = { sbp: 110, total_c: 170, hdl: 50 };
    const number = equationOf(prevent, 'total_cvd');
    const orders = [
      ['sbp', 'total_c', 'hdl'],
      ['sbp', 'hdl', 'total_c'],
      ['total_c', 'sbp', 'hdl'],
      ['total_c', 'hdl', 'sbp'],
      ['hdl', 'sbp', 'total_c'],
      ['hdl', 'total_c', 'sbp'],
    ] as const;
    const share = { sbp: 0, total_c: 0, hdl: 0 };
    for (const order of orders) {
      const person: Record<string, number> = { ...values, ...reference };
      for (const name of order) {
        const before = number(person as typeof values);
        person[name] = values[name];
        share[name] += (number(person as typeof values) - before) / orders.length;
      }
    }
    const { lines } = contributions({ model: prevent, values, reference, outcome: 'total_cvd' });
    for (const { name, value } of lines) expect(value).toBeCloseTo(share[name as keyof typeof share], 12);
  });

  it('diabetes and HbA1c measure one thing: they share a line, which is no smaller than nothing where both are raised', () => {
    const model = equation('prevent-hba1c-10yr');
    const values = { ...womanWithHighCholesterol, statin: 0, dm: 1, hba1c: 7.1 };
    const asked = { model, values, reference: referenceOf(model), outcome: 'total_cvd' };
    const { together = [] } = model.reference ?? {};
    const apart = contributions(asked).lines.map(({ names }) => names);
    const { lines } = contributions({ ...asked, together });
    expect(apart).toContainEqual(['hba1c']);
    expect(lines.map(({ names }) => names)).toContainEqual(['dm', 'hba1c']);
    const joined = lines.find(({ name }) => name === 'dm');
    expect(joined).toMatchObject({ label: 'Diabetes and HbA1c', changeable: true });
    expect(joined?.value).toBeGreaterThan(0);
    // With HbA1c as in the reference, diabetes stands alone under its own name.
    const alone = contributions({ ...asked, values: { ...values, hba1c: 5.3 }, together });
    expect(alone.lines.map(({ label }) => label)).toContain('Diabetes');
  });

  it('name what can be changed first, and treatments in a line of their own', () => {
    const parts = contributions({
      model: prevent,
      values: { ...womanWithHighCholesterol, dm: 1, bp_tx: 1, egfr: 40, sbp: 160 },
      reference: referenceOf(prevent),
      outcome: 'total_cvd',
    });
    const changeable = parts.lines.map((line) => line.changeable);
    expect(changeable).toEqual([...changeable].sort((a, b) => Number(b) - Number(a)));
    expect(parts.treatment?.labels).toEqual(['Blood pressure treatment', 'Statin']);
  });

  it('never compare with another age or sex, whatever a reference says', () => {
    const reference = { ...referenceOf(prevent), age: 30, sex: 0 };
    const parts = contributions({ model: prevent, values: womanWithHighCholesterol, reference, outcome: 'ascvd' });
    expect(parts.lines.map(({ name }) => name)).not.toContain('age');
    expect(parts.reference).toBe(
      equationOf(prevent, 'ascvd')({ ...womanWithHighCholesterol, ...referenceOf(prevent) }),
    );
  });

  it('of the reference person are none', () => {
    const values = { ...womanWithHighCholesterol, ...referenceOf(prevent) };
    const parts = contributions({ model: prevent, values, reference: referenceOf(prevent), outcome: 'ascvd' });
    expect(parts).toEqual({ patient: parts.reference, reference: parts.reference, lines: [] });
  });
});

describe('No treatment is ever said to be changeable', () => {
  it('the statin term raises this woman’s number, and still nothing says so', () => {
    const number = equationOf(prevent, 'total_cvd');
    expect(number(womanWithHighCholesterol)).toBeGreaterThan(number({ ...womanWithHighCholesterol, statin: 0 }));
    const parts = contributions({
      model: prevent,
      values: womanWithHighCholesterol,
      reference: referenceOf(prevent),
      outcome: 'total_cvd',
    });
    expect(parts.lines.map(({ name }) => name)).not.toContain('statin');
  });

  it('even where a manifest marks every input as one to try', () => {
    const careless: RegressionModel = {
      ...prevent,
      inputs: prevent.inputs.map((binding) => ({ ...binding, whatIf: { min: 0, max: 1, step: 1 } })),
    };
    const changeable = careless.inputs.filter(isChangeable).map(({ name }) => name);
    expect(changeable).not.toContain('statin');
    expect(changeable).not.toContain('bp_tx');
  });

  it('in no smallest change of any person', () => {
    const [decision] = prevent.decisions ?? [];
    if (!decision) throw new Error('PREVENT has published tiers');
    fc.assert(
      fc.property(personFor(prevent), (values) => {
        const change = smallestChange({ ...askedOf(prevent, values), decision });
        const names = 'changes' in change ? change.changes.map(({ name }) => name) : [];
        expect(names.filter((name) => treatments.includes(name))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

function askedOf(model: RegressionModel, values: Readonly<Record<string, number>>) {
  const [decision] = model.decisions ?? [];
  if (!decision) throw new Error(`${model.id} has no published tiers`);
  return { model, values, reference: referenceOf(model), outcome: decision.outcome, decision };
}

describe('The smallest change that moves the tier', () => {
  it.each([
    ['prevent-base-10yr', prevent],
    ['pce-2013', pce],
  ] as const)(
    '%s: is the least of all the steps of all the inputs, and what it says is a fresh evaluation',
    (_, model) => {
      fc.assert(
        fc.property(personFor(model), (values) => {
          const asked = askedOf(model, values);
          const number = equationOf(model, asked.outcome);
          const now = tierOf(asked.decision, number(values));
          const change = smallestChange(asked);
          const lower = (tried: Readonly<Record<string, number>>) => tierOf(asked.decision, number(tried)) < now;
          const singles = movesOf(asked, Number.POSITIVE_INFINITY).flatMap(({ binding, targets }) =>
            targets.filter(({ to }) => lower({ ...values, [binding.name]: to })).map(({ share }) => share),
          );
          if (now <= 0) {
            expect(change).toEqual({ found: 'lowest-tier' });
            return;
          }
          if (singles.length > 0) {
            expect(change.found).toBe('one');
            if ('size' in change) expect(change.size).toBeCloseTo(Math.min(...singles), 12);
          } else {
            const coarse = movesOf(asked, PAIR_STEPS);
            const pairs = coarse.flatMap((a, index) =>
              coarse
                .slice(index + 1)
                .flatMap((b) =>
                  a.targets.flatMap((first) =>
                    b.targets
                      .filter((second) => lower({ ...values, [a.binding.name]: first.to, [b.binding.name]: second.to }))
                      .map((second) => Math.hypot(first.share, second.share)),
                  ),
                ),
            );
            expect(change.found).toBe(pairs.length > 0 ? 'two' : 'none');
            if ('size' in change) expect(change.size).toBeCloseTo(Math.min(...pairs), 12);
          }
          if (!('changes' in change)) return;
          const changed = { ...values, ...Object.fromEntries(change.changes.map(({ name, to }) => [name, to])) };
          expect(change.value).toBe(number(changed));
          expect(lower(changed)).toBe(true);
        }),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  it('stays inside the attainable limits, and on the way to the reference person', () => {
    for (const model of [prevent, pce])
      fc.assert(
        fc.property(personFor(model), (values) => {
          const change = smallestChange(askedOf(model, values));
          for (const { name, from, to } of 'changes' in change ? change.changes : []) {
            const limits = model.inputs.find((input) => input.name === name)?.whatIf;
            expect(to).toBeGreaterThanOrEqual(limits?.min ?? Number.NaN);
            expect(to).toBeLessThanOrEqual(limits?.max ?? Number.NaN);
            const towards = referenceOf(model)[name] ?? Number.NaN;
            expect(Math.abs(to - towards)).toBeLessThanOrEqual(Math.abs(from - towards));
          }
        }),
        { numRuns: 25 },
      );
  });

  it('is not offered where no tiers were published: thirty years, or an age they were not made for', () => {
    expect(tiersFor(equation('prevent-base-30yr'), 'total_cvd', womanWithHighCholesterol)).toBeUndefined();
    expect(tiersFor(prevent, 'heart_failure', womanWithHighCholesterol)).toBeUndefined();
    expect(tiersFor(pce, 'ascvd', { age: 78, dm: 0 })).toBeUndefined();
    expect(tiersFor(pce, 'ascvd', { age: 70, dm: 0 })?.tiers.map(({ from }) => from)).toEqual([0, 0.05, 0.075, 0.2]);
    expect(tiersFor(equation('score2'), 'risk', { age: 45 })?.tiers.map(({ from }) => from)).toEqual([0, 0.025, 0.075]);
    expect(tiersFor(equation('score2'), 'risk', { age: 60 })?.tiers.map(({ from }) => from)).toEqual([0, 0.05, 0.1]);
  });

  it('is not offered to a person about whom the guideline decides otherwise: treated, diabetic, or at 140 mmHg', () => {
    const asked = (other: Readonly<Record<string, number>>) =>
      tiersFor(prevent, 'total_cvd', { ...womanWithHighCholesterol, ...other });
    expect(asked({})?.tiers.map(({ from }) => from)).toEqual([0, 0.075]);
    expect([asked({ bp_tx: 1 }), asked({ dm: 1 }), asked({ sbp: 140 }), asked({ egfr: 59 })]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('counts a number at the threshold to the tier above it', () => {
    const [decision] = prevent.decisions ?? [];
    if (!decision) throw new Error('PREVENT has published tiers');
    expect(tierOf(decision, 0.075)).toBe(1);
    expect(tierOf(decision, 0.0749999)).toBe(0);
  });
});

const again = { model: prevent, values: womanWithHighCholesterol, outcome: 'total_cvd', draws: 500, seed: 7 };

describe('If measured again', () => {
  it('gives the same band for the same seed, and another for another', () => {
    expect(remeasured(again)).toEqual(remeasured(again));
    expect(remeasured({ ...again, seed: 8 })?.low).not.toBe(remeasured(again)?.low);
  });

  it('holds nine of ten repeats, drawn by another hand', () => {
    const band = remeasured({ ...again, draws: 4000 });
    const number = equationOf(prevent, 'total_cvd');
    const z = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
    const relative = (value: number, cv: number) =>
      value * Math.exp(Math.SQRT2 * Math.sqrt(Math.log(1 + cv * cv)) * z());
    const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
    const { sbp, total_c, hdl, egfr, bmi } = womanWithHighCholesterol;
    const inside = Array.from({ length: 4000 }, () =>
      number({
        ...womanWithHighCholesterol,
        sbp: clamp(sbp + Math.SQRT2 * 13.5 * z(), 90, 180),
        total_c: clamp(relative(total_c, 0.057), 130, 320),
        hdl: clamp(relative(hdl, 0.08), 20, 100),
        egfr: clamp(relative(egfr, 0.06), 15, 140),
        bmi: clamp(bmi + Math.SQRT2 * 0.45 * z(), 18.5, 39.9),
      }),
    ).filter((value) => band && value >= band.low && value <= band.high).length;
    expect(inside / 4000).toBeGreaterThan(0.87);
    expect(inside / 4000).toBeLessThan(0.93);
  });

  it('varies what was measured and what is lacking, never a treatment, an age or a smoker', () => {
    expect(remeasured(again)?.varied.map(({ name }) => name)).toEqual(['sbp', 'total_c', 'hdl', 'egfr', 'bmi']);
    expect(remeasured(again)?.taken).toEqual(['Smoking']);
    const full = equation('prevent-full-10yr');
    const lacking = remeasured({ ...again, model: full })?.varied.filter(({ how }) => how === 'lacking');
    expect(lacking?.map(({ name }) => name)).toEqual(['uacr', 'hba1c']);
    expect(remeasured({ ...again, among: ['age'] })).toBeUndefined();
  });

  it('rests on numbers with a source', () => {
    for (const { citations } of [...Object.values(variations), ...Object.values(plausible)])
      expect(citations.length).toBeGreaterThan(0);
  });
});

describe('The next best test', () => {
  const [decision] = prevent.decisions ?? [];
  if (!decision) throw new Error('PREVENT has published tiers');
  const asked = { ...again, decision };

  it('is offered only where the band holds a published threshold', () => {
    expect(nextBestTest({ ...asked, band: { low: 0.08, high: 0.12 } })).toBeUndefined();
    expect(nextBestTest({ ...asked, band: { low: 0.02, high: 0.074 } })).toBeUndefined();
    expect(nextBestTest({ ...asked, band: { low: 0.06, high: 0.09 } })?.crosses).toEqual([0.075]);
  });

  it('is the measurement that moves the number most by itself', () => {
    const best = nextBestTest({ ...asked, band: { low: 0.06, high: 0.09 } });
    const widths = ['sbp', 'total_c', 'hdl', 'egfr', 'bmi'].map((name) => {
      const alone = remeasured({ ...again, among: [name] });
      return { name, width: (alone?.high ?? 0) - (alone?.low ?? 0) };
    });
    const widest = widths.reduce((a, b) => (b.width > a.width ? b : a));
    expect(best?.input.name).toBe(widest.name);
  });

  it('is one that nobody has made, where that by itself could cross the threshold, though a repeat of another moves more', () => {
    const values = { ...womanWithHighCholesterol, statin: 0, total_c: 230, hdl: 50, sbp: 138, age: 64 };
    const extended = { ...asked, values, extensions: [equation('prevent-uacr-10yr'), equation('prevent-full-10yr')] };
    const near = nextBestTest({ ...extended, band: { low: 0.055, high: 0.116 } });
    expect(near?.input).toMatchObject({ name: 'uacr', how: 'lacking' });
    expect(near?.low).toBeLessThan(0.075);
    expect(near?.high).toBeGreaterThan(0.075);
    // Farther off, no albumin could settle it: then the pressure, which moves the number most, is repeated.
    const far = nextBestTest({ ...extended, values: { ...values, age: 72 }, band: { low: 0.07, high: 0.2 } });
    expect(far?.input).toMatchObject({ name: 'sbp', how: 'measured-again' });
  });

  it('can be a measurement that another model of the family takes', () => {
    const values = { ...womanWithHighCholesterol, sbp: 100 };
    const narrow: RegressionModel = { ...prevent, inputs: prevent.inputs.filter(({ name }) => name !== 'sbp') };
    const best = nextBestTest({
      ...asked,
      model: {
        ...prevent,
        inputs: narrow.inputs.filter(({ name }) => !['total_c', 'hdl', 'egfr', 'bmi'].includes(name)),
      },
      values,
      band: { low: 0.06, high: 0.09 },
      extensions: [equation('prevent-uacr-10yr')],
    });
    expect(best?.input).toMatchObject({ name: 'uacr', how: 'lacking' });
    expect(best?.by.id).toBe('prevent-uacr-10yr');
  });
});
