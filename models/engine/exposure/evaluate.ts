/** Predicted exposure of every medicine, from all the others and the genotype at once. */
import type { Evaluation, EvaluationBasis, Finding, Indicator, Input, Missing } from '../evaluation.ts';
import type { Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import { type GeneResult, geneResults } from '../genes/results.ts';
import { counts } from '../interactions/match.ts';
import type { IngredientProfile, Library } from '../library.ts';
import { medicineInput } from '../rules/basis.ts';
import { type GeneOf, genesOf } from './activity.ts';
import { doseShare } from './dose.ts';
import type { ExposureKnowledge, ExposureObject, ExposurePrecipitant } from './knowledge.ts';
import { objectOf, precipitantOf } from './lookup.ts';
import { mergeKeyOf } from './merge.ts';
import type { Factor } from './model.ts';
import { actingOn, acts, type Predicted, predictExposure } from './predict.ts';
import { pathwayWords, ratioWords } from './words.ts';

/** What exposure is predicted from; `others`: what the rest of the engine says, read for contraindications. */
export interface ExposureScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly others?: readonly Evaluation[];
}

const KIND = 'exposure';
/** Bioequivalence limits: between them nothing is said (knowledge.md: 0.8–1.25). */
const SILENT = [0.8, 1.25] as const;
/** Beyond these a warning, for a drug that is not forgiving. */
const LOUD = [0.5, 2] as const;
/** Beyond these for a drug that is forgiving. */
const VERY_LOUD = [0.2, 5] as const;

/** One evaluation per medicine whose exposure something changes; silent ones say the ratio. */
export function evaluateExposure(scene: ExposureScene): Evaluation[] {
  const { facts, library } = scene;
  if (!library.exposure) return library.apart && takenIn(facts).length > 1 ? [notLoaded(library)] : [];
  return casesOf(scene).map(judge);
}

/** The sum behind every ratio of this patient, for whoever works it out again. */
export interface ExposureSum {
  readonly id: string;
  readonly factors: readonly Factor[];
  readonly ratio: number;
}

/** One for each evaluation that predicts something. */
export function exposureSums(scene: ExposureScene): readonly ExposureSum[] {
  return casesOf(scene).flatMap((one) => {
    if (declinedBy(one)) return [];
    const { ratio, factors } = predicted(one);
    return [{ id: idOf(one), factors, ratio }];
  });
}

function casesOf({ facts, library, others = [] }: ExposureScene): readonly Case[] {
  const knowledge = library.exposure;
  if (!knowledge || facts.patient.deceased || facts.patient.replaced) return [];
  const taken = takenIn(facts);
  const results = library.genes ? geneResults(facts, library.genes) : new Map<string, GeneResult>();
  return taken.flatMap((medicine) => {
    const object = objectOf(medicine.drug, knowledge);
    if (!object) return [];
    const beside = taken.filter(({ drug }) => drug.rxcui !== medicine.drug.rxcui);
    const acting = beside.flatMap((other) => {
      const precipitant = precipitantOf(other.drug, knowledge);
      return precipitant && actingOn(object, [precipitant]).length > 0 ? [{ ...other, precipitant }] : [];
    });
    const genes = genesOf(object, results, knowledge);
    if (acting.length === 0 && genes.every(({ fa }) => fa === undefined || fa === 1)) return [];
    const unheard = beside.filter(({ drug }) => !precipitantOf(drug, knowledge));
    return [{ medicine, object, acting, genes, unheard, knowledge, library, others }];
  });
}

interface Taken {
  readonly drug: Ingredient;
  readonly medicine: MedicationFact;
  readonly path: string;
}

interface Case {
  readonly medicine: Taken;
  readonly object: ExposureObject;
  readonly acting: readonly (Taken & { readonly precipitant: ExposurePrecipitant })[];
  readonly genes: readonly GeneOf[];
  /** Medicines whose effect on enzymes is not in the table. */
  readonly unheard: readonly Taken[];
  readonly knowledge: ExposureKnowledge;
  readonly library: Library;
  readonly others: readonly Evaluation[];
}

