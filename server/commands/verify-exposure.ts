/** `verify exposure FILE… [--values]`: predicted AUC ratios against published ones. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { predictRow } from '../../models/engine/exposure/trial-row.ts';
import { type Command, UsageError } from './command.ts';

const exposureFile = z.looseObject({
  rows: z.array(
    z.looseObject({
      id: z.string(),
      set: z.string().optional(),
      victim: z.string(),
      victim_rxcui: z.string().nullish(),
      perpetrator: z.string().nullish(),
      perp_rxcui: z.string().nullish(),
      genotype: z.string().nullish(),
      perp_regimen: z.string().nullish(),
      perp_doses: z.array(z.string()).nullish(),
      is_metabolite_or_enantiomer: z.boolean().nullish(),
      kind: z.string().optional(),
      aucr_obs: z.number().positive(),
    }),
  ),
});

/** Shares that must be reached: of predicted rows within twofold, and of all rows predicted. */
const WITHIN = 0.9;
const PREDICTED = 0.6;

/** Exit 1 when fewer than 90 % of the predictions are within twofold, or fewer than 60 % of the rows are predicted. */
export const verifyExposureCommand: Command = async ({ args, terminal, library }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { values: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  if (positionals.length === 0) throw new UsageError('verify exposure takes files of observed AUC ratios');
  const { library: inForce } = await library();
  const { exposure } = inForce;
  if (!exposure) throw new UsageError('the library in force has no exposure parameters');
  const results = [];
  for (const path of positionals) {
    const file = basename(path);
    const { rows } = exposureFile.parse(JSON.parse(await readFile(path, 'utf8')));
    const answers = rows.map((row) => {
      const { set, kind, ...rest } = row;
      const asked = { ...rest, ...(set === undefined ? {} : { set }), ...(kind === undefined ? {} : { kind }) };
      return {
        id: row.id,
        observed: row.aucr_obs,
        ...predictRow(asked as Parameters<typeof predictRow>[0], exposure),
      };
    });
    if (values.values)
      for (const { id, observed, got, ...rest } of answers)
        terminal.out(JSON.stringify({ file, id, aucr_obs: observed, got, ...rest }));
    results.push(summary(file, answers));
  }
  if (!values.values) terminal.out(JSON.stringify({ results }));
  for (const { file, rows, predicted, within2, gmfe } of results)
    terminal.err(
      `${file}: ${predicted} of ${rows} rows predicted, ${within2} within twofold, geometric mean error ${gmfe ?? 'none'}`,
    );
  return results.every(({ rows, predicted, within2 }) => within2 >= WITHIN * predicted && predicted >= PREDICTED * rows)
    ? 0
    : 1;
};

interface Answer {
  readonly observed: number;
  readonly got: number | null;
  readonly declined?: string;
}

/** Counts of one file, from the very answers that `--values` prints. */
export function summary(file: string, answers: readonly Answer[]) {
  const errors = answers.flatMap(({ got, observed }) => (got === null ? [] : [Math.abs(Math.log(got / observed))]));
  const within = (factor: number) => errors.filter((error) => error <= Math.log(factor)).length;
  const reasons = new Map<string, number>();
  for (const { declined } of answers) if (declined) reasons.set(declined, (reasons.get(declined) ?? 0) + 1);
  return {
    file,
    rows: answers.length,
    predicted: errors.length,
    within1_25: within(1.25),
    within1_5: within(1.5),
    within2: within(2),
    gmfe:
      errors.length === 0
        ? null
        : Number(Math.exp(errors.reduce((sum, error) => sum + error, 0) / errors.length).toFixed(4)),
    declined: [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
  };
}
