import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExposureObject, ExposurePrecipitant } from '../../../models/engine/exposure/knowledge.ts';
import { type Acting, exposureOf, factorsOf } from '../../../models/engine/exposure/model.ts';

const constants = { gutInduction: 2, singleDose: 0.35, residual: 0.25 };
const object = (cr: Record<string, number>, more: Partial<ExposureObject> = {}): ExposureObject => ({
  name: 'object',
  cr: Object.fromEntries(Object.entries(cr).map(([pathway, value]) => [pathway, [value, 'A'] as const])),
  ...more,
});
const precipitant = (of: { ir?: Record<string, number>; ic?: Record<string, number> }): ExposurePrecipitant => ({
  name: 'precipitant',
  ...Object.fromEntries(
    Object.entries(of).map(([kind, by]) => [
      kind,
      Object.fromEntries(Object.entries(by).map(([pathway, value]) => [pathway, [value, 'A'] as const])),
    ]),
  ),
});
const steady = (each: ExposurePrecipitant): Acting => ({ precipitant: each, regimen: 'steady' });

function ratio(of: ExposureObject, by: readonly Acting[], activity: Record<string, number> = {}): number {
  return exposureOf(factorsOf(of, by, { activity, constants }));
}

describe('the sum', () => {
  it('one inhibited pathway: 1 / (CR·(1−IR) + 1−CR)', () => {
    const strong = precipitant({ ir: { CYP3A4: 0.9 } });
    expect(ratio(object({ CYP3A4: 0.8 }), [steady(strong)])).toBeCloseTo(1 / (0.8 * 0.1 + 0.2), 12);
  });
  it('one induced pathway: 1 / (CR·(1+IC) + 1−CR)', () => {
    expect(ratio(object({ CYP3A4: 0.8 }), [steady(precipitant({ ic: { CYP3A4: 3 } }))])).toBeCloseTo(
      1 / (0.8 * 4 + 0.2),
      12,
    );
  });
  it('the genotype and an inhibitor of the other pathway act in one sum, not one after the other', () => {
    const two = object({ CYP2D6: 0.5, CYP3A4: 0.4 });
    expect(ratio(two, [steady(precipitant({ ir: { CYP3A4: 0.9 } }))], { CYP2D6: 0 })).toBeCloseTo(
      1 / (0.4 * 0.1 + 0.1),
      12,
    );
  });
  it('a poor metaboliser gains nothing from an inhibitor of the same enzyme', () => {
    const desipramine = object({ CYP2D6: 0.9 });
    const alone = ratio(desipramine, [], { CYP2D6: 0 });
    expect(ratio(desipramine, [steady(precipitant({ ir: { CYP2D6: 0.95 } }))], { CYP2D6: 0 })).toBeCloseTo(alone, 12);
  });
  it('two inhibitors of one enzyme add as concentrations over Ki', () => {
    const half = steady(precipitant({ ir: { CYP3A4: 0.5 } }));
    expect(ratio(object({ CYP3A4: 0.99 }), [half, half])).toBeCloseTo(1 / (0.99 / 3 + 0.01), 12);
  });
  it('uptake comes before elimination: its stage multiplies', () => {
    const statin = object({ CYP3A4: 0.6, OATP1B1: 0.8 });
    const both = precipitant({ ir: { CYP3A4: 0.5, OATP1B1: 0.5 } });
    expect(ratio(statin, [steady(both)])).toBeCloseTo(1 / (0.6 * 0.5 + 0.4) / (0.8 * 0.5 + 0.2), 12);
  });
  it('rifampicin inhibits a transporter with a single dose and induces it over days', () => {
    const rifampin = precipitant({ ir: { OATP1B1: 0.9 }, ic: { OATP1B1: 0.6 } });
    const rosuvastatin = object({ OATP1B1: 0.85 });
    expect(ratio(rosuvastatin, [{ precipitant: rifampin, regimen: 'single' }])).toBeGreaterThan(3);
    expect(ratio(rosuvastatin, [steady(rifampin)])).toBeLessThan(1);
  });
  it('a single dose induces nothing and inhibits an enzyme less than steady intake', () => {
    const inducer = precipitant({ ic: { CYP3A4: 7 } });
    expect(ratio(object({ CYP3A4: 0.9 }), [{ precipitant: inducer, regimen: 'single' }])).toBe(1);
    const azole = precipitant({ ir: { CYP3A4: 0.95 } });
    const [once, long] = (['single', 'steady'] as const).map((regimen) =>
      ratio(object({ CYP3A4: 0.9 }), [{ precipitant: azole, regimen }]),
    );
    expect(once).toBeLessThan(long ?? 0);
    expect(once).toBeGreaterThan(1.5);
  });
  it('the gut wall makes induction of CYP3A4 count more, and no other', () => {
    const inducer = steady(precipitant({ ic: { CYP3A4: 7, CYP2C9: 2 } }));
    expect(ratio(object({ CYP3A4: 0.9 }, { flags: ['gut'] }), [inducer])).toBeLessThan(
      ratio(object({ CYP3A4: 0.9 }), [inducer]),
    );
    expect(ratio(object({ CYP2C9: 0.9 }, { flags: ['gut'] }), [inducer])).toBe(
      ratio(object({ CYP2C9: 0.9 }), [inducer]),
    );
  });
  it('inhibitors only raise, inducers only lower, and nothing is ever below zero or infinite', () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, share, share, fc.double({ min: 0, max: 15, noNaN: true }), (a, b, ir, ic) => {
        const drug = object({ CYP3A4: a * 0.5, CYP2D6: b * 0.49 });
        const inhibited = ratio(drug, [steady(precipitant({ ir: { CYP3A4: ir } }))]);
        const induced = ratio(drug, [steady(precipitant({ ic: { CYP3A4: ic } }))]);
        expect(inhibited).toBeGreaterThanOrEqual(1);
        expect(induced).toBeLessThanOrEqual(1);
        expect(induced).toBeGreaterThan(0);
        expect(Number.isFinite(inhibited)).toBe(true);
      }),
    );
  });
});
