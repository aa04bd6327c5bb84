/**
 * Makes `models/genes/cpic.json` and `models/genes/alleles.json` from the CPIC and PharmCAT tables in `../shared`.
 * Structured facts only: which gene results lead to which classification, and which of our own words (advice.json) a
 * recommendation was read as (readings.json, by the hash of its text). CPIC's own sentences stay behind.
 *
 * Run: node models/genes/build/build-genes.ts
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const SHARED = '../shared/knowledge/drugs';
const HERE = 'models/genes';
const TABLES_AS_OF = '2026-08-14';
/** Combinations of the tables, by the ingredient that the guidance is about. */
const SAME_GUIDANCE: Readonly<Record<string, { rxcui: string; name: string }>> = {
  '10831': { rxcui: '10180', name: 'sulfamethoxazole' },
};

interface Row {
  readonly drug: string;
  readonly rxcui: string;
  readonly lookup: Readonly<Record<string, string>>;
  readonly population: string;
  readonly classification: string;
  readonly recommendation: string;
  readonly guideline_url: string;
}
type Outcome = readonly [classification: string, advice: string];

const { rows } = read<{ rows: readonly Row[] }>(`${SHARED}/cpic_recommendations.json`);
const { readings } = read<{ readings: Readonly<Record<string, string>> }>(`${HERE}/build/readings.json`);
const advice = read<Readonly<Record<string, unknown>>>(`${HERE}/build/advice.json`);
const geneTables = read<{ genes: Readonly<Record<string, GeneTable>> }>(`${SHARED}/pgx_gene_tables.json`).genes;

write(`${HERE}/cpic.json`, {
  id: 'cpic',
  version: '1.0.0',
  asOf: TABLES_AS_OF,
  attribution:
    'Classifications and gene results from the CPIC tables (Clinical Pharmacogenetics Implementation Consortium, cpicpgx.org): CC0 1.0 in the copy used, CC BY-SA 4.0 by later notice. The words are ours; CPIC has not reviewed them.',
  citation: {
    text: `CPIC recommendation tables of ${TABLES_AS_OF}`,
    basis: 'shared',
    grade: 'A',
  },
  advice,
  tables: tables(),
});
write(`${HERE}/alleles.json`, {
  id: 'alleles',
  version: '1.0.0',
  attribution:
    'Allele functions and phenotype rules are CPIC facts (CC0) as PharmCAT carries them (ClinPGx data of 2025-11-05; CYP2D6 of 2022-10-26).',
  citation: { text: 'PharmCAT phenotype tables (CPIC allele functions)', basis: 'shared', grade: 'A' },
  genes: Object.fromEntries(Object.entries(geneTables).map(([gene, table]) => [gene, alleles(gene, table)])),
});

/** One table per population and set of drugs whose rows are all the same. */
function tables() {
  const perDrug = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.rxcui} ${row.population}`;
    perDrug.set(key, [...(perDrug.get(key) ?? []), row]);
  }
  const merged = new Map<string, { drugs: { rxcui: string; name: string }[] } & Record<string, unknown>>();
  for (const of of perDrug.values()) {
    const [first] = of;
    if (!first) continue;
    const genes = Object.keys(first.lookup).sort();
    const shape = { url: first.guideline_url, genes, population: first.population, rows: grouped(of, genes) };
    const known = merged.get(JSON.stringify(shape));
    const also = SAME_GUIDANCE[first.rxcui];
    const drugs = [{ rxcui: first.rxcui, name: first.drug }, ...(also ? [also] : [])];
    if (known) known.drugs.push(...drugs);
    else merged.set(JSON.stringify(shape), { drugs, ...shape });
  }
  return [...merged.values()];
}

/** Rows of a table with the results that lead to the same joined by `|`: first gene, second gene if any, class, advice. */
function grouped(of: readonly Row[], [first = '', second]: readonly string[]): readonly (readonly string[])[] {
  if (second === undefined) return joined(of.map((row) => [row.lookup[first] ?? '', outcome(row)]));
  const byFirst = new Map<string, [string, Outcome][]>();
  for (const row of of) {
    const key = row.lookup[first] ?? '';
    byFirst.set(key, [...(byFirst.get(key) ?? []), [row.lookup[second] ?? '', outcome(row)]]);
  }
  const blocks = new Map<string, string[]>();
  for (const [key, inner] of byFirst) {
    const block = JSON.stringify(joined(inner));
    blocks.set(block, [...(blocks.get(block) ?? []), key]);
  }
  return [...blocks].flatMap(([block, keys]) =>
    (JSON.parse(block) as string[][]).map((inner) => [[...keys].sort().join('|'), ...inner]),
  );
}

function joined(pairs: readonly (readonly [string, Outcome])[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const [key, result] of pairs) {
    const id = result.join(' ~ ');
    groups.set(id, [...(groups.get(id) ?? []), key]);
  }
  return [...groups].map(([id, keys]) => [[...keys].sort().join('|'), ...id.split(' ~ ')]).sort();
}

function outcome(row: Row): Outcome {
  const text = row.recommendation.split(/\s+/).filter(Boolean).join(' ');
  const reading = readings[createHash('sha256').update(text).digest('hex').slice(0, 6)];
  if (!reading || !advice[reading]) throw new Error(`${row.drug}: a recommendation that nobody has read yet`);
  return [row.classification, reading];
}

interface GeneTable {
  readonly version: string;
  readonly haplotypes: Readonly<Record<string, string>>;
  readonly activityValues: Readonly<Record<string, string>>;
  readonly rules: Readonly<Record<string, string>>;
}

/** Alleles by function or by activity value, and the rule that makes a phenotype of two. */
function alleles(gene: string, table: GeneTable) {
  const scored = Object.keys(table.activityValues).length > 0;
  const byValue: Record<string, string[]> = {};
  for (const [allele, value] of Object.entries(scored ? table.activityValues : table.haplotypes))
    byValue[value] = [...(byValue[value] ?? []), allele];
  return {
    version: table.version,
    by: scored ? 'activity' : 'function',
    alleles: Object.fromEntries(Object.entries(byValue).map(([value, of]) => [value, of.join(' ; ')])),
    // CYP2D6 by the 2019 consensus; the others as their table says.
    ...(scored ? { phenotypes: bands(gene, table) } : { rules: table.rules }),
  };
}

function bands(gene: string, { rules }: GeneTable): readonly (readonly [number, string])[] {
  if (gene === 'CYP2D6')
    return [
      [0, 'Poor Metabolizer'],
      [1, 'Intermediate Metabolizer'],
      [2.25, 'Normal Metabolizer'],
      [99, 'Ultrarapid Metabolizer'],
    ];
  return Object.entries(rules)
    .flatMap(([rule, phenotype]): (readonly [number, string])[] =>
      rule.startsWith('AS=') ? [[Number(rule.slice(3)), phenotype]] : [],
    )
    .sort(([a], [b]) => a - b);
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** One row of a table a line, so that a change of one recommendation is one line of a diff. */
function write(path: string, value: unknown): void {
  const text = JSON.stringify(value, null, 1).replace(
    /\[\n\s+("(?:[^"\\]|\\.)*"|[\d.]+)((?:,\n\s+("(?:[^"\\]|\\.)*"|[\d.]+))*)\n\s+\]/g,
    (block) => block.replace(/\n\s+/g, ' ').replace('[ ', '[').replace(/ \]$/, ']'),
  );
  writeFileSync(path, `${text}\n`);
}
