/** Which cautions are about a medicine of the list at all: by ingredient, so that the others cost nothing. */
import { membersOf } from '../drugs/participant.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Caution, CautionTheme, Library } from '../library.ts';

/** A caution and the theme it stands in. */
export interface Placed {
  readonly theme: CautionTheme;
  readonly caution: Caution;
}

interface Index {
  readonly of: Library['ingredients'];
  readonly placed: readonly Placed[];
  /** RxCUI → places in `placed`, ascending. */
  readonly byRxcui: ReadonlyMap<string, readonly number[]>;
}

const indexes = new WeakMap<readonly CautionTheme[], Index>();

/** A caution with the medicines of the list that hold an ingredient of it, in the order of the list. */
export interface Concerned extends Placed {
  readonly listed: readonly MedicationFact[];
}

/** In the order of the library; routes and states of the medicines are judged later. */
export function aboutListed({ medication }: Facts, library: Library): readonly Concerned[] {
  const { placed, byRxcui } = indexOf(library);
  const places = new Map<number, Set<MedicationFact>>();
  for (const medicine of medication)
    for (const { rxcui } of medicine.ingredients)
      for (const place of byRxcui.get(rxcui) ?? []) {
        const listed = places.get(place);
        if (listed) listed.add(medicine);
        else places.set(place, new Set([medicine]));
      }
  return [...places]
    .sort(([a], [b]) => a - b)
    .flatMap(([place, listed]) => {
      const found = placed[place];
      return found ? [{ ...found, listed: [...listed] }] : [];
    });
}

function indexOf(library: Library): Index {
  const themes = library.cautions ?? [];
  const known = indexes.get(themes);
  if (known?.of === library.ingredients) return known;
  const placed = themes.flatMap((theme) => theme.cautions.map((caution) => ({ theme, caution })));
  const byRxcui = new Map<string, number[]>();
  for (const [place, { caution }] of placed.entries())
    for (const rxcui of membersOf(caution.medicine, library).rxcuis) {
      const places = byRxcui.get(rxcui);
      if (places) places.push(place);
      else byRxcui.set(rxcui, [place]);
    }
  const index = { of: library.ingredients, placed, byRxcui };
  indexes.set(themes, index);
  return index;
}
