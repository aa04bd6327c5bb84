/** The plain part of FHIRPath says what FHIRPath says, for every expression in the library and whatever the chart holds. */
import { resolve } from 'node:path';
import fc from 'fast-check';
import { compile, parse } from 'fhirpath';
import { describe, expect, test } from 'vitest';
import { BEYOND, plainCondition, type SyntaxNode } from '../../models/engine/rules/plain.ts';
import { expressionsOf } from '../../server/library/expressions.ts';
import { loadLibrary } from '../../server/library.ts';

const { library } = await loadLibrary({ dir: resolve(import.meta.dirname, '../../models') });
const expressions = [...expressionsOf(library)];

const plainOf = (expression: string) => plainCondition(parse(expression) as SyntaxNode);

/** What FHIRPath gives: true, false, undefined for empty, or `fails`. */
function fhirPath(expression: string, view: object, named: Readonly<Record<string, unknown>>): unknown {
  try {
    const result = compile(expression)(view, { ...named }) as unknown[];
    return result.length > 1 ? 'several' : result[0];
  } catch {
    return 'fails';
  }
}

/** Views that hold what the expression names: sometimes not there, sometimes on a limit, sometimes of the wrong kind. */
function viewsOf(expression: string): fc.Arbitrary<object> {
  const limits = [...expression.matchAll(/\d+(?:\.\d+)?/g)].map(([text]) => Number(text));
  const words = [...expression.matchAll(/'([^']*)'/g)].map(([, text]) => text ?? '');
  const figure = fc.oneof(
    fc.constantFrom(...limits.flatMap((limit) => [limit, limit - 1, limit + 1, limit + 0.1]), 0),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );
  const leaf = fc.oneof(
    { weight: 4, arbitrary: figure },
    { weight: 3, arbitrary: fc.boolean() },
    { weight: 2, arbitrary: fc.constantFrom(...words, 'other') },
    { weight: 1, arbitrary: fc.constantFrom(null, [], [1, 2], [true]) },
  );
  const paths = [
    ...new Set(
      [...expression.matchAll(/\b[a-z]\w*(?:\.[a-z]\w*)+/g)].map(([text]) => text.replace(/\.(?:exists|not)$/, '')),
    ),
  ];
  return fc.tuple(...paths.map(() => fc.option(leaf, { freq: 4, nil: undefined }))).map((values) => {
    const view: Record<string, unknown> = {};
    for (const [index, path] of paths.entries())
      if (values[index] !== undefined) put(view, path.split('.'), values[index]);
    return view;
  });
}

function put(view: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    view[name] ??= value;
    return;
  }
  const inner = view[name];
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  view[name] = next;
  put(next as Record<string, unknown>, rest, value);
}

/** What `%name` stands for: none, one or several medicines, each with or without its dose, its days and a word too many. */
function namedIn(expression: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const words = [...expression.matchAll(/'([^']*)'/g)].map(([, text]) => text ?? '');
  const limits = [...expression.matchAll(/\d+(?:\.\d+)?/g)].map(([text]) => Number(text));
  const word = fc.constantFrom(...words, 'other');
  const figure = fc.constantFrom(...limits.flatMap((limit) => [limit, limit - 1, limit + 1]), 0);
  const medicine = fc.record(
    {
      ingredients: fc.array(word, { maxLength: 2 }),
      route: word,
      asNeeded: fc.boolean(),
      dailyDose: fc.record({ value: figure, unit: word }, { requiredKeys: [] }),
      takenDays: figure,
    },
    { requiredKeys: [] },
  );
  const medicines = fc.array(medicine, { maxLength: 3 });
  const since = fc.oneof(fc.constant([]), figure);
  return fc.record({ object: medicines, precipitant: medicines, medicine: medicines, sinceDays: since });
}

describe('the plain part of FHIRPath', () => {
  test.each(expressions)('%s', (expression) => {
    const plain = plainOf(expression);
    fc.assert(
      fc.property(viewsOf(expression), namedIn(expression), (view, named) => {
        const told = plain(view, named);
        // What is not a truth is left to FHIRPath, and a side that settles the whole spares the other, which may fail.
        if (told !== undefined && typeof told !== 'boolean') return;
        const full = fhirPath(expression, view, named);
        if (full !== 'fails') expect({ view, named, told }).toEqual({ view, named, told: full });
        else expect(expression).toMatch(/ (?:and|or) /);
      }),
      { numRuns: 60, seed: 20261123 },
    );
  });

  test('answers nine in ten of the library’s conditions that look at the patient alone', () => {
    const alone = expressions.filter((expression) => !expression.includes('%'));
    const whole = alone.filter((expression) => plainOf(expression)({}, {}) !== BEYOND);
    expect(whole.length / alone.length).toBeGreaterThan(0.9);
  });

  test.each([
    ['two decimals compared for equality', 'observation.a.value = 0.3', { observation: { a: { value: 0.1 + 0.2 } } }],
    ['a list', 'observation.a.value > 1', { observation: { a: { value: [1, 2] } } }],
    ['a word compared by size', "patient.sex > 'a'", { patient: { sex: 'female' } }],
    ['a number as a truth', 'patient.age and true', { patient: { age: 60 } }],
    ['decimals subtracted', 'patient.a - patient.b > 0', { patient: { a: 0.3, b: 0.1 } }],
    ['a function it does not know', 'patient.age.toString() = patient.age', { patient: { age: 60 } }],
    ['a list of anything but medicines', '%medicine.exists()', {}],
    ['a name that is not there', '%other.exists()', {}],
    ['a list in a medicine', '%object.all(ingredients.exists())', {}],
  ])('leaves %s to FHIRPath', (_, expression, view) => {
    expect(plainOf(expression)(view, { medicine: ['6809'], object: [{ ingredients: ['6809'] }] })).toBe(BEYOND);
  });
});
