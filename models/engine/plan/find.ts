/** Medicines by name, for "what if I add …": the ingredients the library knows, and what the drug table makes of a brand. */
import type { DrugTable } from '../facts/drug-table.ts';
import type { IngredientProfile } from '../library.ts';
import type { Added } from './plan.ts';

const MOST = 10;
/** Fewer letters than this would list half the formulary. */
const SHORTEST = 2;

/** Names that begin with the text first, then those that hold it; a brand or combination as the table reads it. */
export function findMedicines(
  text: string,
  ingredients: readonly IngredientProfile[],
  table: Pick<DrugTable, 'byName'> | undefined,
): readonly Added[] {
  const wanted = text.trim().toLowerCase();
  if (wanted.length < SHORTEST) return [];
  const rank = ({ name }: IngredientProfile) => {
    const at = name.toLowerCase().indexOf(wanted);
    return at < 0 ? undefined : at === 0 ? 0 : 1;
  };
  const known = ingredients
    .flatMap((profile) => {
      const place = rank(profile);
      return place === undefined ? [] : [{ profile, place }];
    })
    .sort(
      (a, b) =>
        a.place - b.place ||
        a.profile.name.length - b.profile.name.length ||
        (a.profile.name < b.profile.name ? -1 : 1),
    )
    .map(({ profile: { rxcui, name } }): Added => ({ text: name, ingredients: [{ rxcui, name }], route: 'systemic' }));
  const named = table?.byName(text) ?? [];
  const asNamed: readonly Added[] =
    named.length === 0 || (named.length === 1 && known.some(({ text: name }) => name === named[0]?.name))
      ? []
      : [{ text: text.trim(), ingredients: named, route: 'systemic' }];
  return [...asNamed, ...known].slice(0, MOST);
}
