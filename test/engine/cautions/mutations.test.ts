import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluateCautions } from '../../../models/engine/cautions/evaluate.ts';
import type { Caution, CautionTheme, Library } from '../../../models/engine/library.ts';
import { library, type ShortChart, sceneOf } from './chart.ts';

interface Case extends ShortChart {
  readonly caution: string;
  readonly fires: boolean;
}

const folder = new URL('../../../models/cautions/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.cases.json'))
  .flatMap((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { cases: Case[] }).cases);

/** Expressions that differ in one place: a comparison turned or widened, a limit moved by one step, a word changed. */
function mutantsOf(when: string): readonly string[] {
  const changed = (pattern: RegExp, to: (found: string) => readonly string[]) =>
    [...when.matchAll(pattern)].flatMap(({ 0: found, index }) =>
      to(found).map((text) => when.slice(0, index) + text + when.slice(index + found.length)),
    );
  const step = (found: string) => (found.includes('.') || Number(found) < 10 ? 0.1 : 1);
  return [
    ...changed(/(?<= )(?:<|>=|>)(?= )/g, (found) => {
      if (found === '<') return ['>=', '<='];
      return found === '>' ? ['<=', '>='] : ['<', '>'];
    }),
    ...changed(/(?<=[<>]=? )[\d.]+/g, (found) => [
      String(Number((Number(found) + step(found)).toFixed(3))),
      String(Number((Number(found) - step(found)).toFixed(3))),
    ]),
    ...changed(/ and /g, () => [' or ']),
    ...changed(/ or /g, () => [' and ']),
    ...changed(/\.not\(\)/g, () => ['']),
    ...changed(/ = '/g, () => [" != '"]),
    ...changed(/\bhistory\./g, () => ['condition.']),
  ];
}

function fires(theme: CautionTheme, caution: Caution, chart: ShortChart): boolean {
  const cautions = [{ ...theme, cautions: [caution] }];
  const using: Library = { ...library, cautions };
  return evaluateCautions(sceneOf(chart, using)).some(({ id, status }) => id === caution.id && status === 'finding');
}

/** A `history` made `condition` needs the other fact, or it would only be unknown. */
function mutated(caution: Caution, theme: CautionTheme, when: string): Caution {
  const needs = [...(caution.needs ?? []), ...(theme.needs ?? [])];
  const present = needs.flatMap((fact) => (fact.startsWith('history.') ? [`condition.${fact.slice(8)}`] : []));
  return { ...caution, when, needs: [...new Set([...needs, ...present])] };
}

test('the cases kill nine in ten mutants of when a caution holds', { timeout: 120_000 }, () => {
  const survivors: string[] = [];
  let made = 0;
  for (const theme of library.cautions ?? [])
    for (const [index, caution] of theme.cautions.entries()) {
      // What a theme says for all its cautions is tried once.
      if (caution.when === undefined && index > 0) continue;
      const own = cases.filter(({ caution: id }) => id === caution.id);
      const when = caution.when ?? theme.when ?? '';
      for (const mutant of mutantsOf(when)) {
        made += 1;
        const other = mutated(caution, theme, mutant);
        if (own.every((one) => fires(theme, other, one) === one.fires)) survivors.push(`${caution.id}: ${mutant}`);
      }
    }
  const killed = made - survivors.length;
  console.log(
    `${killed} of ${made} mutants killed${survivors.length > 0 ? `; survivors:\n${survivors.join('\n')}` : ''}`,
  );
  expect(made).toBeGreaterThan(300);
  expect(killed / made).toBeGreaterThanOrEqual(0.9);
});
