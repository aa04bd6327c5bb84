/**
 * Tolerant, strictly typed access to JSON that came from outside. What is absent is `undefined`; what is there
 * with the wrong type throws `Malformed`, so that its resource is set aside instead of half-read.
 */

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** A resource whose shape is not what FHIR says: it is kept as unread, never guessed at. */
export class Malformed extends Error {}

/** True for JSON objects, false for arrays, null and primitives. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or `undefined` when absent. @throws Malformed */
export function object(value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw new Malformed('expected an object');
}

/** The objects of an array; empty when absent. @throws Malformed */
export function objects(value: unknown): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed('expected an array');
  for (const item of value) if (!isObject(item)) throw new Malformed('expected an array of objects');
  return value as Json[];
}

/** The text, or `undefined` when absent or blank. @throws Malformed */
export function string(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Malformed('expected text');
  const first = value.charCodeAt(0);
  // Text that begins with a printable ASCII character is not blank; the rest is looked at closely.
  return (first > 32 && first < 127) || value.trim() !== '' ? value : undefined;
}

/** The finite number, or `undefined` when absent. Text that looks like a number is malformed. @throws Malformed */
export function number(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Malformed('expected a number');
  return value;
}

/** The truth value, or `undefined` when absent. @throws Malformed */
export function boolean(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw new Malformed('expected true or false');
  return value;
}
