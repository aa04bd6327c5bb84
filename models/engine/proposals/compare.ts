/** What an EHR made of what it was sent: which of the fields that a clinician relies on did not come back (interop WB2, WB3). */

/** What is compared. `base` is the FHIR server's address, so that a relative and an absolute reference compare equal. */
export interface Comparison<R> {
  readonly sent: R;
  readonly stored: unknown;
  readonly base: string;
}

/** Names of the fields that were lost or altered. What an EHR adds is its own affair. */
export function lostFields<R extends { resourceType: string }>(
  { sent, stored, base }: Comparison<R>,
  fields: readonly (keyof R & string)[],
): readonly string[] {
  if (!isObject(stored) || stored.resourceType !== sent.resourceType) return ['resourceType'];
  return fields.filter((field) => sent[field] !== undefined && !kept(sent[field], stored[field], { field, base }));
}

interface Where {
  readonly field: string;
  readonly base: string;
}

function kept(sent: unknown, stored: unknown, where: Where): boolean {
  if (Array.isArray(sent)) {
    const held = Array.isArray(stored) ? stored : [];
    return sent.every((item) => held.some((other) => kept(item, other, where)));
  }
  if (isObject(sent)) {
    if (!isObject(stored)) return false;
    return Object.entries(sent).every(([field, value]) => kept(value, stored[field], { ...where, field }));
  }
  if (typeof sent !== 'string' || typeof stored !== 'string') return sent === stored;
  if (where.field === 'reference') return sameReference(stored, sent, where.base);
  return sent === stored || (INSTANT.test(sent) && Date.parse(sent) === Date.parse(stored));
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T/;

/** `Patient/1`, `<base>/Patient/1` and `Patient/1/_history/3` name one patient; any other server's `Patient/1` does not. */
export function sameReference(a: string | undefined, b: string | undefined, base: string): boolean {
  return a !== undefined && b !== undefined && local(a, base) === local(b, base);
}

function local(reference: string, base: string): string {
  const root = base.endsWith('/') ? base : `${base}/`;
  const relative = reference.startsWith(root) ? reference.slice(root.length) : reference;
  return relative.replace(/\/_history\/[^/]+$/, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
