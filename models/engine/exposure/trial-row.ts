/** A published AUC ratio as a prediction is asked for it: names and genotypes as the literature writes them. */

import type { ExposureKnowledge, ExposureObject, ExposurePrecipitant } from './knowledge.ts';
import { objectOf, precipitantOf } from './lookup.ts';
import type { Activity } from './model.ts';
import { exposureOf, factorsOf } from './model.ts';

/** One row of a table of observed AUC ratios. */
export interface TrialRow {
  readonly id: string;
  readonly set?: string;
  readonly victim: string;
  readonly victim_rxcui?: string | null;
  readonly perpetrator?: string | null;
  readonly perp_rxcui?: string | null;
  readonly genotype?: string | null;
  readonly perp_regimen?: string | null;
  readonly perp_doses?: readonly string[] | null;
  readonly is_metabolite_or_enantiomer?: boolean | null;
  readonly kind?: string;
}

/** A number, or why there is none. */
export type TrialPrediction = { readonly got: number } | { readonly got: null; readonly declined: string };

/** What the model says of a row. */
export function predictRow(row: TrialRow, knowledge: ExposureKnowledge): TrialPrediction {
  const asked = questionOf(row, knowledge);
  if ('declined' in asked) return { got: null, declined: asked.declined };
  return { got: ratioOf(asked, knowledge) };
}

/** A row that can be predicted. */
export interface Question {
  readonly object: ExposureObject;
  readonly precipitant?: ExposurePrecipitant;
  readonly regimen: 'steady' | 'single';
  readonly activity: Activity;
  /** What the ratio is relative to. */
  readonly reference: Activity;
  /** The table gives reference over genotype. */
  readonly inverted: boolean;
}

/** The row in the model's terms, or the reason why not. */
export function questionOf(row: TrialRow, knowledge: ExposureKnowledge): Question | { readonly declined: string } {
  const object = objectOf({ rxcui: row.victim_rxcui ?? null, name: nameOf(row.victim) }, knowledge);
  if (!object)
    return {
      declined: row.is_metabolite_or_enantiomer
        ? 'a metabolite or enantiomer without parameters of its own'
        : 'object without parameters',
    };
  const precipitant = row.perpetrator
    ? precipitantOf({ rxcui: row.perp_rxcui ?? null, name: nameOf(row.perpetrator) }, knowledge)
    : undefined;
  if (row.perpetrator && !precipitant) return { declined: 'precipitant without parameters' };
  const genotype = genotypeOf(row.genotype ?? '', object, knowledge);
  if ('declined' in genotype) return genotype;
  const refusal = refusalOf(object, precipitant, row);
  if (refusal) return { declined: refusal };
  return {
    object,
    ...(precipitant ? { precipitant } : {}),
    regimen: row.perp_regimen === 'SD' ? 'single' : 'steady',
    ...genotype,
    // In this set a gene effect is the reference over the genotype: 0.27 for a poor metaboliser of atomoxetine, whose AUC is several times higher.
    inverted: row.set === 'OSP_DDGI' && row.kind === 'gene_effect',
  };
}

/** The predicted ratio of a question. */
export function ratioOf(
  { object, precipitant, regimen, activity, reference, inverted }: Question,
  { constants }: Pick<ExposureKnowledge, 'constants'>,
): number {
  const acting = precipitant ? [{ precipitant, regimen }] : [];
  const with_ = exposureOf(factorsOf(object, acting, { activity, constants }));
  const without = exposureOf(factorsOf(object, [], { activity: reference, constants }));
  return inverted ? without / with_ : with_ / without;
}

