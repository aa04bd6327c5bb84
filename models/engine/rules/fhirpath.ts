/** The one door to FHIRPath: expressions are compiled once and give true, false or unknown. */
import { compile, parse } from 'fhirpath';
import { plainCondition, type SyntaxNode } from './plain.ts';

/** What an expression says of a view. Empty is `unknown`: an absent fact never makes a rule false. */
export type Truth = 'met' | 'not-met' | 'unknown';

/**
 * The truth of `expression` over `view`, with `environment` as `%name` variables.
 * @throws RangeError when the expression gives something other than nothing or one boolean;
 *   the library's own error when it does not parse or names a variable that is not there
 */
export function truthOf(expression: string, view: object, environment: Readonly<Record<string, unknown>> = {}): Truth {
  const condition = conditionOf(expression);
  const told = condition.plain(view, environment);
  if (told === undefined) return 'unknown';
  if (typeof told === 'boolean') return told ? 'met' : 'not-met';
  condition.full ??= compile(expression) as Full;
  const result = condition.full(view, { ...environment });
  if (result.length === 0) return 'unknown';
  if (result.length > 1 || typeof result[0] !== 'boolean') throw new RangeError(`not a condition: ${expression}`);
  return result[0] ? 'met' : 'not-met';
}

type Full = (data: object, environment?: Record<string, unknown>) => unknown[];

interface Condition {
  readonly plain: ReturnType<typeof plainCondition>;
  /** FHIRPath itself, once it is needed. */
  full?: Full;
}

const conditions = new Map<string, Condition>();

function conditionOf(expression: string): Condition {
  const known = conditions.get(expression);
  if (known) return known;
  const made: Condition = { plain: plainCondition(parse(expression) as SyntaxNode) };
  conditions.set(expression, made);
  return made;
}
