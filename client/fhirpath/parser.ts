/**
 * Stands where FHIRPath's own parser would be (`vite.config.ts` puts it there): the server has parsed every expression
 * of the library, and the page only looks the trees up.
 */

const known = new Map<string, unknown>();

/** Takes the trees of `/library/<digest>/expressions.json`. */
export function learn(parsed: Readonly<Record<string, unknown>>): void {
  for (const [expression, tree] of Object.entries(parsed)) known.set(expression, tree);
}

/** The tree of an expression. @throws SyntaxError when the server did not parse it: an evaluation fails and says so */
export function parse(expression: string): unknown {
  const tree = known.get(expression);
  if (tree === undefined) throw new SyntaxError('an expression that the server did not parse');
  return tree;
}
