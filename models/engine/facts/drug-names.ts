/**
 * Ingredients from a medicine's name in words. Every word must be understood: a known ingredient or brand, or a
 * strength, dose form or salt that says nothing of which drug it is. One word that is not understood and nothing is
 * concluded, since it could be the second drug of a combination.
 */
import type { Ingredient } from './facts.ts';

/** Normalised name → ingredients. */
export type NameIndex = Map<string, readonly Ingredient[]>;

const MOST_WORDS = 6;

const SALTS = words(
  'hydrochloride hcl hydrocholoride sodium potassium calcium magnesium zinc succinate tartrate maleate besylate mesylate fumarate citrate acetate phosphate sulfate sulphate bromide hydrobromide bitartrate disoproxil alafenamide medoxomil trihydrate dihydrate monohydrate anhydrous hemihydrate propionate furoate valerate dipropionate nitrate tosylate lactate gluconate pamoate decanoate axetil proxetil etexilate hemifumarate arginine erbumine acid mofetil dimesylate hyclate xinafoate diproprionate chloride hydrate na succ hbr bisulfate oxalate sod',
);
const FORMS = words(
  'oral tablet tablets tab tabs capsule capsules cap caps caplet pill pills extended release er xr sr la xl cr dr ec delayed enteric coated film chewable disintegrating odt sublingual buccal solution suspension syrup elixir drops drop injection injectable inj prefilled syringe pen auto injector autoinjector vial ampule cartridge pack day kit cream ointment lotion gel foam patch transdermal system topical ophthalmic otic nasal spray inhaler inhalation inhalant neb nebs soln susp flush bag liquid premix packet cup ud udcup amp ampul frozen froz supp bottle tube immediate softgel ir rinse solutab metered dose dry powder aerosol hfa mdi nebulizer nebulization vaginal rectal suppository enema powder for hr hour 24hr 12hr actuat product in of the per use unit units intravenous iv im sc medicated mucosal implant drug intrauterine usp solid po by mouth human daily once twice bid tid qid prn generic equivalent brand form sterile iso osmotic osm isotonic hypertonic glass excel irrigation btl ophth opht oint dropper jelly urojet viscous diskus sustained soluble sprinkles lock catheter clearance preserv free w with nf ds ss liq concentrated conc ppk vl sl solostar flexpen flextouch kwikpen handihaler respimat respiclick otc ib cd dosepak pak actuation actuations taper',
);
const UNITS = words('mg mcg ug g gm gram grams meq mmol unt unit units iu ml l actuat hr h day days dose doses %');
/** Numbers, with or without a unit stuck to them, and new-drug-application numbers: `40mg`, `0`, `24hr`, `nda020800`. */
const NUMBER = /^(?:\d+[a-z%]*|nda\d+)$/;
const NUMBERED = /^no\d$/;
const CODEINE = '2670';
/** From here on the text tells how to take it. */
const DIRECTIONS = /\b(?:directions|sig|take|takes|inject|apply|inhale|instill|continued by|dispense)\b.*$/s;

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

const CONTAINERS = words(
  'vial bag bottle btl syringe amp amps ampule ampul cup tube box kit send room iv empty of ml x',
);
const CONTAINER = /^(?:vial|bag|bottle|btl|syringe|amp|ampule|ampul)s?$/;

/**
 * True when a name is nothing but packaging (`Vial Send Vial`, `Bag 50 mL Bag`): pharmacy systems order it beside the
 * drug. A liquid that is not named (`Soln`) or a purpose (`Syringe (Chemo)`) may hide a drug and is not packaging.
 */
export function isPackaging(name: string): boolean {
  const tokens = normalName(name).split(' ');
  return (
    tokens.some((token) => CONTAINER.test(token)) &&
    tokens.every((token) => CONTAINERS.has(token) || /^\d+(?:ml)?$/.test(token))
  );
}

/** Lower case, punctuation to spaces; `#3` stays one word, since a numbered brand is another drug than the bare one. */
export function normalName(name: string): string {
  return name
    .toLowerCase()
    .replace(/#\s?(\d)\b/g, ' no$1 ')
    .replace(/[^a-z0-9%]+/g, ' ')
    .trim();
}

/** The ingredients of every drug named, sorted by rxcui, or `undefined` when any word is not understood. */
export function ingredientsNamed(text: string, index: NameIndex): readonly Ingredient[] | undefined {
  if (text.length > 300) return undefined;
  // In RxNorm's names a bracket holds the brand of what was just named.
  const plain = text
    .toLowerCase()
    .replace(DIRECTIONS, '')
    // A kind of bag; elsewhere `plus` means a second drug.
    .replace(/\(mini bag plus\)/g, ' ')
    // Preservative free.
    .replace(/\bp\.f\./g, ' ')
    .replace(/\[[^\]]*\]/g, ' ');
  return segmented(normalName(text), index) ?? segmented(normalName(plain), index);
}

function segmented(name: string, index: NameIndex): readonly Ingredient[] | undefined {
  const tokens = name === '' ? [] : name.split(' ');
  const found = new Map<string, Ingredient>();
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] ?? '';
    const longest = longestName(tokens, at, index);
    // After a drug a salt belongs to it; in front it can only be a drug (potassium chloride).
    if (longest !== undefined && !(longest.length === 1 && found.size > 0 && SALTS.has(token))) {
      // `500 mL NS` is saline; `fluticasone NS` is a nasal spray.
      if (longest.length === 1 && token === 'ns' && !mayBeSaline(tokens[at - 1])) return undefined;
      for (const ingredient of longest.ingredients) found.set(ingredient.rxcui, ingredient);
      at += longest.length;
    } else if (NUMBERED.test(token) && found.has(CODEINE)) {
      // `Acetaminophen-codeine #3`: the strength. Without codeine it would be the sign of it.
      at += 1;
    } else if (FORMS.has(token) || UNITS.has(token) || NUMBER.test(token) || (found.size > 0 && SALTS.has(token))) {
      at += 1;
    } else {
      return undefined;
    }
  }
  if (found.size === 0) return undefined;
  return [...found.values()].sort((a, b) => (a.rxcui < b.rxcui ? -1 : 1));
}

function mayBeSaline(before: string | undefined): boolean {
  return before === undefined || before === 'ml' || before === 'd5' || before === '2' || /^\d+ml$/.test(before);
}

function longestName(
  tokens: readonly string[],
  at: number,
  index: NameIndex,
): { readonly length: number; readonly ingredients: readonly Ingredient[] } | undefined {
  for (let length = Math.min(MOST_WORDS, tokens.length - at); length > 0; length -= 1) {
    const ingredients = index.get(tokens.slice(at, at + length).join(' '));
    if (ingredients !== undefined) return { length, ingredients };
  }
  return undefined;
}
