import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluateCautions } from '../../../models/engine/cautions/evaluate.ts';
import { library, type ShortChart, sceneOf } from './chart.ts';

interface Case extends ShortChart {
  readonly caution: string;
  readonly fires: boolean;
}

const folder = new URL('../../../models/cautions/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.cases.json'))
  .flatMap((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { cases: Case[] }).cases);

function fired(chart: ShortChart): readonly string[] {
  return evaluateCautions(sceneOf(chart)).flatMap(({ id, status }) => (status === 'finding' ? [id] : []));
}

const told = ({ caution: _, fires: __, takes, ...chart }: Case) => `${takes?.[1]} ${JSON.stringify(chart)}`;

describe.each(library.cautions ?? [])('$id', ({ cautions }) => {
  for (const { id } of cautions) {
    const own = cases.filter(({ caution }) => caution === id);
    test(`${id} speaks and keeps silent in its cases`, () => {
      for (const one of own) expect(fired(one).includes(id), told(one)).toBe(one.fires);
      expect(new Set(own.map(({ fires }) => fires)), 'a case that fires and one that does not').toEqual(
        new Set([true, false]),
      );
    });
  }
});

test('every case is about a caution that exists', () => {
  const ids = new Set((library.cautions ?? []).flatMap(({ cautions }) => cautions.map(({ id }) => id)));
  for (const { caution } of cases) expect(ids).toContain(caution);
});
