/**
 * The page's FHIRPath has neither parser nor units nor decimals: built as the page is built, it must say of every golden patient what
 * the server's says.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../models/engine/evaluate.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Library } from '../../models/engine/library.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import { factsOf, patientsIn } from '../../server/commands/chart.ts';
import { expressionsOf, parsedExpression, parsedExpressions } from '../../server/library/expressions.ts';
import { loadLibrary } from '../../server/library.ts';
import { NOW, PATIENTS, patientFolders } from '../golden/golden.ts';

interface Page {
  readonly evaluate: typeof evaluate;
  readonly learn: (parsed: Readonly<Record<string, unknown>>) => void;
}

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'attune-page-'));
const noRuntime: Runtime = { predict: () => Promise.reject(new Error('not here')) };
const { library: whole, drugTable } = await loadLibrary({ dir: join(root, 'models') });
// Trained models have a test of their own.
const library: Library = { ...whole, risk: whole.risk.filter(({ kind }) => kind !== 'onnx') };
let page: Page;
let code = '';

beforeAll(async () => {
  const entry = join(folder, 'entry.js');
  writeFileSync(
    entry,
    ['models/engine/evaluate.ts', 'client/fhirpath/parser.ts']
      .map((file) => `export * from ${JSON.stringify(join(root, file))};`)
      .join('\n'),
  );
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: join(folder, 'built'), lib: { entry, formats: ['es'], fileName: () => 'page.mjs' } },
  });
  const built = join(folder, 'built', 'page.mjs');
  code = readFileSync(built, 'utf8');
  page = (await import(pathToFileURL(built).href)) as Page;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('FHIRPath as the page has it', () => {
  it('comes without a parser, without units and without decimals', () => {
    expect(code).toContain('an expression that the server did not parse');
    expect(code).not.toMatch(/ATNSimulator|Unified Code for Units|DecimalError/);
    expect(code.length).toBeLessThan(900_000);
  });

  it('evaluates nothing that the server did not parse: it fails, and says so', async () => {
    const failed = [];
    for (const name of patientFolders())
      for (const { kind, status } of await page.evaluate(factsIn(name), library, noRuntime, NOW))
        if (status === 'failure') failed.push(kind);
    expect(failed.length).toBeGreaterThan(0);
  });

  it('says of every golden patient what the server says', async () => {
    page.learn(JSON.parse(JSON.stringify(parsedExpressions(library))) as Record<string, unknown>);
    for (const name of patientFolders()) {
      const facts = factsIn(name);
      const [here, there] = [
        await page.evaluate(facts, library, noRuntime, NOW),
        await evaluate(facts, library, noRuntime, NOW),
      ];
      expect(here, name).toEqual(there);
      expect(here.filter(({ status }) => status === 'failure')).toEqual([]);
    }
  });
});

describe('Expressions parsed on the server', () => {
  it('are all there are: none has a problem', () => {
    const expressions = expressionsOf(library);
    expect(expressions.size).toBeGreaterThan(10);
    for (const rule of library.rules)
      for (const expression of [rule.concerns.expression, ...rule.tiers.map((tier) => tier.expression)])
        expect(expressions).toContain(expression);
    for (const { modifiers } of library.interactions)
      for (const { when } of modifiers) expect(expressions).toContain(when);
    const problems = [...expressions].flatMap((expression) => {
      const parsed = parsedExpression(expression);
      return 'problem' in parsed ? [`${expression}: ${parsed.problem}`] : [];
    });
    expect(problems).toEqual([]);
  });

  it('may not compare a quantity with a unit or ask for a boundary, which the page could not, nor be anything but FHIRPath', () => {
    expect(parsedExpression("observation.potassium > 5 'mmol/L'")).toEqual({
      problem: 'it holds a quantity with a unit',
    });
    expect(parsedExpression('(5.1).lowBoundary() > 5')).toEqual({ problem: 'it asks for a boundary' });
    expect(parsedExpression('days > > 3')).toHaveProperty('problem');
  });
});

function factsIn(name: string) {
  const bundle: unknown = JSON.parse(readFileSync(join(root, PATIENTS, name, 'bundle.json'), 'utf8'));
  const [patientId = ''] = patientsIn(bundle);
  return factsOf({ bundle, patientId, drugs: decodeDrugTable(drugTable), now: NOW });
}
