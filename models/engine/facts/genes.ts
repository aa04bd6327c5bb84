/**
 * Gene results in the shapes laboratories send: HL7 genomics-reporting genotypes and implications, one Observation a
 * gene, or a panel with one component a gene. The gene is what the chart *says* it is: the LOINC codes of this field are
 * widely confused (79716-7 is CYP2C9 in HL7's own example and CYP2C19 in much software), so a code alone names no gene.
 */
import { ANALYTE_BY_LOINC } from './analytes.ts';
import { type Chart, readEach, sourceOf } from './chart.ts';
import { codingsOf, textOf } from './codings.ts';
import { effectiveOf } from './dates.ts';
import type { GeneFact } from './facts.ts';
import { type Json, number, object, objects, string } from './json.ts';

const GENE =
  /(?:^|[^A-Za-z0-9])(CYP(?:1A2|2B6|2C8|2C9|2C19|2D6|3A4|3A5|4F2)|DPYD|TPMT|NUDT15|UGT1A1|SLCO1B1|VKORC1|G6PD|HLA-[AB]|IFNL3|CFTR|RYR1|CACNA1S|ABCG2|MT-RNR1|NAT2|F5)(?![A-Za-z0-9])/;
/** LOINC: gene studied. HL7 genomics-reporting (opened 2026-11-22: example Pgx-geno-1001). */
const GENE_STUDIED = '48018-6';
/** Codes to ask for: genotype (opened, the same example), effect on metabolism and gene-product activity (recalled). */
export const GENE_CODES: readonly string[] = ['84413-4', '53040-2', '79716-7', '48018-6', '51963-7'];

/** `*1/*17`, `*2A/*4x2`, `*57:01/*57:03`. */
const ALLELE = String.raw`\*\d+(?::\d+)*[A-Z]?(?:\.\d{3})?(?:x(?:\d+|N))?(?:\s?\+\s?\*\d+(?:x\d+)?)?`;
const DIPLOTYPE = new RegExp(String.raw`(${ALLELE})\s*[/|]\s*(${ALLELE})`);
/** Two bases at one position, for genes that are named by a variant and not by star alleles. */
const BASES = /(?:^|[^A-Za-z0-9])([ACGT])\s?[/|]\s?([ACGT])(?![A-Za-z0-9])/;
const BY_VARIANT: ReadonlySet<string> = new Set(['VKORC1', 'ABCG2', 'IFNL3', 'IFNL4']);
const METABOLISER = /\b(likely |possible )?(ultra-?\s?rapid|rapid|normal|extensive|intermediate|poor) metaboli[sz]er/i;
const FUNCTION = /\b(possible )?(normal|decreased|poor|increased) function/i;
const SUSCEPTIBILITY: readonly (readonly [RegExp, string])[] = [
  [/\buncertain suscept/, 'Uncertain Susceptibility'],
  [/^(?!.*\b(not|no)\b).*\bmalignant hyperthermia suscept/, 'Malignant Hyperthermia Susceptibility'],
];
/** How laboratories word genes that have neither star alleles nor metabolisers; the first that fits. In CPIC's words. */
const ANSWERS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  G6PD: [
    [/\b(not|non|no)\b[-\s]*(g6pd[-\s]*)?deficien|\bnormal\b/, 'Normal'],
    [/\bdeficien.*(cnsha|chronic)/, 'Deficient with CNSHA'],
    [/\bdeficien/, 'Deficient'],
    [/\bvariable\b|\bintermediate\b/, 'Variable'],
  ],
  'MT-RNR1': [
    [/\bincreased risk\b/, 'increased risk of aminoglycoside-induced hearing loss'],
    [/\bnormal risk\b/, 'normal risk of aminoglycoside-induced hearing loss'],
    [/\buncertain risk\b/, 'uncertain risk of aminoglycoside-induced hearing loss'],
  ],
  RYR1: SUSCEPTIBILITY,
  CACNA1S: SUSCEPTIBILITY,
  NAT2: [
    [/\bslow acetylator\b/, 'Poor Metabolizer'],
    [/\bintermediate acetylator\b/, 'Intermediate Metabolizer'],
    [/\b(rapid|fast) acetylator\b/, 'Rapid Metabolizer'],
  ],
};
const HLA_ALLELE = /HLA-[AB]\s?(\*\d+:\d+)/;
const SCORE = /\bactivity score\b[^0-9]{0,12}(\d+(?:\.\d+)?)/i;

type Found = { -readonly [K in 'diplotype' | 'allele' | 'phenotype' | 'activityScore']?: GeneFact[K] };

/** Newest first; one fact for each gene of each Observation that says something about it. */
export function readGenes(chart: Chart): readonly GeneFact[] {
  const facts: GeneFact[] = [];
  readEach(chart, 'Observation', 'subject', (resource) => {
    if (isMeasurement(resource)) return;
    const parts = [resource, ...objects(resource.component)];
    const own = studied(parts) ?? geneIn(resource) ?? geneBehind(chart, resource);
    const found = new Map<string, Found>();
    for (const part of parts) {
      const gene = geneIn(part) ?? own;
      if (gene !== undefined) found.set(gene, { ...found.get(gene), ...resultOf(part, gene) });
    }
    const source = sourceOf(resource);
    const told = [...found].filter(([, result]) => Object.keys(result).length > 0);
    const status = string(resource.status);
    if (status !== 'final' && status !== 'amended' && status !== 'corrected') {
      const reason = status === 'entered-in-error' || status === 'cancelled' ? 'entered-in-error' : 'status-not-final';
      for (const [gene] of told) chart.unread.push({ source, reason, path: `gene.${gene}` });
      return;
    }
    const effective = effectiveOf(resource, chart.dates)?.when;
    for (const [gene, result] of told)
      facts.push({ gene, ...result, ...(effective === undefined ? {} : { effective }), source });
  });
  return facts.sort((a, b) => (b.effective?.start ?? 0) - (a.effective?.start ?? 0));
}

