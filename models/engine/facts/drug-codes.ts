/**
 * The drug table in two parts. Codes, ingredients and precise ingredients resolve what a chart codes; brand names and
 * aliases are a third of the table, and needed only where a chart has nothing but words.
 */
import { type DrugTable, type DrugTableJson, decodeDrugTable, productsOf } from './drug-table.ts';
import { pack } from './packed-products.ts';

/** The part that is always needed, and whether the other was asked for. */
export interface DrugCodes {
  readonly table: DrugTable;
  /** True as soon as a name, or a code that may be a brand's, could not be answered: read again with the whole table. */
  namesWanted(): boolean;
}

/** Splits a drug table, its products packed. @throws TypeError when it is not one */
export function splitDrugTable(json: unknown): { readonly codes: object; readonly names: object } {
  decodeDrugTable(json);
  const { brands, aliases, products, ...rest } = json as DrugTableJson;
  return { codes: { ...rest, products: pack(productsOf({ products })) }, names: { brands, aliases } };
}

/** The codes alone. A name is never answered from a part of the names: another drug might be among the others. */
export function decodeDrugCodes(codes: object): DrugCodes {
  const table = decodeDrugTable({ ...codes, brands: '', aliases: '' });
  let wanted = false;
  return {
    namesWanted: () => wanted,
    table: {
      ...table,
      byName: () => {
        wanted = true;
        return undefined;
      },
      ingredientsOf: (rxcui) => {
        const ingredients = table.ingredientsOf(rxcui);
        wanted ||= ingredients === undefined;
        return ingredients;
      },
    },
  };
}

/** Both parts, whole again. */
export function joinDrugTable(codes: object, names: object): DrugTable {
  return decodeDrugTable({ ...codes, ...names });
}
