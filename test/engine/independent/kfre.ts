/**
 * The kidney failure risk equations written out by hand from the published form (Tangri, JAMA 2016;315:164, supplement):
 * risk = 1 − S₀^exp(Σ β × (x − mean)). Shares nothing with the library: no manifest, no formula language.
 */

/** One person: age in years, eGFR in mL/min/1.73 m², ACR in mg/g, albumin in g/dL, phosphate and calcium in mg/dL, bicarbonate in mmol/L. */
export interface Person {
  readonly age: number;
  readonly sex: 'female' | 'male';
  readonly egfr: number;
  readonly acr: number;
  readonly diabetes: boolean;
  readonly hypertension: boolean;
  readonly albumin: number;
  readonly phosphate: number;
  readonly bicarbonate: number;
  readonly calcium: number;
}

type Region = 'north-america' | 'elsewhere';
type Horizon = 2 | 5;

/** The probability of kidney failure within `years`. */
export function kidneyFailureRisk(
  variables: 4 | 6 | 8,
  { person, region, years }: { readonly person: Person; readonly region: Region; readonly years: Horizon },
): number {
  const { baseline, sum } = { 4: four, 6: six, 8: eight }[variables](person);
  const survival = baseline[`${region} ${years}`];
  if (survival === undefined) throw new RangeError(`${region} ${years}`);
  return 1 - survival ** Math.exp(sum);
}

interface Equation {
  readonly baseline: Readonly<Record<string, number>>;
  readonly sum: number;
}

function four(p: Person): Equation {
  const male = p.sex === 'male' ? 1 : 0;
  return {
    baseline: {
      'north-america 2': 0.975,
      'north-america 5': 0.924,
      'elsewhere 2': 0.9832,
      'elsewhere 5': 0.9365,
    },
    sum:
      -0.2201 * (p.age / 10 - 7.036) +
      0.2467 * (male - 0.5642) -
      0.5567 * (p.egfr / 5 - 7.222) +
      0.451 * (Math.log(p.acr) - 5.137),
  };
}

function six(p: Person): Equation {
  const male = p.sex === 'male' ? 1 : 0;
  return {
    baseline: { 'north-america 2': 0.975, 'north-america 5': 0.924, 'elsewhere 2': 0.983, 'elsewhere 5': 0.937 },
    sum:
      -0.2218 * (p.age / 10 - 7.036) +
      0.2553 * (male - 0.5642) -
      0.5541 * (p.egfr / 5 - 7.222) +
      0.4562 * (Math.log(p.acr) - 5.137) -
      0.1475 * (Number(p.diabetes) - 0.5106) +
      0.1426 * (Number(p.hypertension) - 0.8501),
  };
}

function eight(p: Person): Equation {
  const male = p.sex === 'male' ? 1 : 0;
  return {
    baseline: {
      'north-america 2': 0.978,
      'north-america 5': 0.9301,
      'elsewhere 2': 0.9827,
      'elsewhere 5': 0.9245,
    },
    sum:
      -0.1992 * (p.age / 10 - 7.036) +
      0.1602 * (male - 0.5642) -
      0.4919 * (p.egfr / 5 - 7.222) +
      0.3364 * (Math.log(p.acr) - 5.137) -
      0.3441 * (p.albumin - 3.997) +
      0.2604 * (p.phosphate - 3.916) -
      0.07354 * (p.bicarbonate - 25.57) -
      0.2228 * (p.calcium - 9.355),
  };
}
