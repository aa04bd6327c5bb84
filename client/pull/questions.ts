/**
 * The ways of asking one query, narrowest first (Q2). The first is asked at once, without waiting for the
 * CapabilityStatement; the next ones only after a refusal. Every later way asks for at least as much: what comes back is
 * filtered again by whoever reads it.
 */
import type { Query } from '../../models/engine/facts/queries.ts';
import { ReadFailure } from './failure.ts';
import type { Offers } from './offers.ts';

type Params = Readonly<Record<string, string>>;

/** One way: a single search, or one for each category whose answers add up. */
export interface Question {
  readonly searches: readonly Params[];
}

/** Categories that together cover a type, for servers that insist on one. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  Condition: ['problem-list-item', 'encounter-diagnosis', 'health-concern'],
  MedicationRequest: ['inpatient', 'outpatient', 'community', 'discharge'],
};

/** All ways, in the order to try; ways that the statement rules out are left unless none would remain. */
export function questionsOf(query: Query, offers?: Offers): readonly Question[] {
  const { params, fallback, resourceType } = query;
  const plain = withoutResultParameters(fallback ?? params);
  const categories = 'category' in plain ? [] : (CATEGORIES[resourceType] ?? []);
  const ways: Question[] = [
    { searches: [params] },
    ...(fallback ? [{ searches: [fallback] }] : []),
    ...(Object.keys(plain).length < Object.keys(fallback ?? params).length ? [{ searches: [plain] }] : []),
    ...(categories.length > 0 ? [{ searches: categories.map((category) => ({ ...plain, category })) }] : []),
  ];
  const known = offers?.type(resourceType)?.parameters;
  const possible = known ? ways.filter(({ searches }) => searches.every((search) => isDeclared(search, known))) : ways;
  return possible.length > 0 ? possible : ways;
}

/** Whether another way of asking may help: the server understood the request and did not like its parameters. */
export function mayAskOtherwise(error: unknown): boolean {
  return error instanceof ReadFailure && (error.status === 400 || error.status === 422);
}

/** The same question in smaller pages, after a page that was too large; `undefined` when they are small already. */
export function inSmallerPages({ searches }: Question): Question | undefined {
  const count = Number(searches[0]?._count ?? 100);
  if (!(count > 10)) return undefined;
  const smaller = String(Math.max(10, Math.floor(count / 5)));
  return { searches: searches.map((params) => ({ ...params, _count: smaller })) };
}

/** `_sort`, `_count` and their like shape the answer and are not needed to get it. */
function withoutResultParameters(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !name.startsWith('_')));
}

/** Parameters of all resources are seldom listed; only a type's own are held against it. */
function isDeclared(params: Params, known: ReadonlySet<string>): boolean {
  return Object.keys(params).every((name) => name.startsWith('_') || known.has(name));
}
