import { describe, expect, test } from 'vitest';
import { questionsOf } from '../../models/engine/risk/questions.ts';
import { loadLibrary } from '../../server/library.ts';

const { library } = await loadLibrary({ dir: 'models' });
const of = (id: string) => {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (!model) throw new RangeError(id);
  return questionsOf(model);
};

describe('the questions of a model', () => {
  test('begin with the one it is offered by, and come once each', () => {
    expect(of('wells-pe').map(({ path }) => path)).toEqual([
      'asked.pe-suspected',
      'asked.dvt-signs',
      'asked.pe-most-likely',
      'asked.immobilization-or-surgery',
      'asked.hemoptysis',
      'asked.active-cancer',
    ]);
    expect(of('news2')[0]?.path).toBe('asked.consciousness');
  });
  test('are none where the chart has everything', () => {
    expect(of('prevent-base-10yr')).toEqual([]);
  });
  test('say which one can be left out', () => {
    expect(
      of('gail-bcrat')
        .filter(({ required }) => !required)
        .map(({ path }) => path),
    ).toEqual(['asked.gail-until-age']);
  });
  test('have choices that the model has numbers for, or a unit', () => {
    for (const model of library.risk)
      for (const { fact, codes, ask, unit } of model.inputs) {
        if (!ask) continue;
        const choices = ask.choices?.map(({ value }) => value).sort();
        expect({ fact, choices: choices ?? unit }).toEqual({ fact, choices: codes ? Object.keys(codes).sort() : unit });
        expect(choices ?? unit).toBeDefined();
      }
  });
  test('asked by two models in the same words have the same choices', () => {
    const byPath = new Map<string, string>();
    for (const model of library.risk)
      for (const { path, required: _, unit: __, ...ask } of questionsOf(model)) {
        const text = JSON.stringify(ask);
        expect([path, byPath.get(path) ?? text]).toEqual([path, text]);
        byPath.set(path, text);
      }
  });
});
