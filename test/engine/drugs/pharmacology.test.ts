/** The ingredient profiles as a pharmacist would check them: what is said, what is not, and what it rests on. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isSourced, membersOfClass, readSelector, selects } from '../../../models/engine/drugs/profiles.ts';
import { problemOfTrait } from '../../../models/engine/drugs/traits.ts';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { Citation } from '../../../models/engine/measured.ts';
import { library } from '../interactions-chart.ts';

interface Written {
  readonly rxcui: string;
  readonly name: string;
  readonly classes?: readonly string[];
  readonly traits?: Readonly<Record<string, string>>;
  readonly basis: Readonly<Record<string, string>>;
  readonly unlisted?: string;
  readonly routes?: readonly string[];
}
interface Group {
  readonly group: string;
  readonly citations: Readonly<Record<string, Citation>>;
  readonly ingredients: readonly Written[];
}

const here = (path: string) => new URL(`../../../${path}`, import.meta.url);
const json = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));
const folder = here('models/drugs/ingredients/');
const groups = readdirSync(folder).map((file) => json(new URL(file, folder)) as Group);
const written = groups.flatMap(({ ingredients }) => ingredients);
const table = decodeDrugTable(json(here('models/drugs/rxnorm.json')));

/** @throws when nobody wrote it: a misspelt name must not pass as silence */
function profile(name: string) {
  const found = library.ingredients.find((one) => one.name === name);
  if (!found) throw new Error(`no profile of ${name}`);
  return found;
}
const has = (name: string, selector: string) => selects(readSelector(selector), profile(name));
const named = (id: string) =>
  [...(membersOfClass(id, library) ?? [])].map(
    (rxcui) => library.ingredients.find((one) => one.rxcui === rxcui)?.name ?? rxcui,
  );

describe('the ingredient profiles', () => {
  test('are more than 1,300, and no ingredient has two', () => {
    expect(written.length).toBeGreaterThan(1300);
    expect(new Set(written.map(({ rxcui }) => rxcui)).size).toBe(written.length);
    expect(new Set(written.map(({ name }) => name.toLowerCase())).size).toBe(written.length);
  });

  test('each bears the code and the name of the drug table, or says why the table has it not', () => {
    const strangers = written.filter(({ rxcui, name, unlisted }) => {
      const found = table.ingredientsOf(rxcui);
      return found ? found.length !== 1 || found[0]?.rxcui !== rxcui || found[0].name !== name : unlisted === undefined;
    });
    expect(strangers).toEqual([]);
  });

  test('say nothing outside the vocabulary, and rest every trait on a citation that is there', () => {
    for (const { citations, ingredients } of groups)
      for (const { name, traits = {}, basis } of ingredients) {
        expect(
          Object.entries(traits).flatMap(([trait, grade]) => problemOfTrait(trait, grade) ?? []),
          name,
        ).toEqual([]);
        expect(
          Object.values(basis).filter((key) => !(key in citations)),
          name,
        ).toEqual([]);
      }
  });

  test('an opened source has an address, a place and its day; a recalled one claims none of them', () => {
    for (const citation of groups.flatMap(({ citations }) => Object.values(citations)))
      if (citation.basis === 'opened') {
        expect(citation.url).toMatch(/^https?:/);
        expect(citation.place).toBeTruthy();
        expect(citation.opened).toBe('2026-11-23');
      } else if (citation.basis === 'recalled') expect(citation).toEqual({ text: citation.text, basis: 'recalled' });
      else expect(citation.grade).toBeDefined();
  });

  test('every drug class has a member', () => {
    expect(library.drugClasses.filter(({ id }) => !membersOfClass(id, library)?.size).map(({ id }) => id)).toEqual([]);
  });

  test('a member listed in the class file is not named again by its profile', () => {
    const twice = library.drugClasses.flatMap(({ id, members }) =>
      members.filter(({ rxcui }) => library.ingredients.find((one) => one.rxcui === rxcui)?.classes.includes(id)),
    );
    expect(twice).toEqual([]);
  });
});

