/** What is packed comes out as it went in, and what is no such list is refused. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitDrugTable } from '../../../models/engine/facts/drug-codes.ts';
import { type DrugTableJson, productsOf } from '../../../models/engine/facts/drug-table.ts';
import { pack, unpack } from '../../../models/engine/facts/packed-products.ts';

it('every product of the drug table, in its group, in its order', () => {
  const table = JSON.parse(readFileSync('models/drugs/rxnorm.json', 'utf8')) as DrugTableJson;
  const known = productsOf(table);
  expect([...known.values()].flat().length).toBeGreaterThan(30_000);
  const { codes } = splitDrugTable(table) as { codes: DrugTableJson };
  const again = productsOf(codes);
  expect(again.size).toBe(known.size);
  for (const [group, list] of known) expect(again.get(group)).toEqual(list);
});

it('any products: many groups, few groups, codes of any size', () => {
  const codes = fc.uniqueArray(fc.integer({ min: 1, max: 5_000_000 }), { maxLength: 400 });
  fc.assert(
    fc.property(codes, fc.integer({ min: 1, max: 200 }), fc.integer(), (list, groups, seed) => {
      const products = new Map<string, number[]>();
      for (const code of list.sort((a, b) => a - b)) {
        const group = `g${Math.abs(Math.imul(code, seed | 1)) % groups}:s`;
        products.set(group, [...(products.get(group) ?? []), code]);
      }
      const again = unpack(JSON.parse(JSON.stringify(pack(products))));
      expect(new Map([...again].sort())).toEqual(new Map([...products].sort()));
    }),
  );
});

it('a list that was cut, or holds what is no number, is refused', () => {
  const packed = pack(
    new Map([
      ['a:s', [1, 5, 9]],
      ['b:t', [2, 700_000]],
    ]),
  );
  expect(() => unpack({ ...packed, recency: packed.recency.slice(0, -1) })).toThrow(TypeError);
  expect(() => unpack({ ...packed, groups: 'a:s' })).toThrow(TypeError);
  expect(() => unpack({ ...packed, codes: `${packed.codes}!` })).toThrow(TypeError);
});