const SAME: Readonly<Record<string, string>> = {
  rifampicin: 'rifampin',
  'valproic acid': 'valproate',
  ethinylestradiol: 'ethinyl estradiol',
  'mefanamic acid': 'mefenamic acid',
  's-naproxen': 'naproxen',
  '(s)-citalopram': 'escitalopram',
  'd-nebivolol': 'nebivolol',
  'r-metoprolol': 'metoprolol',
  's-metoprolol': 'metoprolol',
  'r-verapamil': 'verapamil',
  's-verapamil': 'verapamil',
  's-warfarin': 'warfarin',
  '(e)-clomiphene': 'clomiphene',
  'dabigatran total': 'dabigatran',
  ciclosporin: 'cyclosporine',
  cyclosporin: 'cyclosporine',
  paracetamol: 'acetaminophen',
  glibenclamide: 'glyburide',
  'grapefruit-juice': 'grapefruit juice',
};

/** Enantiomers whose parent's parameters hold for them have its name; what a table adds in brackets is left out. */
function nameOf(name: string): string {
  const plain = name.toLowerCase().trim();
  const known = SAME[plain];
  if (known) return known;
  const short = plain
    .replace(/\s*-?\s*not approved in (the )?usa?$/, '')
    .replace(/\s*\(.*\)$/, '')
    .trim();
  return SAME[short] ?? short;
}

/** `CYP2D6 AS1.25`, `CYP2D6 PM vs EM`, `CYP2D6 PM vs NM/reference (no perpetrator)`. */
function genotypeOf(
  text: string,
  { cr }: ExposureObject,
  { activity }: ExposureKnowledge,
): Pick<Question, 'activity' | 'reference'> | { readonly declined: string } {
  if (text === '') return { activity: {}, reference: {} };
  const [, gene = '', group = '', , versus] = /^(\S+)\s+(\S+)(\s+vs\s+(\S+))?/.exec(text) ?? [];
  const table = activity[gene];
  if (!table) return { declined: `no activity values for ${gene}` };
  if (!cr[table.pathway]) return { declined: 'the gene’s pathway is not among the object’s' };
  const value = activityOf(group, table.of);
  const reference = versus === undefined ? value : activityOf(versus.split('/')[0] ?? '', table.of);
  if (value === undefined || reference === undefined) return { declined: 'genotype group without an activity' };
  return { activity: { [table.pathway]: value }, reference: { [table.pathway]: reference } };
}

const GROUPS: Readonly<Record<string, string>> = {
  PM: 'Poor Metabolizer',
  IM: 'Intermediate Metabolizer',
  NM: 'Normal Metabolizer',
  EM: 'Normal Metabolizer',
  RM: 'Rapid Metabolizer',
  UM: 'Ultrarapid Metabolizer',
  fastNM: 'Rapid Metabolizer',
};

function activityOf(group: string, of: Readonly<Record<string, number>>): number | undefined {
  const score = /^AS(\d+(?:\.\d+)?)$/.exec(group)?.[1];
  return score === undefined ? of[GROUPS[group] ?? group] : (of[score] ?? Number(score) / 2);
}

/** Cases that the model does not describe, by name. */
function refusalOf(
  object: ExposureObject,
  precipitant: ExposurePrecipitant | undefined,
  row: TrialRow,
): string | undefined {
  if (!precipitant) return undefined;
  if (object.rxcui !== undefined && object.rxcui === precipitant.rxcui) return 'a drug on itself';
  for (const pathway of Object.keys(object.cr)) {
    if (precipitant.ir?.[pathway] && object.decline?.[`${pathway}:ir`]) return object.decline[`${pathway}:ir`];
    if (precipitant.ic?.[pathway] && object.decline?.[`${pathway}:ic`]) return object.decline[`${pathway}:ic`];
  }
  const doses = (row.perp_doses ?? [])
    .flatMap((dose) => [...dose.matchAll(/\d+(?:\.\d+)?/g)].map(Number))
    .filter((dose) => dose > 0);
  const induces = Object.keys(object.cr).some((pathway) => precipitant.ic?.[pathway]);
  if (induces && doses.length > 1 && Math.max(...doses) > 20 * Math.min(...doses))
    return 'doses of the inducer from microdose to full dose in one figure';
  return undefined;
}