describe('what a pharmacist would look for', () => {
  test.each([
    ['clarithromycin', 'inhibitor.cyp3a4:strong'],
    ['clarithromycin', 'qt:known'],
    ['clarithromycin', 'inhibitor.p-gp:yes|strong'],
    ['erythromycin', 'inhibitor.cyp3a4:moderate'],
    ['itraconazole', 'inhibitor.cyp3a4:strong'],
    ['itraconazole', 'absorption:acid-dependent'],
    ['fluconazole', 'inhibitor.cyp2c19:strong'],
    ['fluconazole', 'inhibitor.cyp2c9:moderate'],
    ['fluvoxamine', 'inhibitor.cyp1a2:strong'],
    ['ciprofloxacin', 'inhibitor.cyp1a2:strong'],
    ['ciprofloxacin', 'absorption:chelated'],
    ['paroxetine', 'inhibitor.cyp2d6:strong'],
    ['bupropion', 'inhibitor.cyp2d6:strong'],
    ['gemfibrozil', 'inhibitor.cyp2c8:strong'],
    ['rifampin', 'inducer.cyp3a4:strong'],
    ['rifampin', 'inducer.p-gp:yes'],
    ["st. john's wort extract", 'inducer.cyp3a4:strong'],
    ["st. john's wort extract", 'serotonergic:strong'],
    ['simvastatin', 'substrate.cyp3a4:sensitive'],
    ['rosuvastatin', 'substrate.oatp1b1:yes'],
    ['tizanidine', 'substrate.cyp1a2:sensitive'],
    ['clopidogrel', 'prodrug:cyp2c19'],
    ['codeine', 'prodrug:cyp2d6'],
    ['tamoxifen', 'prodrug:cyp2d6'],
    ['digoxin', 'substrate.p-gp:yes'],
    ['digoxin', 'narrow-index:yes'],
    ['warfarin', 'substrate.cyp2c9:sensitive'],
    ['azathioprine', 'substrate.xo:moderate|sensitive'],
    ['allopurinol', 'inhibitor.xo:strong'],
    ['linezolid', 'inhibitor.mao:strong'],
    ['methylene blue', 'inhibitor.mao:strong'],
    ['sumatriptan', 'substrate.mao:sensitive'],
    ['trimethoprim', 'potassium:raises'],
    ['spironolactone', 'potassium:raises'],
    ['furosemide', 'potassium:lowers'],
    ['glyburide', 'glucose:lowers-alone'],
    ['insulin glargine', 'glucose:lowers-alone'],
    ['methadone', 'qt:known'],
    ['methadone', 'respiratory-depression:marked'],
    ['diphenhydramine', 'anticholinergic:3'],
    ['tramadol', 'seizure-threshold:lowers'],
    ['calcium carbonate', 'cation:yes'],
    ['levothyroxine', 'absorption:chelated'],
    ['omeprazole', 'gastric-ph:raises'],
    ['cyclosporine', 'inhibitor.oatp1b1:strong'],
    ['metformin', 'substrate.oct2:yes'],
    ['capecitabine', 'substrate.dpd:sensitive'],
    ['valproate', 'inhibitor.ugt1a4:strong'],
    ['lamotrigine', 'substrate.ugt1a4:sensitive'],
    ['gentamicin', 'nephrotoxic:direct'],
    ['ibuprofen', 'nephrotoxic:haemodynamic'],
  ])('%s is %s', (name, selector) => {
    expect(has(name, selector)).toBe(true);
  });

  test.each([
    ['pravastatin', 'substrate.cyp3a4'],
    ['rosuvastatin', 'substrate.cyp3a4'],
    ['azithromycin', 'inhibitor.cyp3a4'],
    ['rifaximin', 'inducer.cyp3a4'],
    ['pantoprazole', 'inhibitor.cyp2c19'],
    ['famotidine', 'inhibitor.cyp2d6'],
    ['levofloxacin', 'inhibitor.cyp1a2'],
    ['nirmatrelvir', 'inhibitor.cyp3a4'],
    ['levetiracetam', 'inducer.cyp3a4'],
    ['gabapentin', 'inducer.cyp3a4'],
    ['acetaminophen', 'bleeding'],
    ['acetaminophen', 'nephrotoxic'],
    ['ondansetron', 'serotonergic'],
    ['bupropion', 'serotonergic'],
    ['loratadine', 'sedation'],
    ['fexofenadine', 'qt'],
    ['metformin', 'qt'],
    ['amoxicillin', 'qt'],
    ['doxycycline', 'qt'],
    ['amlodipine', 'heart-rate'],
    ['lisinopril', 'glucose'],
    ['folic acid', 'cation'],
    ['tiotropium', 'respiratory-depression'],
    ['latanoprost', 'blood-pressure'],
  ])('nothing is said of %s as to %s', (name, trait) => {
    expect(profile(name).traits).not.toHaveProperty([trait]);
  });

  test('metformin alone does not cause hypoglycaemia: it lowers glucose, but not by itself', () => {
    expect(profile('metformin').traits.glucose).toBe('lowers');
  });

  test('moderate is not strong: diltiazem, verapamil and erythromycin are not taken for strong CYP3A4 inhibitors', () => {
    for (const name of ['diltiazem', 'verapamil', 'erythromycin', 'fluconazole'])
      expect(has(name, 'inhibitor.cyp3a4:strong'), name).toBe(false);
  });
});

