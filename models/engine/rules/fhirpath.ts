/** The one door to FHIRPath: expressions are compiled once and give true, false or unknown. */
import { compile } from 'fhirpath';

/** What an expression says of a view. Empty is `unknown`: an absent fact never makes a rule false. */
export type Truth = 'met' | 'not-met' | 'unknown';

type Compiled = (data: object, environment?: Record<string, unknown>) => unknown[];

const compiled = new Map<string, Compiled>();

/**
 * The truth of `expression` over `view`, with `environment` as `%name` variables.
 * @throws RangeError when the expression gives something other than nothing or one boolean;
 *   the library's own error when it does not parse or names a variable that is not there
 */
export function truthOf(expression: string, view: object, environment: Readonly<Record<string, unknown>> = {}): Truth {
  let run = compiled.get(expression);
  if (!run) {
    run = compile(expression) as Compiled;
    compiled.set(expression, run);
  }
  const result = run(view, { ...environment });
  if (result.length === 0) return 'unknown';
  if (result.length > 1 || typeof result[0] !== 'boolean') throw new RangeError(`not a condition: ${expression}`);
  return result[0] ? 'met' : 'not-met';
}
