/** Ingredient profiles: each held to the vocabulary of traits, to the drug classes there are, and to the drug table. */
import { problemOfTrait } from '../../models/engine/drugs/traits.ts';
import { type DrugTable, decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { DrugClass, IngredientProfile } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { problemAt, type Report, readKnowledge, type SourceFile } from './read.ts';
import { ingredientGroup } from './schema.ts';

interface Request {
  /** Name and absolute path of each file under `drugs/ingredients`. */
  readonly groups: readonly (readonly [string, string])[];
  readonly drugClasses: readonly DrugClass[];
  readonly drugTable: unknown;
}

/** Profiles by RxCUI, in the form that travels: of the basis only which traits rest on a document. */
export async function readIngredients(
  { groups, drugClasses, drugTable }: Request,
  report: Report,
): Promise<readonly IngredientProfile[]> {
  const check = {
    classes: new Set(drugClasses.map(({ id }) => id)),
    drugs: tableOf(drugTable),
    files: new Map<string, string>(),
  };
  const profiles: IngredientProfile[] = [];
  for (const [name, absolute] of groups) {
    const read = await readKnowledge({ absolute, file: `drugs/ingredients/${name}`, schema: ingredientGroup }, report);
    if (!read) continue;
    const { citations, ingredients } = read.value;
    for (const [index, { basis, unlisted, ...profile }] of ingredients.entries()) {
      checkProfile(
        { profile, basis, unlisted, citations, at: ['ingredients', index], source: read.source },
        check,
        report,
      );
      profiles.push({ ...profile, ...sourcedOf(profile, basis, citations) });
    }
  }
  return profiles.sort((a, b) => Number(a.rxcui) - Number(b.rxcui));
}

interface Written {
  readonly profile: IngredientProfile;
  readonly basis: Readonly<Record<string, string>>;
  readonly unlisted: string | undefined;
  readonly citations: Readonly<Record<string, Citation>>;
  readonly at: readonly (string | number)[];
  readonly source: SourceFile;
}

interface Known {
  readonly classes: ReadonlySet<string>;
  readonly drugs: DrugTable | undefined;
  /** RxCUI → the file that had it first. */
  readonly files: Map<string, string>;
}

function checkProfile(
  { profile, basis, unlisted, citations, at, source }: Written,
  known: Known,
  report: Report,
): void {
  const { rxcui, name, classes, traits } = profile;
  const problem = (path: string, expected: string, found: string, advice: string) =>
    report(problemAt(source, [...at, ...path.split('/')], { expected, found, advice }));
  for (const [trait, grade] of Object.entries(traits)) {
    const expected = problemOfTrait(trait, grade);
    if (expected) problem(`traits/${trait}`, expected, `${trait}: ${grade}`, 'correct it');
  }
  for (const id of classes)
    if (!known.classes.has(id)) problem('classes', 'a drug class of drugs/classes', id, 'add its file, or correct it');
  for (const [what, key] of Object.entries(basis)) {
    if (!(key in citations)) problem(`basis/${what}`, 'a key of this file’s citations', key, 'add the citation');
    if (!['default', 'classes', 'fractionRenal', 'routes', 'lingers'].includes(what) && !(what in traits))
      problem(`basis/${what}`, 'a trait of this ingredient', what, 'remove it, or state the trait');
  }
  const other = known.files.get(rxcui);
  if (other !== undefined)
    problem('rxcui', 'an RxCUI in one place only', `${rxcui}, also in ${other}`, 'merge the two');
  known.files.set(rxcui, source.file);
  const named = known.drugs?.ingredientsOf(rxcui);
  if (named === undefined) {
    if (unlisted === undefined && known.drugs)
      problem('rxcui', 'an ingredient of the drug table', `${rxcui} (${name})`, 'correct it, or say why in `unlisted`');
  } else if (named.length !== 1 || named[0]?.rxcui !== rxcui || named[0].name.toLowerCase() !== name.toLowerCase())
    problem('name', 'the ingredient as the drug table names it', name, named.map((each) => each.name).join(' + '));
}

function sourcedOf(
  { traits, lingers }: Pick<IngredientProfile, 'traits' | 'lingers'>,
  basis: Readonly<Record<string, string>>,
  citations: Readonly<Record<string, Citation>>,
): Pick<IngredientProfile, 'sourced'> {
  const sourced = [...Object.keys(traits), ...(lingers ? ['lingers'] : [])].filter((trait) => {
    const citation = citations[basis[trait] ?? basis.default ?? ''];
    return citation !== undefined && citation.basis !== 'recalled';
  });
  return sourced.length > 0 ? { sourced } : {};
}

/** The decoded table; a file that is not one is reported where it is read. */
function tableOf(json: unknown): DrugTable | undefined {
  try {
    return decodeDrugTable(json);
  } catch {
    return undefined;
  }
}
