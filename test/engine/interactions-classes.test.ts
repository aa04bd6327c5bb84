import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { library } from './interactions-chart.ts';

const table = new URL('../../../shared/knowledge/drugs/rxnorm_ingredients.csv', import.meta.url);

describe.skipIf(!existsSync(table))('the drug classes', () => {
  const nameOf = new Map(
    (existsSync(table) ? readFileSync(table, 'utf8') : '').split('\n').flatMap((line) => {
      // A name that holds a comma is quoted.
      const [, rxcui, quoted, plain] = /^(\d+),(?:"([^"]*)"|([^,]*))/.exec(line) ?? [];
      const name = quoted ?? plain;
      return rxcui && name ? [[rxcui, name] as const] : [];
    }),
  );

  test.each(library.drugClasses.map(({ id, members }) => ({ id, members })))(
    '$id holds RxNorm ingredients under their RxNorm names',
    ({ members }) => {
      expect(members.map(({ rxcui }) => nameOf.get(rxcui))).toEqual(members.map(({ name }) => name));
      expect(new Set(members.map(({ rxcui }) => rxcui)).size).toBe(members.length);
    },
  );

  test('every ingredient that an interaction names is that ingredient in RxNorm', () => {
    const named = library.interactions.flatMap(({ object, precipitant }) => [
      ...(object.ingredients ?? []),
      ...(precipitant.ingredients ?? []),
    ]);
    expect(named.map(({ rxcui }) => nameOf.get(rxcui))).toEqual(named.map(({ name }) => name));
  });
});

describe('the class of blood pressure medicines', () => {
  const membersOf = (id: string) =>
    library.drugClasses.find((one) => one.id === id)?.members.map(({ rxcui }) => rxcui) ?? [];

  test.each(['ace-inhibitor', 'arb', 'thiazide', 'loop-diuretic', 'beta-blocker', 'calcium-channel-blocker'])(
    'includes every %s',
    (id) => {
      expect(membersOf(id).length).toBeGreaterThan(4);
      expect(membersOf('antihypertensive')).toEqual(expect.arrayContaining(membersOf(id)));
    },
  );

  test('does not include finerenone, which is given for the kidney', () => {
    expect(
      library.drugClasses.find(({ id }) => id === 'antihypertensive')?.members.map(({ name }) => name),
    ).not.toContain('finerenone');
  });
});
