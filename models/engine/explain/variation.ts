/** How much a measurement varies in one person from one occasion to the next, and what a lacking one could be. */
import type { FactPath } from '../facts/facts.ts';
import type { Citation } from '../measured.ts';

/** Analytical and within-person biological variation of one measurement, as relative or absolute standard deviation. */
export interface Variation {
  readonly spread: { readonly relative: number } | { readonly absolute: number };
  readonly text: string;
  readonly citations: readonly Citation[];
}

const opened = '2026-11-22';

/** By fact path; what has no entry is taken as it is, and said to be. Absolute spreads are in the unit of our bindings. */
export const variations: Readonly<Record<FactPath, Variation>> = {
  'observation.systolic-blood-pressure': {
    spread: { absolute: 13.5 },
    text: 'standard deviation between visits 13.5 mmHg (treated adults of 65 and older in routine care)',
    citations: [
      {
        text: 'Muntner P et al. Reproducibility of visit-to-visit variability of blood pressure measured as part of routine clinical care. J Hypertens 2011;29:2332-2338',
        doi: '10.1097/HJH.0b013e32834cf213',
        url: 'https://pmc.ncbi.nlm.nih.gov/articles/PMC4867495',
        place: 'Abstract, Results',
        basis: 'opened',
        opened,
      },
    ],
  },
  'observation.total-cholesterol': {
    spread: { relative: 0.057 },
    text: 'coefficient of variation 5.7 % over four weeks, analysis included',
    citations: [
      {
        text: 'Intraindividual variation in serum cholesterol (33 men, 12 measurements each). Ned Tijdschr Geneeskd 1992;136:1507-1511',
        url: 'https://eurekamag.com/research/002/416/002416157.php',
        place: 'Abstract',
        basis: 'opened',
        opened,
      },
    ],
  },
  'observation.hdl-cholesterol': {
    spread: { relative: 0.08 },
    text: 'coefficient of variation about 8 %: within-person about 7 %, analytical at most 4 %',
    citations: [
      { text: 'Ricós C et al., database of biological variation (HDL cholesterol, within-person)', basis: 'recalled' },
      { text: 'National Cholesterol Education Program, analytical goal for HDL cholesterol', basis: 'recalled' },
    ],
  },
  'derived.egfr': {
    spread: { relative: 0.06 },
    text: 'coefficient of variation 6 %, from a reference change value of 16.5 %',
    citations: [
      {
        text: 'Biological variation and reference change value of the estimated glomerular filtration rate in humans: a systematic review and meta-analysis. Front Med 2022;9:1009358 (16.5 % divided by 1.96 and the square root of 2)',
        doi: '10.3389/fmed.2022.1009358',
        url: 'https://frontiersin.org/articles/10.3389/fmed.2022.1009358/full',
        place: 'Abstract, Results',
        basis: 'opened',
        opened,
      },
    ],
  },
  'observation.hba1c': {
    spread: { relative: 0.0151 },
    text: 'coefficient of variation 1.5 %: within-person 1.39 %, analytical 0.6 % (healthy volunteers, days apart)',
    citations: [
      {
        text: 'Li W et al. Short-term biological variation of glycated hemoglobin A1c. 2014',
        doi: '10.3969/j.issn.1674-9081.2014.03.005',
        place: 'Abstract, Results',
        basis: 'opened',
        opened,
      },
    ],
  },
  'observation.uacr': {
    spread: { relative: 0.488 },
    text: 'coefficient of variation 48.8 % within four weeks (adults with type 2 diabetes)',
    citations: [
      {
        text: 'Rasaratnam N et al., within-individual variability of the urine albumin-creatinine ratio in type 2 diabetes, as reported by DocWire News',
        url: 'https://www.docwirenews.com/post/variability-of-uacr-in-patients-with-t2d',
        basis: 'opened',
        opened,
      },
    ],
  },
  'observation.body-mass-index': {
    spread: { absolute: 0.45 },
    text: 'standard deviation at most 0.45 kg/m²: under 1 % of the variance of weight in a trial whose BMI had a standard deviation of 4.5 kg/m²',
    citations: [
      {
        text: 'Measurement of weight in clinical trials: is one day enough? J Obes 2010:413407',
        url: 'https://www.hindawi.com/journals/jobe/2010/413407/',
        place: 'Abstract, Results',
        basis: 'opened',
        opened,
      },
    ],
  },
};

/** What an input that is not there could plausibly be: a range in `unit`, log-spread where it is skewed. */
export interface Plausible {
  readonly range: readonly [number, number];
  readonly unit: string;
  readonly logarithmic: boolean;
  readonly text: string;
  readonly citations: readonly Citation[];
}

const nhanes: Citation = {
  text: 'NHANES 1999-2016, ages 30 to 79, weighted 5th and 95th percentile (computed from the public-use data of the project)',
  basis: 'shared',
};

/** By fact path, in the unit named; a lacking input without an entry (or in another unit) stays lacking. */
export const plausible: Readonly<Record<FactPath, Plausible>> = {
  'observation.uacr': {
    range: [2.6, 61],
    unit: 'mg/g',
    logarithmic: true,
    text: '2.6 to 61 mg/g, as in nine of ten US adults of 30 to 79',
    citations: [nhanes],
  },
  'observation.hba1c': {
    range: [4.8, 7.2],
    unit: '%',
    logarithmic: false,
    text: '4.8 to 7.2 %, as in nine of ten US adults of 30 to 79',
    citations: [nhanes],
  },
};
