/** From a model's bindings to the numbers its formulas use, and the basis shown for them. */
import type { EvaluationBasis, Input, Missing, Reason } from '../evaluation.ts';
import type { InputBinding } from '../library.ts';
import type { Resolved, Resolver } from '../resolve.ts';

/** A model's inputs: numbers by input name, where each came from, and what stands in the way. */
export interface Gathered {
  readonly values: Readonly<Record<string, number>>;
  readonly basis: EvaluationBasis;
  /** Required inputs that are not there. */
  readonly missing: readonly Missing[];
  /** An input outside the published limits, where the authors allow nothing but abstaining. */
  readonly outside?: Reason;
}

/** Resolves every binding; one missing input does not hide another. */
export function gatherInputs(bindings: readonly InputBinding[], resolver: Resolver): Gathered {
  const values: Record<string, number> = {};
  const basis = emptyBasis();
  let outside: Reason | undefined;
  for (const binding of bindings) {
    const read = readInput(binding, resolver.resolve(binding));
    switch (read.is) {
      case 'used':
        values[binding.name] = read.value;
        basis.used.push(read.input);
        break;
      case 'missing':
        basis.missing.push(read.missing);
        if (read.missing.absence === 'stale' && read.missing.last) basis.stale.push(read.missing.last);
        if (read.missing.absence === 'extreme' && read.missing.last)
          basis.excluded.push({ ...read.missing.last, reason: 'extreme value, verify first' });
        break;
      case 'outside':
        outside ??= read.because;
        basis.excluded.push({ ...read.input, reason: read.because.text });
        break;
    }
  }
  return { values, basis, missing: basis.missing.filter(({ required }) => required), ...(outside ? { outside } : {}) };
}

/** The numbers of inputs already gathered, by input name: what a what-if starts from. */
export function valuesOf(bindings: readonly InputBinding[], basis: EvaluationBasis): Readonly<Record<string, number>> {
  const entries = bindings.flatMap((binding) => {
    const input = basis.used.find(({ path }) => path === binding.fact);
    const value = input && asNumber(binding, input.value);
    return value === undefined ? [] : [[binding.name, withinRange(binding, value)] as const];
  });
  return Object.fromEntries(entries);
}

/** The values as formulas see them: what is not there replaced as its authors say, and its indicator set. */
export function withMissing(
  bindings: readonly InputBinding[],
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  const scope: Record<string, number> = { ...values };
  for (const { name, missing } of bindings) {
    if (!missing) continue;
    const gone = values[name] === undefined;
    scope[missing.indicator] = Number(gone);
    if (gone) scope[name] = missing.value;
  }
  return scope;
}

/** The closest value within the published limits. */
export function withinRange({ range }: InputBinding, value: number): number {
  return range ? Math.min(Math.max(value, range[0]), range[1]) : value;
}

/** The number a fact stands for: itself, the code of its word, or that of `other`. A `no` means what the manifest says absence means. */
export function asNumber(binding: InputBinding, value: number | string): number | undefined {
  if (typeof value === 'number') return value;
  const coded = binding.codes?.[value];
  return coded ?? (value === 'no' ? binding.whenAbsent : binding.codes?.other);
}

/** A basis with nothing in it yet. */
export function emptyBasis(): {
  used: Input[];
  stale: Input[];
  missing: Missing[];
  excluded: (Input & { reason: string })[];
} {
  return { used: [], stale: [], missing: [], excluded: [] };
}

type Read =
  | { readonly is: 'used'; readonly value: number; readonly input: Input }
  | { readonly is: 'missing'; readonly missing: Missing }
  | { readonly is: 'outside'; readonly input: Input; readonly because: Reason };

function readInput(binding: InputBinding, resolved: Resolved): Read {
  if (resolved.state === 'absent') return { is: 'missing', missing: resolved.missing };
  const { input } = resolved;
  const { fact: path, label, required } = binding;
  const unusable = (reason: string): Read => ({
    is: 'missing',
    missing: { path, label, required, absence: 'unread', text: `${label}: ${reason}`, last: input },
  });
  if (input.comparator)
    return unusable(`known only as ${input.comparator} ${rounded(input.value)}; an equation needs a number`);
  const value = asNumber(binding, resolved.value);
  if (value === undefined) return unusable(`the model has no number for “${resolved.value}”`);
  if (!binding.range || withinRange(binding, value) === value) return { is: 'used', value, input };
  const limits = `${binding.range[0]} to ${binding.range[1]}${binding.unit ? ` ${binding.unit}` : ''}`;
  if (binding.outside !== 'closest') {
    const because: Reason = {
      code: 'input-outside-range',
      text: `${label} is outside the published range of ${limits}`,
      path,
    };
    return { is: 'outside', input, because };
  }
  const closest = withinRange(binding, value);
  const note = `used as ${closest}, the closest value in the model’s range of ${limits}; read the result with caution`;
  return { is: 'used', value: closest, input: { ...input, note: input.note ? `${input.note}; ${note}` : note } };
}

/** A converted bound to three figures: it is for reading, nothing is computed from it. */
function rounded(value: number | string): number | string {
  return typeof value === 'number' ? Number(value.toPrecision(3)) : value;
}