describe('the drug classes', () => {
  test.each([
    ['maoi', ['phenelzine', 'selegiline', 'linezolid', 'methylene blue', 'procarbazine'], ['sertraline', 'isoniazid']],
    ['nonselective-maoi', ['phenelzine', 'tranylcypromine'], ['selegiline', 'linezolid']],
    ['ssri', ['sertraline', 'fluoxetine'], ['venlafaxine', 'mirtazapine']],
    ['opioid', ['morphine', 'tramadol', 'buprenorphine'], ['naloxone', 'naltrexone', 'loperamide']],
    ['benzodiazepine', ['lorazepam', 'clobazam'], ['zolpidem', 'buspirone']],
    ['doac', ['apixaban', 'dabigatran etexilate'], ['warfarin', 'enoxaparin']],
    ['beta-blocker', ['metoprolol', 'sotalol', 'esmolol'], ['diltiazem', 'ivabradine']],
    ['quinolone', ['ciprofloxacin', 'levofloxacin'], ['azithromycin', 'chloroquine']],
    ['hiv-booster', ['ritonavir', 'cobicistat'], ['nirmatrelvir', 'darunavir']],
    ['calcium-salt', ['calcium carbonate', 'calcium acetate'], ['calcitriol', 'calcifediol']],
    ['ergot', ['ergotamine', 'methylergonovine'], ['bromocriptine', 'cabergoline']],
    ['live-vaccine', ['bcg, live, tice strain'], ['hepatitis b surface antigen vaccine']],
  ])('%s has %j and not %j', (id, members, others) => {
    expect(named(id)).toEqual(expect.arrayContaining([...members]));
    expect(named(id).filter((name) => (others as readonly string[]).includes(name))).toEqual([]);
  });
});

describe('what may make a critical', () => {
  test.each([
    ['inhibitor.cyp3a4', 'strong', ['clarithromycin', 'itraconazole', 'ketoconazole', 'posaconazole', 'ritonavir']],
    ['inducer.cyp3a4', 'strong', ['rifampin', 'carbamazepine', 'phenytoin', "st. john's wort extract"]],
    ['inhibitor.cyp2d6', 'strong', ['paroxetine', 'fluoxetine', 'bupropion', 'quinidine']],
    ['inhibitor.cyp1a2', 'strong', ['fluvoxamine', 'ciprofloxacin']],
    ['inhibitor.cyp2c8', 'strong', ['gemfibrozil']],
    ['inhibitor.mao', 'strong', ['phenelzine', 'tranylcypromine', 'isocarboxazid', 'selegiline', 'linezolid']],
    ['qt', 'known', ['amiodarone', 'dofetilide', 'sotalol', 'haloperidol', 'methadone', 'citalopram', 'ondansetron']],
    ['substrate.cyp3a4', 'sensitive', ['simvastatin', 'lovastatin', 'midazolam', 'triazolam', 'sildenafil']],
  ])('%s:%s of %j rests on a document', (trait, grade, names) => {
    for (const name of names) {
      expect(profile(name).traits[trait], name).toBe(grade);
      expect(isSourced(trait, profile(name)), name).toBe(true);
    }
  });

  test('what was only recalled is not passed off as read', () => {
    expect(isSourced('anticholinergic', profile('diphenhydramine'))).toBe(false);
    expect(isSourced('inhibitor.cyp2d6', profile('dacomitinib'))).toBe(false);
  });

  test('no QT grade rests on the licensed list', () => {
    const cited = groups.flatMap(({ citations }) =>
      Object.values(citations).map((citation) => JSON.stringify(citation)),
    );
    expect(cited.filter((text) => /crediblemeds|qt_classes/i.test(text))).toEqual([]);
  });
});

const facts = here('../shared/knowledge/drugs/label_interactions.json');
describe.skipIf(!existsSync(facts))('the drugs that US labels speak of', () => {
  test('all of those with a code in the drug table have a profile', () => {
    const known = new Set(written.map(({ rxcui }) => rxcui));
    const rows = (existsSync(facts) ? json(facts) : { facts: [] }) as {
      readonly facts: readonly { readonly object_rxcui: string | null; readonly precipitant_rxcui: string | null }[];
    };
    const codes = rows.facts.flatMap(({ object_rxcui, precipitant_rxcui }) => [object_rxcui, precipitant_rxcui]);
    const missing = codes
      .flatMap((code) => (code === null ? [] : (table.ingredientsOf(code) ?? [])))
      .filter(({ rxcui }) => !known.has(rxcui));
    expect(missing).toEqual([]);
  });
});
