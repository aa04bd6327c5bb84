/** Gene–drug guidance: for what the patient takes, and for what might be prescribed. */
import type { Evaluation, EvaluationBasis, Finding, LogicLine, Missing } from '../evaluation.ts';
import type { Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { Library } from '../library.ts';
import { medicineInput } from '../rules/basis.ts';
import { tablesOf } from './guidance.ts';
import { type GeneJudgement, judgeDrug } from './judge.ts';
import type { GeneKnowledge } from './knowledge.ts';
import { geneResults, said, word } from './results.ts';

/** What the evaluation of genes works on; `now` in ms since the epoch. */
export interface GeneScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly now: number;
}

/** What would be said if a drug were prescribed. Never "normal" for want of a result. */
export type IfPrescribed =
  | { readonly status: 'no-guidance' }
  | { readonly status: 'not-loaded' }
  | { readonly status: 'no-result'; readonly genes: readonly string[] }
  | { readonly status: 'advised'; readonly judgement: GeneJudgement };

const KIND = 'gene';

/** One evaluation per drug taken for which a gene result says something, also that the usual dose is right. */
export function evaluateGenes({ facts, library, now }: GeneScene): Evaluation[] {
  if ((facts.gene ?? []).length === 0 || facts.patient.deceased || facts.patient.replaced) return [];
  if (!library.genes) return library.apart ? [notLoaded(library)] : [];
  const knowledge = library.genes;
  const results = geneResults(facts, knowledge);
  const drugs = taken(facts);
  const beside = drugs.map(({ drug }) => drug);
  return drugs.flatMap(({ drug, medicine, index }) => {
    const judgement = judgeDrug({ drug, results, knowledge, facts, now, beside, ...exposureIn(library) });
    return judgement
      ? [evaluationOf(judgement, { medicine, index, knowledge, isProdrug: activated(drug, library) })]
      : [];
  });
}

/** What gene results say of a drug that the patient does not take (yet). */
export function genesIfPrescribed({ facts, library, now }: GeneScene, drug: Ingredient): IfPrescribed {
  const knowledge = library.genes;
  if (!knowledge) return { status: library.apart ? 'not-loaded' : 'no-guidance' };
  const results = geneResults(facts, knowledge);
  const beside = taken(facts).map((other) => other.drug);
  const judgement = judgeDrug({ drug, results, knowledge, facts, now, beside, ...exposureIn(library) });
  if (judgement) return { status: 'advised', judgement };
  const genes = [
    ...tablesOf(drug.rxcui, knowledge.guidance).flatMap((table) => table.genes),
    ...knowledge.labels.entries.filter(({ rxcui }) => rxcui === drug.rxcui).map(({ gene }) => gene),
  ];
  const untested = [...new Set(genes)].filter((gene) => !results.has(gene));
  return untested.length > 0 ? { status: 'no-result', genes: untested } : { status: 'no-guidance' };
}

function activated({ rxcui }: Ingredient, { ingredients }: Library): boolean {
  return ingredients.find((profile) => profile.rxcui === rxcui)?.traits.prodrug?.startsWith('cyp') ?? false;
}

function exposureIn({ exposure }: Library): Pick<Library, 'exposure'> {
  return exposure ? { exposure } : {};
}

interface Taken {
  readonly drug: Ingredient;
  readonly medicine: MedicationFact;
  readonly index: number;
}

/** Each ingredient once, by the first medicine that brings it to the whole body. */
function taken({ medication }: Facts): readonly Taken[] {
  const found = new Map<string, Taken>();
  for (const [index, medicine] of medication.entries()) {
    if (!counts(medicine) || (medicine.route !== 'systemic' && medicine.route !== 'unknown')) continue;
    for (const drug of medicine.ingredients)
      if (!found.has(drug.rxcui)) found.set(drug.rxcui, { drug, medicine, index });
  }
  return [...found.values()];
}

interface Shown {
  readonly medicine: MedicationFact;
  readonly index: number;
  readonly knowledge: GeneKnowledge;
  /** An enzyme forms what works of it. */
  readonly isProdrug: boolean;
}

