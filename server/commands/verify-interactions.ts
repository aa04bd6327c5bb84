/**
 * `verify interactions FILE… [--values]`: lists of pairs with what is expected of them, against the engine as it is. A
 * pair runs with nothing known but the two medicines, each by its usual systemic route.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { profileOf } from '../../models/engine/drugs/profiles.ts';
import { type DrugTable, decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts, Ingredient, MedicationFact, SourceReport } from '../../models/engine/facts/facts.ts';
import { isObject } from '../../models/engine/facts/json.ts';
import type { Library } from '../../models/engine/library.ts';
import { type Command, UsageError } from './command.ts';
import { highestTier, type Said, saidTogether, type Tier } from './list-of-medicines.ts';

type Expected = 'HIGH' | 'NOT_INTERRUPTIVE' | 'NO_ALERT';

interface ListedPair {
  readonly a: string;
  readonly a_rxcui: string | null;
  readonly b: string;
  readonly b_rxcui: string | null;
  readonly expected: Expected;
}

interface Answer extends ListedPair {
  readonly got: Tier | 'unresolved';
  readonly reason?: string;
}

/** What pairs are judged with. */
interface Knowledge {
  readonly library: Library;
  readonly drugs: DrugTable;
  readonly now: number;
}

/** Exit 1 when a pair that must alert is only known or not found, or one that must not interrupt does. */
export const verifyInteractionsCommand: Command = async ({ args, terminal, library, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { values: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  if (positionals.length === 0) throw new UsageError('verify interactions takes one or more files of pairs');
  const loaded = await library();
  const knowledge = { library: loaded.library, drugs: decodeDrugTable(loaded.drugTable), now: clock() };
  const results = [];
  let fellShort = false;
  for (const path of positionals) {
    const file = basename(path);
    const answers: Answer[] = [];
    for (const pair of pairsIn(JSON.parse(await readFile(path, 'utf8')))) answers.push(await answerOf(pair, knowledge));
    for (const answer of answers) {
      if (values.values) terminal.out(JSON.stringify(lineOf(file, answer)));
      const words = remark(answer);
      if (words !== undefined) terminal.err(`${file}  ${answer.a} + ${answer.b}: ${words}`);
      fellShort ||= isShort(answer);
    }
    results.push(summaryOf(file, answers));
  }
  if (!values.values) terminal.out(JSON.stringify({ results }));
  return fellShort ? 1 : 0;
};

/** Every pair in any array of the file, however deep. */
function pairsIn(json: unknown): readonly ListedPair[] {
  if (Array.isArray(json)) return json.flatMap((each) => (isPair(each) ? [each] : pairsIn(each)));
  return isObject(json) ? Object.values(json).flatMap(pairsIn) : [];
}

function isPair(json: unknown): json is ListedPair {
  if (!isObject(json)) return false;
  const { a, b, expected } = json;
  const known = expected === 'HIGH' || expected === 'NOT_INTERRUPTIVE' || expected === 'NO_ALERT';
  return known && typeof a === 'string' && typeof b === 'string';
}

/** What the engine says of one pair. */
async function answerOf(pair: ListedPair, knowledge: Knowledge): Promise<Answer> {
  const a = ingredientsOf(pair.a_rxcui, pair.a, knowledge);
  const b = ingredientsOf(pair.b_rxcui, pair.b, knowledge);
  if (!a || !b) return { ...pair, got: 'unresolved' };
  const said = await saidTogether(factsOfTwo([a, pair.a], [b, pair.b]), knowledge.library, knowledge.now);
  const [first] = said;
  return { ...pair, got: highestTier(said), ...(first ? { reason: reasonOf(first) } : {}) };
}

/** By code, then by name in the drug table; a profile in the library is enough for what the table lacks. */
function ingredientsOf(
  rxcui: string | null,
  name: string,
  { drugs, library }: Knowledge,
): readonly Ingredient[] | undefined {
  const coded = rxcui === null ? undefined : drugs.ingredientsOf(rxcui);
  if (coded) return coded;
  if (rxcui !== null && profileOf(rxcui, library)) return [{ rxcui, name }];
  return drugs.byName(name);
}

/** A chart of which nothing is known but two medicines. */
function factsOfTwo(...two: readonly (readonly [readonly Ingredient[], string])[]): Facts {
  const source = (id: string, state: SourceReport['state'], count = 0): SourceReport => ({
    id,
    state,
    count,
    pages: 0,
  });
  return {
    patient: {
      id: 'pair',
      name: 'pair',
      deceased: false,
      active: true,
      replaced: false,
      source: 'Patient/pair',
    },
    observation: {},
    coded: {},
    condition: [],
    allergy: [],
    medication: two.map(
      ([ingredients, text], index): MedicationFact => ({
        text,
        ingredients,
        resolution: 'coded',
        state: 'active',
        reported: false,
        asNeeded: false,
        route: 'systemic',
        sources: [`MedicationRequest/${index}`],
      }),
    ),
    unread: [],
    sources: [
      source('medications', 'read', two.length),
      ...['patient', 'laboratory', 'vital-signs', 'social-history', 'conditions', 'allergies'].map((id) =>
        source(id, 'not-asked'),
      ),
    ],
  };
}

/** Why the pair stands where it stands, in a word where the label gives one, else in the card's own. */
function reasonOf({ id, finding }: Said): string {
  const relation = /^label\/[^/]+\/([a-z-]+)/.exec(id)?.[1];
  const recalled = finding.limitation.includes('Recalled, not verified') ? ' (rests on a recalled property)' : '';
  return `${relation ? `label: ${relation}: ` : ''}${finding.summary}${recalled}`;
}

function remark({ expected, got, reason }: Answer): string | undefined {
  if (got === 'unresolved') return 'unresolved';
  if (expected === 'HIGH' && got !== 'critical') return `${got}: ${reason ?? 'nothing found'}`;
  if (expected !== 'HIGH' && got === 'critical') return `critical: ${reason}`;
  if (expected === 'NO_ALERT' && got === 'warning') return `warning: ${reason}`;
  return undefined;
}

function isShort({ expected, got }: Answer): boolean {
  if (got === 'unresolved') return false;
  if (expected === 'HIGH') return got === 'info' || got === 'none';
  return got === 'critical' || (expected === 'NO_ALERT' && got === 'warning');
}

function lineOf(file: string, { a_rxcui, b_rxcui, expected, got, reason }: Answer) {
  return { file, a_rxcui, b_rxcui, expected, got, ...(reason ? { reason } : {}) };
}

function summaryOf(file: string, answers: readonly Answer[]) {
  const count = (tier: Answer['got']) => answers.filter(({ got }) => got === tier).length;
  return {
    file,
    pairs: answers.length,
    resolved: answers.length - count('unresolved'),
    critical: count('critical'),
    warning: count('warning'),
    info: count('info'),
    none: count('none'),
  };
}