/** Each ingredient that reaches the whole body, once. */
function takenIn({ medication }: Facts): readonly Taken[] {
  const found = new Map<string, Taken>();
  for (const [index, medicine] of medication.entries()) {
    if (!counts(medicine) || (medicine.route !== 'systemic' && medicine.route !== 'unknown')) continue;
    for (const drug of medicine.ingredients)
      if (!found.has(drug.rxcui)) found.set(drug.rxcui, { drug, medicine, path: `medication[${index}]` });
  }
  return [...found.values()];
}

function judge(one: Case): Evaluation {
  const { medicine, knowledge } = one;
  const head = {
    id: idOf(one),
    kind: KIND,
    title: `Predicted exposure: ${medicine.drug.name}`,
    version: knowledge.version,
  } as const;
  const basis = basisOf(one);
  const declined = declinedBy(one);
  if (declined) {
    const text = `No prediction for ${medicine.drug.name}: ${declined}.`;
    return { ...head, status: 'not-applicable', because: { code: 'other', text }, basis };
  }
  const found = predicted(one);
  if (found.ratio > SILENT[0] && found.ratio < SILENT[1]) {
    const text = `${medicine.drug.name}: ${ratioWords(found)}.`;
    return { ...head, status: 'not-applicable', because: { code: 'threshold-not-met', text }, basis };
  }
  return { ...head, status: 'finding', finding: findingOf(one, found, basis) };
}

function idOf({ medicine }: Case): string {
  return `exposure/${medicine.drug.rxcui}`;
}

function predicted({ object, acting, genes, knowledge }: Case): Predicted {
  const activity = Object.fromEntries(genes.flatMap(({ pathway, fa }) => (fa === undefined ? [] : [[pathway, fa]])));
  return predictExposure(
    object,
    acting.map(({ precipitant }) => precipitant),
    activity,
    knowledge,
  );
}

function declinedBy({ object, acting }: Case): string | undefined {
  for (const [on, why] of Object.entries(object.decline ?? {})) {
    const [pathway = '', kind] = on.split(':');
    if (acting.some(({ precipitant }) => precipitant[kind === 'ic' ? 'ic' : 'ir']?.[pathway])) return why;
  }
  return undefined;
}

function findingOf(one: Case, predicted: Predicted, basis: EvaluationBasis): Finding {
  const { medicine, object, acting, genes, knowledge, library, others } = one;
  const { name } = medicine.drug;
  const precipitants = acting.map(({ precipitant }) => precipitant);
  const told = predicted.factors
    .filter(
      ({ pathway }) =>
        genes.some((gene) => gene.pathway === pathway && gene.result) ||
        precipitants.some((each) => acts(each, pathway)),
    )
    .map((factor) => pathwayWords(factor, genes, acting));
  const profile = library.ingredients.find(({ rxcui }) => rxcui === medicine.drug.rxcui);
  const share = doseShare({ object, predicted, genes, others, name, ...(profile ? { profile } : {}) });
  return {
    indicator: tierOf(object, predicted, profile),
    summary: summaryOf(name, object, predicted),
    detail: `${name}: ${ratioWords(predicted)}. ${told.join('; ')}.${share ? ` The usual exposure would come from about ${share} of the usual dose: a calculation, not an order.` : ''}`,
    because: basis.used.slice(0, 2),
    outcomes: [
      { id: 'auc-ratio', title: `${name}, exposure as a multiple of usual`, value: predicted.ratio, unit: '{ratio}' },
    ],
    logic: [
      { text: `Takes ${name}`, held: 'met', value: medicine.medicine.text },
      ...acting.map((other) => ({
        text: `Takes ${other.drug.name}`,
        held: 'met' as const,
        value: other.medicine.text,
      })),
      ...told.map((text) => ({ text, held: 'met' as const })),
      ...genes
        .filter(({ fa }) => fa === undefined)
        .map(({ gene }) => ({
          text: `${gene} result`,
          held: 'unknown' as const,
          value: 'no result that gives an activity',
        })),
    ],
    basis,
    limitation: limitationOf(one, predicted),
    citations: knowledge.citations,
    mergeKey: mergeKeyOf(predicted, { of: medicine, by: acting, others }),
  };
}

