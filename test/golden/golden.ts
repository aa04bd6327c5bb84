/** What the engine says of each synthetic patient at one frozen moment, in the shape kept as `expected.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from '../../models/engine/evaluate.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import { prioritise } from '../../models/engine/prioritise.ts';
import { parseCodeMap } from '../../server/code-map.ts';
import { factsOf, patientsIn } from '../../server/commands/chart.ts';
import { factLines } from '../../server/commands/evaluate.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';

/** The fixtures' clock. */
export const NOW = Date.UTC(2026, 10, 20, 9);
export const PATIENTS = 'fixtures/patients';

/** Names of the patients' folders. */
export function patientFolders(): readonly string[] {
  return readdirSync(PATIENTS)
    .filter((name) => existsSync(join(PATIENTS, name, 'bundle.json')))
    .sort();
}

/** A judge that keeps the library loaded: folder → the golden text. */
export async function goldenJudge(): Promise<(folder: string) => Promise<string>> {
  const { library, files, drugTable } = await loadLibrary({ dir: 'models' });
  const drugs = decodeDrugTable(drugTable);
  const runtime = await createNodeRuntime({ load: async (url) => files.get(url)?.bytes ?? new Uint8Array() });
  return async (folder) => {
    const bundle: unknown = JSON.parse(readFileSync(join(PATIENTS, folder, 'bundle.json'), 'utf8'));
    const [patientId = ''] = patientsIn(bundle);
    const map = join(PATIENTS, folder, 'code-map.json');
    const codeMap = existsSync(map) ? { codeMap: parseCodeMap(readFileSync(map, 'utf8')) } : {};
    const facts = factsOf({ bundle, patientId, drugs, now: NOW, ...codeMap });
    const evaluations = await evaluate(facts, library, runtime, NOW);
    const { today, others, notChecked } = prioritise(evaluations, facts);
    const golden = {
      facts: factLines(facts, library, NOW),
      unread: facts.unread.map(({ source, reason }) => ({ source, reason })),
      evaluations: evaluations.map(brief),
      today: today.map(({ indicator, summary, from }) => ({ indicator, summary, from })),
      others: others.map(({ indicator, summary, from }) => ({ indicator, summary, from })),
      notChecked,
    };
    return `${JSON.stringify(golden, steady, 1)}\n`;
  };
}

/** The clinical content of an evaluation: what is said, of which inputs, and why it is not said. Wording of evidence is left out. */
function brief(evaluation: Evaluation) {
  const { id, status } = evaluation;
  switch (evaluation.status) {
    case 'finding': {
      const { indicator, summary, action, outcomes, basis } = evaluation.finding;
      const used = basis.used.map(({ path, value, unit, effective }) => ({
        path,
        value,
        unit,
        effective: effective?.text,
      }));
      const numbers = outcomes?.map(({ id: outcome, value, unit, word }) => ({ outcome, value, unit, word }));
      return { id, status, indicator, summary, action: action?.text, outcomes: numbers, used };
    }
    case 'not-applicable':
      return { id, status, because: evaluation.because.code };
    case 'data-required':
      return { id, status, missing: evaluation.missing.map(({ path, absence }) => `${path} ${absence}`) };
    case 'failure':
      return { id, status, error: evaluation.error.code };
  }
}

/** Twelve significant digits: the last bits of `exp` and `log` may differ between processors. */
function steady(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value;
}
