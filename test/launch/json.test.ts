/** JSON from outside is no deeper than 40, by number and not by what a parser happens to bear (V8). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooDeep, MAX_DEPTH, measured, parseJson } from '../../launch/json.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('Depth', () => {
  it('of forty is read, of forty-one is not', () => {
    expect(MAX_DEPTH).toBe(40);
    expect(parseJson(nested(40))).toEqual(JSON.parse(nested(40)));
    expect(() => parseJson(nested(41))).toThrow(SyntaxError);
    expect(() => parseJson(`${'{"a":'.repeat(41)}1${'}'.repeat(41)}`)).toThrow(SyntaxError);
  });

  it('is refused while it is still open: nothing has to close it', () => {
    expect(isTooDeep('['.repeat(1_000_000))).toBe(true);
  });

  it('counts nesting, not the number of lists', () => {
    expect(isTooDeep(`[${'[1],'.repeat(10_000)}[1]]`)).toBe(false);
  });

  it.each([
    ['brackets in a string', JSON.stringify('['.repeat(100))],
    ['a string that ends in an escaped quote', JSON.stringify({ a: `${'['.repeat(50)}"`, b: '{'.repeat(50) })],
    ['a string that ends in a backslash', JSON.stringify(['\\', `\\"${'['.repeat(99)}`])],
    ['a name of brackets', JSON.stringify({ ['['.repeat(100)]: 1 })],
  ])('is not made by %s', (_, text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('of a string that never closes is for the parser to refuse', () => {
    expect(isTooDeep(`"${'['.repeat(100)}`)).toBe(false);
    expect(() => parseJson(`"${'['.repeat(100)}`)).toThrow(SyntaxError);
  });

  it('is what a walk over the value finds, for any JSON', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 30, max: 40 }), (value, around) => {
        const text = `${'['.repeat(around)}${JSON.stringify(value)}${']'.repeat(around)}`;
        expect(isTooDeep(text)).toBe(around + depthOf(JSON.parse(JSON.stringify(value))) > MAX_DEPTH);
      }),
    );
  });
});

describe('A response of an EHR', () => {
  it('is measured by whoever reads it as JSON, and is otherwise the response it was', async () => {
    const response = measured(new Response(nested(41), { status: 201, headers: { location: 'x' } }));
    expect([response.status, response.headers.get('location')]).toEqual([201, 'x']);
    await expect(response.json()).rejects.toBeInstanceOf(SyntaxError);
    expect(await measured(new Response(nested(40))).json()).toEqual(JSON.parse(nested(40)));
    expect(await measured(new Response('[1]')).text()).toBe('[1]');
  });
});
