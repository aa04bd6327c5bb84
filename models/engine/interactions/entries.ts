/**
 * Every interaction of the library by what its sides name, so that a list of medicines is matched by looking up its
 * own ingredients and never by going through the library.
 */
import { type Belonging, belonging } from '../drugs/belonging.ts';
import type { RouteClass } from '../facts/facts.ts';
import type { Interaction, LabelFact, Library, Participant } from '../library.ts';

/** A written interaction or a label fact, with the routes and exceptions of its two sides. */
export interface Entry {
  /** Its number among the library's entries. */
  readonly index: number;
  readonly of:
    | { readonly kind: 'written'; readonly interaction: Interaction }
    | { readonly kind: 'label'; readonly fact: LabelFact };
  readonly object: Side;
  readonly precipitant: Side;
}

interface Side {
  readonly routes: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
}

/** An entry that names an ingredient on one side. */
export interface Place {
  readonly entry: Entry;
  readonly side: 'object' | 'precipitant';
  readonly belonging: Belonging;
}

/** Where an ingredient stands in the library. */
export interface Entries {
  readonly count: number;
  placesOf(rxcui: string): readonly Place[];
  /** Those that count a medicine taken by this route. */
  placesBy(route: RouteClass, rxcui: string): readonly Place[];
}

const SYSTEMIC: Side = { routes: new Set(['systemic', 'unknown']), except: new Set() };
const known = new WeakMap<Library['interactions'], { readonly of: Library; readonly entries: Entries }>();

/** The library's entries, indexed once. */
export function entriesOf(library: Library): Entries {
  const found = known.get(library.interactions);
  if (found && sameKnowledge(found.of, library)) return found.entries;
  const entries = index(library);
  known.set(library.interactions, { of: library, entries });
  return entries;
}

/** A view of the library without its trained models is the same knowledge of medicines. */
function sameKnowledge(a: Library, b: Library): boolean {
  return a.labels === b.labels && a.ingredients === b.ingredients && a.drugClasses === b.drugClasses;
}

function index(library: Library): Entries {
  const byKey = new Map<string, { readonly entry: Entry; readonly side: Place['side'] }[]>();
  const put = (key: string, entry: Entry, side: Place['side']) => {
    const list = byKey.get(key);
    if (list) list.push({ entry, side });
    else byKey.set(key, [{ entry, side }]);
  };
  let entries = 0;
  for (const interaction of library.interactions) {
    const entry: Entry = {
      index: entries++,
      of: { kind: 'written', interaction },
      object: sideOf(interaction.object),
      precipitant: sideOf(interaction.precipitant),
    };
    for (const key of keysOf(interaction.object)) put(key, entry, 'object');
    for (const key of keysOf(interaction.precipitant)) put(key, entry, 'precipitant');
  }
  for (const fact of library.labels?.facts ?? []) {
    const entry: Entry = { index: entries++, of: { kind: 'label', fact }, object: SYSTEMIC, precipitant: SYSTEMIC };
    put(fact.object, entry, 'object');
    for (const key of fact.with) put(key, entry, 'precipitant');
  }
  const groups = [...byKey.keys()].filter((key) => !/^\d+$/.test(key));
  const places = new Map<string, readonly Place[]>();
  const byRoute = new Map<RouteClass, Map<string, readonly Place[]>>();
  const placesOf = (rxcui: string) => remembered(places, rxcui, () => placesIn(rxcui, groups, byKey, library));
  return {
    count: entries,
    placesOf,
    placesBy: (route, rxcui) =>
      remembered(
        remembered(byRoute, route, () => new Map()),
        rxcui,
        () => placesOf(rxcui).filter(({ entry, side }) => entry[side].routes.has(route)),
      ),
  };
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** Each entry once a side, by the most specific of the ways in which it means the ingredient. */
function placesIn(
  rxcui: string,
  groups: readonly string[],
  byKey: ReadonlyMap<string, readonly { readonly entry: Entry; readonly side: Place['side'] }[]>,
  library: Library,
): readonly Place[] {
  const best = { object: new Map<Entry, Belonging>(), precipitant: new Map<Entry, Belonging>() };
  for (const key of [rxcui, ...groups]) {
    const how = belonging(key, rxcui, library);
    if (!how) continue;
    for (const { entry, side } of byKey.get(key) ?? []) {
      if (entry[side].except.has(rxcui)) continue;
      const other = best[side].get(entry);
      if (!other || moreSpecific(how, other)) best[side].set(entry, how);
    }
  }
  return (['object', 'precipitant'] as const).flatMap((side) =>
    [...best[side]].map(([entry, how]) => ({ entry, side, belonging: how })),
  );
}

const RANK = { ingredient: 2, class: 1, trait: 0 } as const;

/** The higher, the more specific. */
export function specificity({ by }: Belonging): number {
  return RANK[by];
}

function moreSpecific(a: Belonging, b: Belonging): boolean {
  return specificity(a) > specificity(b) || (specificity(a) === specificity(b) && b.recalled && !a.recalled);
}

function keysOf({ ingredients = [], classes = [], traits = [] }: Participant): readonly string[] {
  return [...ingredients.map(({ rxcui }) => rxcui), ...classes, ...traits];
}

function sideOf({ routes, except }: Participant): Side {
  return {
    routes: routes ? new Set(routes) : SYSTEMIC.routes,
    except: except ? new Set(except) : SYSTEMIC.except,
  };
}