/** Most of a chart is laboratory values, and none of those is looked at twice. */
function isMeasurement(resource: Json): boolean {
  const coding = object(resource.code)?.coding;
  const first = Array.isArray(coding) ? (coding[0] as Json | undefined) : undefined;
  if (ANALYTE_BY_LOINC.has(first?.code as string)) return true;
  // A number can be an activity score and nothing else of a gene.
  return resource.valueQuantity !== undefined && !/activity score/i.test(textOf(object(resource.code)) ?? '');
}

/** The gene that a `gene studied` part names. */
function studied(parts: readonly Json[]): string | undefined {
  const part = parts.find((each) => codingsOf(object(each.code)).some(({ code }) => code === GENE_STUDIED));
  return part === undefined ? undefined : symbolIn(wordsOf(part).join(' '));
}

function geneIn(part: Json): string | undefined {
  const concept = object(part.code);
  const names = [textOf(concept), ...codingsOf(concept).map(({ display }) => display)];
  return symbolIn([...names, ...wordsOf(part)].join(' '));
}

function symbolIn(text: string): string | undefined {
  const [first, ...others] = new Set([...text.matchAll(new RegExp(GENE, 'g'))].map((match) => match[1]));
  // Two genes in one sentence: which of them the result is about is not clear.
  return others.length === 0 ? first : undefined;
}

/** An implication names its gene only through the genotype that it was derived from. */
function geneBehind(chart: Chart, resource: Json): string | undefined {
  for (const { reference } of objects(resource.derivedFrom)) {
    const genotype = typeof reference === 'string' ? chart.find(reference) : undefined;
    const gene = genotype && (studied([genotype, ...objects(genotype.component)]) ?? geneIn(genotype));
    if (gene !== undefined) return gene;
  }
  return undefined;
}

function wordsOf(part: Json): readonly string[] {
  const concept = object(part.valueCodeableConcept);
  const said = [string(part.valueString), textOf(concept), ...codingsOf(concept).map(({ display }) => display)];
  return said.filter((each) => each !== undefined);
}

function resultOf(part: Json, gene: string): Found {
  const found: Found = {};
  const said = [textOf(object(part.code)) ?? '', ...wordsOf(part)];
  const allele = said.map((words) => HLA_ALLELE.exec(words)?.[1]).find((each) => each !== undefined);
  for (const words of wordsOf(part)) {
    const alleles = DIPLOTYPE.exec(words);
    const bases = BY_VARIANT.has(gene) ? BASES.exec(words) : null;
    if (bases !== null) found.diplotype ??= `${bases[1]}/${bases[2]}`;
    if (alleles !== null) found.diplotype ??= `${alleles[1]}/${alleles[2]}`.replaceAll(' ', '');
    const phenotype = phenotypeIn(words, gene);
    // Positive for which HLA allele is all that matters: without it there is no result.
    if (phenotype !== undefined && (!gene.startsWith('HLA-') || allele !== undefined)) {
      found.phenotype ??= phenotype;
      if (allele !== undefined) found.allele = allele;
    }
    const score = SCORE.exec(words)?.[1];
    if (score !== undefined) found.activityScore ??= Number(score);
  }
  const quantity = object(part.valueQuantity);
  const name = textOf(object(part.code)) ?? '';
  if (/\bactivity score\b/i.test(name)) {
    const score =
      number(quantity?.value) ??
      (/^\d+(\.\d+)?$/.test(String(part.valueString)) ? Number(part.valueString) : undefined);
    if (score !== undefined && quantity?.comparator === undefined) found.activityScore = score;
  }
  return found;
}

function phenotypeIn(words: string, gene: string): string | undefined {
  const metaboliser = METABOLISER.exec(words);
  if (metaboliser !== null) {
    const speed = (metaboliser[2] ?? '').toLowerCase().replace(/[-\s]/g, '');
    // CPIC's word for what was once called extensive.
    return `${capital((metaboliser[1] ?? '').toLowerCase())}${capital(speed === 'extensive' ? 'normal' : speed)} Metabolizer`;
  }
  const transport = FUNCTION.exec(words);
  if (transport !== null && (gene === 'SLCO1B1' || gene === 'ABCG2'))
    return `${transport[1] ? 'Possible ' : ''}${capital((transport[2] ?? '').toLowerCase())} Function`;
  const answer = words.trim().toLowerCase();
  if (gene.startsWith('HLA-')) {
    if (/\bnegative\b|\bnot detected\b|\babsent\b/.test(answer)) return 'Negative';
    return /\bpositive\b|\bdetected\b|\bpresent\b/.test(answer) ? 'Positive' : undefined;
  }
  const worded = ANSWERS[gene]?.find(([said]) => said.test(answer))?.[1];
  if (worded !== undefined) return worded;
  return /^indeterminate\b/.test(answer) ? 'Indeterminate' : undefined;
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