function evaluationOf(judgement: GeneJudgement, shown: Shown): Evaluation {
  const { drug, speaks } = judgement;
  const head = {
    id: `gene/${drug.rxcui}`,
    kind: KIND,
    title: `Genes: ${drug.name}`,
    version: shown.knowledge.guidance.version,
  } as const;
  const basis = basisOf(judgement, shown);
  if (speaks) return { ...head, status: 'finding', finding: findingOf(judgement, { ...shown, basis }) };
  const text = `${saidAll(judgement)}: ${judgement.do}.`;
  return { ...head, status: 'not-applicable', because: { code: 'threshold-not-met', text }, basis };
}

function findingOf(
  judgement: GeneJudgement,
  { medicine, index, basis, isProdrug }: Shown & { basis: EvaluationBasis },
): Finding {
  const { drug, indicator, results, more, cpic } = judgement;
  const [first] = results;
  return {
    indicator,
    summary: judgement.do,
    detail: [`${saidAll(judgement)}.`, ...(more ? [more] : [])].join(' '),
    because: [...(first ? [first.input] : []), medicineInput(`medication[${index}]`, medicine)],
    action: { kind: 'note', text: judgement.do },
    logic: [
      { text: `Takes ${drug.name}`, held: 'met', value: medicine.text },
      ...results.map((result): LogicLine => ({ text: `${result.gene} result`, held: 'met', value: said(result) })),
      ...judgement.untested.map(
        (gene): LogicLine => ({ text: `${gene} result`, held: 'unknown', value: 'no result on file' }),
      ),
      ...(cpic ? [{ text: `CPIC recommendation: ${cpic.strength} (${cpic.population})`, held: 'met' } as const] : []),
    ],
    basis,
    limitation: limitationOf(judgement),
    citations: judgement.citations,
    ...(isKinetic(judgement) ? { mergeKey: `${drug.rxcui}/${isProdrug ? 'activation' : 'exposure'}` } : {}),
  };
}

/** `CYP2D6 normal metaboliser (*1/*2), working as poor metaboliser because of quinidine`. */
function saidAll({ results, converted }: GeneJudgement): string {
  return results
    .map((result) => {
      const now = converted.find(({ gene }) => gene === result.gene);
      if (!now) return said(result);
      return `${said(result)}, working as ${word(now)} because of ${now.because.map(({ name }) => name).join(' and ')}`;
    })
    .join(', ');
}

/** Genes that change the drug's level speak of the same thing as its interactions; those of hypersensitivity do not. */
function isKinetic({ results }: GeneJudgement): boolean {
  return results.length > 0 && results.every(({ gene }) => /^(CYP|SLCO|ABCG|UGT|TPMT|NUDT|DPYD|NAT)/.test(gene));
}

function limitationOf({ untested, differs, cpic, converted }: GeneJudgement): string {
  return [
    'A gene result does not say how the patient is doing on the drug; other medicines can change what it means.',
    ...(converted.length > 0
      ? ['CPIC’s advice for the activity that is left; it holds as long as the inhibitor is taken.']
      : []),
    ...(untested.length > 0 ? [`No result on file for ${untested.join(', ')}: not taken as normal.`] : []),
    ...(differs.length > 0 ? [`The advice differs for: ${differs.join('; ')}.`] : []),
    ...(cpic?.open ? ['The activity score is not known; the most cautious advice for this phenotype is shown.'] : []),
  ].join(' ');
}

function basisOf({ results, untested }: GeneJudgement, { medicine, index }: Shown): EvaluationBasis {
  const missing = untested.map(
    (gene): Missing => ({
      path: `gene.${gene}`,
      label: gene,
      absence: 'empty',
      text: `${gene}: no result on file`,
      required: false,
    }),
  );
  return {
    used: [medicineInput(`medication[${index}]`, medicine), ...results.map(({ input }) => input)],
    stale: [],
    missing,
    excluded: [],
  };
}

function notLoaded({ version }: Library): Evaluation {
  const error = { code: 'knowledge-absent', message: 'The gene guidance was not loaded.' };
  return { id: 'gene', kind: KIND, title: 'Gene guidance', version, status: 'failure', error };
}
