/**
 * The library's FHIRPath as syntax trees, parsed here once: the page's FHIRPath comes without its parser (ANTLR) and
 * without UCUM, which together are more than the rest of it.
 */
import { parse } from 'fhirpath';
import type { Library } from '../../models/engine/library.ts';

/** Members under which knowledge holds FHIRPath. A risk model's `when` is a formula, and an object by now. */
const MEMBERS: ReadonlySet<string> = new Set(['when', 'expression']);

/** What became of an expression: its syntax tree, or why the page could not evaluate it. */
type Parsed = { readonly tree: unknown } | { readonly problem: string };

/** Expression → syntax tree, for every expression in the library. One with a problem is left out: the page's own evaluation of it fails and says so. */
export function parsedExpressions(library: Library): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...expressionsOf(library)].flatMap((expression) => {
      const parsed = parsedExpression(expression);
      return 'tree' in parsed ? [[expression, parsed.tree]] : [];
    }),
  );
}

/** Every FHIRPath expression of the library, once. */
export function expressionsOf(library: Library): ReadonlySet<string> {
  const found = new Set<string>();
  JSON.stringify(library, (member, value) => {
    if (typeof value === 'string' && MEMBERS.has(member)) found.add(value);
    return value;
  });
  return found;
}

/** Parses one expression. A quantity with a unit is a problem, since facts are compared as numbers in their own unit; so are boundaries, which need decimals that the page does not have. */
export function parsedExpression(expression: string): Parsed {
  try {
    const tree: unknown = parse(expression);
    if (JSON.stringify(tree).includes('"QuantityLiteral"')) return { problem: 'it holds a quantity with a unit' };
    if (/\b(low|high)Boundary\b/.test(expression)) return { problem: 'it asks for a boundary' };
    return { tree: JSON.parse(JSON.stringify(tree, withoutPlaces)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'it does not parse' };
  }
}

/** Where in the text a part stands is of use to whoever writes it, and to no evaluation. */
function withoutPlaces(member: string, value: unknown): unknown {
  return member === 'start' || member === 'length' ? undefined : value;
}
