/**
 * What FHIRPath sees: a small plain object holding only the facts that a rule or a modifier declares it needs.
 *
 *     patient.age, patient.sex
 *     observation.<key>.value | .unit | .ageDays      a fact that is absent has no entry, so FHIRPath sees "empty"
 *     derived.<key>.value | .unit | .ageDays
 *     condition.<valueSet> | history.<valueSet>       true, false, or empty when the problem list cannot tell
 *     takes.<drugClass> | takes.rx<RxCUI>             true, false, or empty when the medication list cannot tell
 *
 * Keys are the last segment of the fact path in camelCase (`total-cholesterol` → `totalCholesterol`), since a
 * hyphen is a minus sign in FHIRPath. A censored value (`<0.4`) has no `.value`: it has `.above` or `.below`.
 */
import { profileOf } from '../drugs/profiles.ts';
import { ANALYTE_BY_KEY } from '../facts/analytes.ts';
import type { FactPath } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import type { When } from '../measured.ts';
import type { Binding, Resolved, Resolver } from '../resolve.ts';

type Entry = Readonly<Record<string, number | string>>;

/** The object that expressions are evaluated on. */
export interface View {
  readonly patient: Readonly<Record<string, number | string>>;
  readonly observation: Readonly<Record<string, Entry>>;
  readonly derived: Readonly<Record<string, Entry>>;
  readonly condition: Readonly<Record<string, boolean>>;
  readonly history: Readonly<Record<string, boolean>>;
  readonly takes: Readonly<Record<string, boolean>>;
}

/** A view and how each fact in it was found. */
export interface Seen {
  readonly view: View;
  readonly resolved: readonly Resolved[];
}

const MS_PER_DAY = 86_400_000;

/** Resolves what is needed and lays it out for FHIRPath. */
export function look(needs: readonly Binding[], resolver: Resolver, now: number): Seen {
  const view = { patient: {}, observation: {}, derived: {}, condition: {}, history: {}, takes: {} } as Record<
    keyof View,
    Record<string, unknown>
  >;
  const resolved = needs.map((need) => {
    const result = resolver.resolve(need);
    const [kind, key] = placeOf(need.fact);
    if (result.state === 'known') view[kind][key] = shown(kind, result, now);
    return result;
  });
  return { view: view as unknown as View, resolved };
}

/** Where a fact path stands in the view: `medication.6809` → `takes`, `rx6809`. */
export function placeOf(path: FactPath): Place {
  const known = places.get(path) ?? readPlace(path);
  places.set(path, known);
  return known;
}

type Place = readonly [keyof View, string];

// Paths are those of the library: few, and asked for at every look.
const places = new Map<FactPath, Place>();

function readPlace(path: FactPath): Place {
  const dot = path.indexOf('.');
  const kind = path.slice(0, dot);
  const key = path.slice(dot + 1);
  switch (kind) {
    case 'patient':
    case 'observation':
    case 'derived':
    case 'condition':
    case 'history':
      return [kind, camelCase(key)];
    case 'medication':
      return ['takes', /^\d+$/.test(key) ? `rx${key}` : camelCase(key)];
    default:
      throw new RangeError(`no such kind of fact: ${path}`);
  }
}

function camelCase(key: string): string {
  return key.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function shown(kind: keyof View, { value, input }: Extract<Resolved, { state: 'known' }>, now: number): unknown {
  switch (kind) {
    case 'patient':
      return value;
    case 'condition':
    case 'history':
    case 'takes':
      return value === 'yes';
    case 'observation':
    case 'derived':
      return {
        ...(input.comparator === undefined
          ? { value }
          : { [input.comparator.startsWith('<') ? 'below' : 'above']: value }),
        ...(input.unit ? { unit: input.unit } : {}),
        ...(input.effective ? { ageDays: ageInDays(input.effective, now) } : {}),
      };
  }
}

/** Whole days since the end of the interval that a date stands for; never negative. */
export function ageInDays(when: When, now: number): number {
  return Math.max(0, Math.floor((now - when.end) / MS_PER_DAY));
}

/** A need that is named by its path alone, under the name a clinician would use; `maxAge` is an ISO 8601 duration. */
export function bindingOf(fact: FactPath, library: Library, maxAge?: string): Binding {
  const known = bindings.get(library) ?? new Map<string, Binding>();
  bindings.set(library, known);
  const key = maxAge === undefined ? fact : `${fact} ${maxAge}`;
  const binding = known.get(key) ?? {
    fact,
    label: labelOf(fact, library),
    required: false,
    ...(maxAge === undefined ? {} : { maxAge }),
  };
  known.set(key, binding);
  return binding;
}

// The name of a fact is looked up once a library.
const bindings = new WeakMap<Library, Map<string, Binding>>();

/** What to call a fact on the screen. */
export function labelOf(fact: FactPath, library: Library): string {
  const key = fact.slice(fact.indexOf('.') + 1);
  switch (fact.slice(0, fact.indexOf('.'))) {
    case 'patient':
      return key === 'age' ? 'Age' : 'Sex';
    case 'observation':
      return ANALYTE_BY_KEY.get(key)?.label ?? inWords(key);
    case 'derived':
      return library.risk.find(({ provides }) => provides === fact)?.outcomes[0]?.title ?? key;
    case 'condition':
    case 'history':
      return library.valueSets.find(({ id }) => id === key)?.title ?? key;
    case 'medication':
      return library.drugClasses.find(({ id }) => id === key)?.title ?? nameOfIngredient(key, library);
    default:
      return key;
  }
}

/** A coded observation has no name but its key: `pregnancy-status`. */
function inWords(key: string): string {
  return key.includes('-') ? `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll('-', ' ')}` : key;
}

/** The library's own name of an ingredient; its profile's first, since every interaction could name it. */
function nameOfIngredient(rxcui: string, library: Library): string {
  const { drugClasses, interactions } = library;
  const is = (ingredient: { readonly rxcui: string }) => ingredient.rxcui === rxcui;
  const found =
    profileOf(rxcui, library) ??
    drugClasses.flatMap(({ members }) => members).find(is) ??
    interactions
      .flatMap(({ object, precipitant }) => [...(object.ingredients ?? []), ...(precipitant.ingredients ?? [])])
      .find(is);
  return found?.name ?? `RxNorm ${rxcui}`;
}
