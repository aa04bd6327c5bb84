/** `verify pgx FILE… [--values]`: gene guidance against published recommendations, looked up as the engine does. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { adviceIn, type LookupResult, tablesOf } from '../../models/engine/genes/guidance.ts';
import type { GeneKnowledge } from '../../models/engine/genes/knowledge.ts';
import { phenotypeOfScore } from '../../models/engine/genes/phenotype.ts';
import { type Command, UsageError } from './command.ts';

const pgxFile = z.looseObject({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      rxcui: z.string(),
      gene_results: z.record(z.string(), z.string()),
      population: z.string().nullish(),
      expected_classification: z.string(),
      expected_category: z.string(),
    }),
  ),
});
type Case = z.infer<typeof pgxFile>['cases'][number];

/** What we say in one case; `null`: no guidance. */
export interface PgxAnswer {
  readonly classification: string | null;
  readonly category: string | null;
}

/** The least share of categories that must agree: they are machine-made and wrong in places (docs/genes.md). */
const CATEGORIES = 0.9;

/** Exit 1 when a classification differs or fewer than 90 % of the categories agree. */
export const verifyPgxCommand: Command = async ({ args, terminal, library }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { values: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  if (positionals.length === 0) throw new UsageError('verify pgx takes files of cases');
  const { library: inForce } = await library();
  if (!inForce.genes) throw new UsageError('the library in force has no gene guidance');
  const results = [];
  for (const path of positionals) {
    const file = basename(path);
    const { cases } = pgxFile.parse(JSON.parse(await readFile(path, 'utf8')));
    let classification = 0;
    let category = 0;
    for (const one of cases) {
      const got = answer(one, inForce.genes);
      if (got.classification === one.expected_classification) classification += 1;
      if (got.category === one.expected_category) category += 1;
      else terminal.err(`${one.id}: ${one.expected_category} expected, ours is ${got.category ?? 'no guidance'}`);
      if (values.values)
        terminal.out(
          JSON.stringify({ file, id: one.id, got_classification: got.classification, got_category: got.category }),
        );
    }
    results.push({ file, cases: cases.length, classification, category });
  }
  if (!values.values) terminal.out(JSON.stringify({ results }));
  for (const { file, cases, classification, category } of results)
    terminal.err(`${file}: ${classification}/${cases} classifications, ${category}/${cases} categories agree`);
  return results.every(
    ({ cases, classification, category }) => classification === cases && category >= CATEGORIES * cases,
  )
    ? 0
    : 1;
};

/** Looks a case up; a population that no table has falls back to the first table, as where a guideline has only one. */
export function answer({ rxcui, gene_results, population }: Case, genes: GeneKnowledge): PgxAnswer {
  const results = new Map(Object.entries(gene_results).map(([gene, word]) => [gene, resultOf(word)]));
  const tables = tablesOf(rxcui, genes.guidance);
  const table = tables.find((each) => each.population === (population ?? 'general')) ?? tables[0];
  const phenotypeOf = (gene: string, score: number) => {
    const scores = genes.alleles.genes[gene];
    return scores && phenotypeOfScore(score, scores);
  };
  const found = table && adviceIn(table, results, { guidance: genes.guidance, phenotypeOf });
  return { classification: found?.strength ?? null, category: found?.category ?? null };
}

/** A lookup word as a result: an activity score, an allele's status, a phenotype, or the tables' word for none. */
function resultOf(word: string): LookupResult {
  if (word === 'n/a' || /^≥?\d+(\.\d+)?$/.test(word)) return { score: word, statuses: [] };
  return word.startsWith('*') || word === 'No Result' ? { statuses: [word] } : { phenotype: word, statuses: [] };
}
