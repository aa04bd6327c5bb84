/** Which drug a medication entry means: by code, by name, or not at all; the chart's own words are always kept. */
import type { Chart } from './chart.ts';
import { absenceIn, codingsOf, RXNORM, textOf } from './codings.ts';
import { isPackaging } from './drug-names.ts';
import type { DrugTable } from './drug-table.ts';
import type { Coding, Ingredient, MedicationFact, RouteClass } from './facts.ts';
import { isObject, type Json, object, objects, string } from './json.ts';
import { routeOfWords } from './route.ts';

export interface Identity {
  readonly text: string;
  readonly ingredients: readonly Ingredient[];
  readonly resolution: MedicationFact['resolution'];
  readonly route?: RouteClass;
  /** Every name of the entry is packaging and no drug was recognised. */
  readonly packaging?: true;
}

/** What the entry says of its drug, in any of FHIR's shapes. */
interface Described {
  readonly concept?: Json | undefined;
  readonly resource?: Json | undefined;
  readonly display?: string | undefined;
}

/** @throws Malformed */
export function identify(chart: Chart, entry: Json, drugs: DrugTable | undefined): Identity {
  const described = describe(chart, entry);
  const codings = codingsOf(described.concept);
  const form = object(described.resource?.form);
  const names = namesOf(described, codings);
  const text = absenceIn(codings)
    ? 'medicine hidden or not named by the EHR'
    : (names[0] ?? codings.find(({ code }) => code !== undefined)?.code ?? 'medicine without a name');
  const route = (drugs && coded(codings, drugs)?.route) ?? routeOfWords([...names, textOf(form) ?? ''].join(' '));
  const resolved = drugs && resolve(codings, names, described.resource, drugs);
  return {
    text,
    ingredients: resolved?.ingredients ?? [],
    resolution: resolved?.resolution ?? 'unresolved',
    ...(route === undefined ? {} : { route }),
    ...(resolved === undefined && names.length > 0 && names.every(isPackaging) ? { packaging: true as const } : {}),
  };
}

function describe(chart: Chart, entry: Json): Described {
  const inline = object(entry.medicationCodeableConcept);
  if (inline !== undefined) return { concept: inline };
  const link = object(entry.medicationReference);
  const reference = string(link?.reference);
  const resource = reference === undefined ? undefined : referenced(chart, entry, reference);
  const identifier = string(object(link?.identifier)?.value);
  return {
    concept: object(resource?.code),
    resource,
    display: string(link?.display) ?? (resource ? undefined : identifier),
  };
}

function referenced(chart: Chart, entry: Json, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return chart.find(reference);
  const id = reference.slice(1);
  return objects(entry.contained).find((resource) => resource.id === id);
}

function namesOf(described: Described, codings: readonly Coding[]): readonly string[] {
  const candidates = [textOf(described.concept), described.display, ...codings.map(({ display }) => display)];
  return [...new Set(candidates.filter((name) => name !== undefined))];
}

function resolve(
  codings: readonly Coding[],
  names: readonly string[],
  resource: Json | undefined,
  drugs: DrugTable,
): Pick<Identity, 'ingredients' | 'resolution'> | undefined {
  const found = coded(codings, drugs);
  if (found?.ingredients !== undefined) return { ingredients: found.ingredients, resolution: 'coded' };
  // Codes that name different drugs are not settled by a name.
  if (found !== undefined) return undefined;
  for (const name of names) {
    const ingredients = drugs.byName(name);
    if (ingredients !== undefined) return { ingredients, resolution: 'by-name' };
  }
  return resource === undefined ? undefined : fromParts(resource, drugs);
}

/** RxNorm codes of one entry must agree: one set of ingredients may contain the others (a product and one of its parts). */
function coded(
  codings: readonly Coding[],
  drugs: DrugTable,
): { readonly ingredients?: readonly Ingredient[]; readonly route?: RouteClass } | undefined {
  const codes = codings.flatMap(({ system, code }) => (system === RXNORM && code !== undefined ? [code] : []));
  const sets = codes.flatMap((code) => {
    const ingredients = drugs.ingredientsOf(code);
    return ingredients === undefined ? [] : [ingredients];
  });
  const [first, ...others] = sets.sort((a, b) => b.length - a.length);
  if (first === undefined) return undefined;
  const largest = new Set(first.map(({ rxcui }) => rxcui));
  if (!others.every((set) => set.every(({ rxcui }) => largest.has(rxcui)))) return {};
  const routes = new Set(codes.flatMap((code) => drugs.routeOf(code) ?? []));
  const [route] = routes;
  return { ingredients: first, ...(route === undefined || routes.size > 1 ? {} : { route }) };
}

/** A compounded Medication: every one of its ingredients must be known. */
function fromParts(resource: Json, drugs: DrugTable): Pick<Identity, 'ingredients' | 'resolution'> | undefined {
  const parts = objects(resource.ingredient);
  if (parts.length === 0) return undefined;
  const found = new Map<string, Ingredient>();
  let resolution: 'coded' | 'by-name' = 'coded';
  for (const part of parts) {
    const concept = isObject(part.itemCodeableConcept) ? part.itemCodeableConcept : undefined;
    const codings = codingsOf(concept);
    const resolved = concept && resolve(codings, namesOf({ concept }, codings), undefined, drugs);
    if (resolved === undefined) return undefined;
    if (resolved.resolution === 'by-name') resolution = 'by-name';
    for (const ingredient of resolved.ingredients) found.set(ingredient.rxcui, ingredient);
  }
  return { ingredients: [...found.values()].sort((a, b) => (a.rxcui < b.rxcui ? -1 : 1)), resolution };
}