/** Effects that do harm when there is more of them. */
const HARMFUL: Readonly<Record<string, readonly string[]>> = {
  qt: ['known'],
  bleeding: ['anticoagulant', 'antiplatelet', 'fibrinolytic'],
  'respiratory-depression': ['marked', 'mild'],
  'heart-rate': ['lowers'],
  glucose: ['lowers-alone'],
  'seizure-threshold': ['lowers'],
  myelosuppressive: ['marked'],
  immunosuppressant: ['strong'],
};

/** A warning where twice as much harms, or half as much fails; for the many others, and never a bare ratio, from fivefold on. */
function tierOf(
  { flags = [] }: ExposureObject,
  { ratio }: Predicted,
  profile: IngredientProfile | undefined,
): Indicator {
  const harmful = Object.entries(profile?.traits ?? {}).some(([trait, grade]) => HARMFUL[trait]?.includes(grade));
  const [low, high] = flags.includes('narrow-index') || harmful ? LOUD : VERY_LOUD;
  return ratio >= high || ratio <= low ? 'warning' : 'info';
}

function summaryOf(name: string, { flags = [] }: ExposureObject, predicted: Predicted): string {
  const [more, less] = flags.includes('prodrug')
    ? [`Watch ${name}, a prodrug`, `Watch ${name}, a prodrug`]
    : [`Watch for side effects of ${name}`, `Watch whether ${name} still works`];
  return `${predicted.ratio >= 1 ? more : less}: ${ratioWords(predicted)}`;
}

function limitationOf({ genes, unheard, object }: Case, { grade }: Predicted): string {
  const unknown = genes.filter(({ fa }) => fa === undefined).map(({ gene }) => gene);
  const weak = {
    A: 'measured',
    B: 'published, not checked against the article',
    C: 'estimated from the class',
    R: 'general knowledge',
  }[grade];
  return [
    `A static model of oral doses at steady state; its weakest input is ${weak}.`,
    ...(unknown.length > 0
      ? [`${unknown.join(', ')}: genotype not known, so this holds for two normal alleles only.`]
      : []),
    ...(unheard.length > 0
      ? [`Not counted, effect on enzymes not known: ${unheard.map(({ drug }) => drug.name).join(', ')}.`]
      : []),
    ...(object.flags?.includes('prodrug') ? ['Said of the drug as swallowed; its active form is not predicted.'] : []),
    ...(object.flags?.includes('active-metabolite') ? ['Its active metabolite is not predicted.'] : []),
  ].join(' ');
}

function basisOf({ medicine, acting, genes }: Case): EvaluationBasis {
  const used: readonly Input[] = [
    medicineInput(medicine.path, medicine.medicine),
    ...acting.map((other) => medicineInput(other.path, other.medicine)),
    ...genes.flatMap(({ result }) => (result ? [result.input] : [])),
  ];
  const missing = genes
    .filter(({ result }) => !result)
    .map(
      ({ gene }): Missing => ({
        path: `gene.${gene}`,
        label: gene,
        absence: 'empty',
        text: `${gene}: no result on file`,
        required: false,
      }),
    );
  return { used, stale: [], missing, excluded: [] };
}

function notLoaded({ version }: Library): Evaluation {
  const error = { code: 'knowledge-absent', message: 'The parameters of predicted exposure were not loaded.' };
  return { id: 'exposure', kind: KIND, title: 'Predicted exposure', version, status: 'failure', error };
}
