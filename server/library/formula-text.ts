/** An expression tree as formula text again, for whoever runs an exported model elsewhere. `parseFormula` gives the same tree back. */
import type { Expression } from '../../models/engine/library.ts';

/** Fully bracketed. */
export function formulaText(expression: Expression): string {
  switch (expression.op) {
    case 'number':
      return String(expression.value);
    case 'name':
      return expression.name;
    case 'negate':
      return `(-${formulaText(expression.of)})`;
    case 'call':
      return `${expression.fn}(${expression.args.map(formulaText).join(', ')})`;
    default:
      return `(${formulaText(expression.left)} ${expression.op} ${formulaText(expression.right)})`;
  }
}
