/** What of an EHR's answer may pass: resources about the launch's patient, and a further page only within the EHR. Pure, and made of plain data, so that it can run apart. */
import { isUtf8 } from 'node:buffer';
import { parseJson } from '../launch/json.ts';
import { withinBase } from './authorize.ts';
import { readingPart } from './offers.ts';
import { outcome } from './outcome.ts';
import { isRelayed, type Plan } from './relay-plan.ts';

/** Bytes that can be handed to another thread. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What was asked, and for whom. */
export interface Asked {
  readonly plan: Plan;
  readonly patientId: string;
  /** Without a trailing slash. */
  readonly fhirBase: string;
}

/**
 * The verdict. An answer that names a further page comes in two parts: the address that leads there through us, as a JSON
 * string, belongs between them; `next` is the EHR's own and stays here.
 */
export type Admitted =
  | { readonly whole: Bytes }
  | { readonly before: Bytes; readonly next: string; readonly after: Bytes }
  | { readonly refused: 'no-such-resource' | 'unreadable' };

type Json = { readonly [member: string]: unknown };
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Judges an answer by what `JSON.parse` reads in it, as the browser will. Bytes that need no change pass as they came, so
 * that decimals keep their digits; of a page in the middle, only its `next` is replaced. `read` throws `SyntaxError` for
 * what is no JSON, and may for what is too deep.
 */
export function admit(asked: Asked, answer: Bytes, read: (text: string) => unknown = JSON.parse): Admitted {
  const { plan } = asked;
  const text = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength).toString('utf8');
  // What is no UTF-8 passes as it was read here, so that nobody reads it otherwise.
  const bytes = isUtf8(answer) ? answer : Buffer.from(text);
  const resource = attempt(() => (plan.interaction === 'capabilities' ? parseJson : read)(text));
  if (!isObject(resource)) return { refused: 'unreadable' };
  if (plan.interaction === 'capabilities') {
    const part = attempt(() => readingPart(resource, isRelayed));
    return part === undefined ? { refused: 'unreadable' } : { whole: Buffer.from(part) };
  }
  if (plan.interaction === 'r') {
    const isAsked = resource.resourceType === plan.resourceType && `${plan.resourceType}/${resource.id}` === plan.path;
    const admitted = isAsked && (!plan.compartment || isAbout(asked, resource, 'strictly'));
    return admitted ? { whole: bytes } : { refused: 'no-such-resource' };
  }
  return resource.resourceType === 'Bundle' ? page(asked, resource, bytes) : { refused: 'unreadable' };
}

/** `undefined` for what cannot be read, and for what is nested deeper than it can be written. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function page(asked: Asked, bundle: Json, bytes: Bytes): Admitted {
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  const links = Array.isArray(bundle.link) ? bundle.link.filter(isObject) : [];
  const kept = entries.filter((entry) => isObject(entry.resource) && isAbout(asked, entry.resource));
  const named = links.find((link) => link.relation === 'next')?.url;
  if (named === undefined && kept.length === entries.length) return { whole: bytes };

  const next = typeof named === 'string' ? withinBase(asked.fhirBase, named) : undefined;
  const warnings = [
    ...(named !== undefined && next === undefined ? [PAGE_ELSEWHERE] : []),
    ...(kept.length < entries.length ? [SOMEONE_ELSE] : []),
  ];
  const spliced =
    typeof named === 'string' && next !== undefined && warnings.length === 0 ? aroundUrl(bytes, named) : undefined;
  if (spliced && next !== undefined) return { ...spliced, next };
  return written(bundle, { next, entry: [...kept, ...warnings] });
}

const warning = (own: string, text: string) => ({
  search: { mode: 'outcome' },
  resource: outcome('warning', 'incomplete', text, own),
});
const PAGE_ELSEWHERE = warning(
  'page-elsewhere',
  'The EHR named a further page outside its own address; it was not read.',
);
const SOMEONE_ELSE = warning('someone-else', 'Entries about someone else were left out.');

/** What stands before and after one link, where that link stands once and plainly: writing a page of a thousand entries anew costs more than reading it. */
function aroundUrl(bytes: Bytes, url: string): { before: Bytes; after: Bytes } | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const link = Buffer.from(JSON.stringify(url));
  const at = text.indexOf(link);
  const lead = text.subarray(Math.max(0, at - 40), Math.max(0, at)).toString('latin1');
  if (at < 0 || text.indexOf(link, at + 1) >= 0 || !/"url"\s*:\s*$/.test(lead)) return undefined;
  return { before: text.subarray(0, at), after: text.subarray(at + link.length) };
}

/** The page written anew. It keeps no link but `next`, which stands first. */
function written(
  { link: _, ...bundle }: Json,
  { next, entry }: { readonly next: string | undefined; readonly entry: readonly unknown[] },
): Admitted {
  const members = attempt(() => JSON.stringify({ ...bundle, entry }).slice(1));
  if (members === undefined) return { refused: 'unreadable' };
  if (next === undefined) return { whole: Buffer.from(`{"link":[],${members}`) };
  return { before: Buffer.from('{"link":[{"relation":"next","url":'), next, after: Buffer.from(`}],${members}`) };
}

/** Whether a resource is about the launch's patient. Types about nobody are; a resource that names no subject is, unless asked `strictly`. */
function isAbout({ patientId, fhirBase }: Asked, resource: Json, strictly?: 'strictly'): boolean {
  if (resource.resourceType === 'Patient') return resource.id === patientId;
  const subject = [resource.subject, resource.patient].find(isObject);
  const reference = subject?.reference;
  if (typeof reference !== 'string') return !strictly;
  const local = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
  return local.replace(/\/_history\/.*$/, '') === `Patient/${patientId}`;
}
