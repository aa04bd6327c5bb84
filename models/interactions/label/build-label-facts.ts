/**
 * Makes the files beside it, one a letter of the object's name, from the shared facts about co-administration:
 * `node models/interactions/label/build-label-facts.ts <folder of label_interactions.json and rxnorm_ingredients.csv>`.
 * Only facts are taken: who, with whom, how strongly, what follows, by which way, and where it was read. What a
 * label's words mean here is in `words.ts`; what could not be mapped is printed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EFFECTS, GROUPS, MECHANISMS, MILDER, type MilderRow, SET_ASIDE, WITHDRAWN } from './words.ts';

interface Row {
  readonly object: string;
  readonly object_rxcui: string | null;
  readonly precipitant: string | null;
  readonly precipitant_rxcui: string | null;
  readonly precipitant_class: string | null;
  readonly members_named: readonly string[];
  readonly relation: string;
  readonly detail: string | null;
  readonly effect: string | null;
  readonly mechanism: string | null;
  readonly context: string | null;
  readonly section: string | null;
  readonly basis: 'opened' | 'recalled';
  readonly url: string | null;
  readonly grade: 'A' | 'B';
}

interface Cap {
  readonly value: number;
  readonly unit: 'mg/d';
  /** Whose daily dose is capped. */
  readonly of: 'object' | 'precipitant';
}

interface Fact {
  readonly object: string;
  readonly with: readonly string[];
  readonly relation: string;
  readonly effect: string;
  readonly mechanism: string;
  readonly cap?: Cap;
  readonly only?: string;
  readonly source: string;
}

/** Effects that make a label's "monitor" a warning: what is watched for may kill, or a treatment silently fails. */
const GRAVE = new Set(
  'serotonin-syndrome respiratory-depression hypertensive-crisis myopathy qt spinal-haematoma anticoagulation-lost inr bleeding hyperkalaemia antiviral-lost contraceptive-failure rejection bradycardia arrhythmia tumour-lysis sodium-overcorrection myelosuppression angioedema ergotism'.split(
    ' ',
  ),
);
/** Objects with a narrow range between too little and too much: a change of level is grave. */
const NARROW = new Set(
  'digoxin lithium theophylline phenytoin warfarin cyclosporine tacrolimus sirolimus everolimus carbamazepine valproate methotrexate flecainide quinidine procainamide disopyramide dofetilide amiodarone'.split(
    ' ',
  ),
);
/** Contexts that only say which product or label is meant: the fact holds for the pair as listed. */
const NO_LIMIT =
  /^(?:dofetilide label|with hydrochlorothiazide|ritonavir label|fixed combination|short anti-infective|quinidine-containing|intravenous|lipid-modifying|oral tablets|label conflict|dasabuvir|saquinavir\+|ritonavir \d|efavirenz 400|erectile dysfunction|oncology|hypertension$|type 2|steady dose|at initiation|age over|elderly|nonvalvular|DVT|SEGA|chronic GVHD|transdermal|heart failure after)/;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: build-label-facts.ts <folder with label_interactions.json>');
const { facts: rows } = JSON.parse(readFileSync(join(folder, 'label_interactions.json'), 'utf8')) as {
  facts: readonly Row[];
};
/** Precise ingredients that the drug table keeps apart from what they roll up to: isosorbide mononitrate. */
const KEPT_APART: ReadonlySet<string> = new Set(['28004']);
const ingredientOf = new Map<string, string>();
const rxcuiOf = rxcuisByName(rows);
const groups = new Map(Object.entries(GROUPS).flatMap(([words, list]) => words.split('|').map((word) => [word, list])));
const aside = new Map<string, number>();
const unmapped = new Map<string, number>();

const singles = rows.flatMap(singlesOf);
const kept = strongestOf(singles);
const written = write(together(kept));
console.log(
  `${rows.length} rows, ${singles.length} pairs of object and precipitant, ${kept.length} kept, ${written} facts`,
);
for (const [title, list] of [
  ['set aside', aside],
  ['unmapped', unmapped],
] as const)
  console.log(
    `${title}: ${[...list.values()].reduce((sum, count) => sum + count, 0)}\n${[...list].map(([what, count]) => `  ${what} (${count})`).join('\n')}`,
  );

/** The row for each object with each precipitant that it means; nothing for what has no medicine on one side. */
function singlesOf(row: Row): readonly (Fact & { readonly grade: string })[] {
  const { precipitant, members_named: members } = row;
  const object = row.object_rxcui ? rolledUp(row.object_rxcui) : rxcuiOf.get(row.object.toLowerCase());
  // Beside a named precipitant, the members are the object's where the object is a group of drugs or of a kind with it.
  const ofObject =
    precipitant !== null && (object === undefined || row.object === 'ergotamine' || row.object === 'warfarin');
  const objects =
    object === undefined
      ? resolved(row.object, ofObject ? members : [], row)
      : [object, ...(ofObject ? named(members) : [])];
  const precipitants =
    precipitant === null
      ? resolved(row.precipitant_class ?? '', members, row)
      : [...resolvedOne(row), ...additionOf(row), ...(ofObject ? [] : named(members))];
  const common = factOf(row);
  return objects.flatMap((each) =>
    [...new Set(precipitants)]
      .filter((other) => other !== each)
      .map((other) => ({ object: each, with: [other], ...common })),
  );
}

/** Beside one drug by name, "and sirolimus" adds; any other class only says what kind of drug that one is. */
function additionOf({ precipitant_class: words }: Row): readonly string[] {
  return words && /^(?:and|or) /.test(words) ? (groups.get(words) ?? []).flatMap(selector) : [];
}

function resolvedOne(row: Row): readonly string[] {
  const rxcui = row.precipitant_rxcui
    ? rolledUp(row.precipitant_rxcui)
    : rxcuiOf.get((row.precipitant ?? '').toLowerCase());
  return rxcui === undefined ? resolved(row.precipitant ?? '', [], row) : [rxcui];
}

/** What words for a group of drugs mean: selectors, and the drugs named beside. */
function resolved(words: string, members: readonly string[], { object }: Row): readonly string[] {
  const known = groups.get(words)?.flatMap(selector) ?? kinetic(words);
  const list = [...(known ?? []), ...named(members)];
  const reason = SET_ASIDE.find(([, pattern]) => pattern.test(words))?.[0];
  if (reason !== undefined && list.length === 0) count(aside, `${reason}: ${words}`);
  else if (list.length === 0) count(unmapped, `${words}, at ${object}`);
  return list;
}

function selector(text: string): readonly string[] {
  if (!text.startsWith('=')) return [text];
  const rxcui = rxcuiOf.get(text.slice(1));
  if (rxcui === undefined) count(unmapped, `drug ${text.slice(1)}`);
  return rxcui === undefined ? [] : [rxcui];
}

function named(members: readonly string[]): readonly string[] {
  return members.flatMap((member) => {
    const rxcui = rxcuiOf.get(member.toLowerCase().replace(/\bst\.? john.s wort$/, "st. john's wort extract"));
    if (rxcui !== undefined) return [rxcui];
    const known = groups.get(member)?.flatMap(selector) ?? kinetic(member);
    if (!known) count(unmapped, `member ${member}`);
    return known ?? [];
  });
}

/** "strong or moderate CYP3A4 inhibitors" → `inhibitor.cyp3a4:strong|moderate`; a grade unsaid is strong or moderate. */
function kinetic(words: string): readonly string[] | undefined {
  const match =
    /^(?:other )?((?:strong|potent|moderate|weak)(?:(?: or | to | and )(?:strong|moderate|weak))?)? ?(CYP\w+(?:\/CYP\w+)*) (inhibitors|inducers)/.exec(
      words,
    );
  if (!match || /plus|together|poor metab|or stopped| in /.test(words))
    return /^CYP3A4 inhibitors or stopped inducers/.test(words) ? ['inhibitor.cyp3a4:strong|moderate'] : undefined;
  const said = (match[1] ?? 'strong or moderate').replace('potent', 'strong').split(/ or | to | and /);
  // "Moderate or weak" reaches too many drugs by its weak half; those that the label names are kept.
  const grades = said.length > 1 ? said.filter((grade) => grade !== 'weak') : said;
  const role = match[3] === 'inhibitors' ? 'inhibitor' : 'inducer';
  return (match[2] ?? '')
    .split('/')
    .map((enzyme) => `${role}.${enzyme.toLowerCase().replace(/^cyp3a$/, 'cyp3a4')}:${grades.join('|')}`);
}

function factOf(row: Row): Omit<Fact, 'object' | 'with'> & { readonly grade: string } {
  const effect = codeOf(EFFECTS, row.effect ?? '') ?? 'unclear';
  const cap = capOf(row);
  const only = row.context !== null && !NO_LIMIT.test(row.context) ? row.context : undefined;
  const mechanism = codeOf(MECHANISMS, row.mechanism ?? '') ?? 'unknown';
  const mild = MILDER.some((each) => each.effect.test(effect) && each.when(milderRow(row, mechanism)));
  const grave = GRAVE.has(effect) || (NARROW.has(row.object) && /^(?:exposure|effect|absorption)/.test(effect));
  const relation = row.relation === 'monitor' && grave ? 'monitor-closely' : row.relation;
  return {
    relation: mild && relation !== 'boxed' ? 'monitor' : relation,
    effect,
    mechanism,
    ...(cap ? { cap } : {}),
    ...(only ? { only: shortContext(only) } : {}),
    source: row.basis === 'recalled' ? 'recalled' : `${row.url} ${row.section ?? ''}`.trim(),
    grade: row.basis === 'recalled' ? 'recalled' : row.grade,
  };
}

function milderRow(row: Row, mechanism: string): MilderRow {
  return {
    object: row.object,
    relation: row.relation,
    phrase: row.precipitant_class ?? '',
    mechanism,
    grade: row.grade,
    unread: row.basis === 'recalled',
    byClass: { object: groups.has(row.object), precipitant: row.precipitant === null },
  };
}

/** The contexts that a chart can tell; the rest is said in these words of ours. */
function shortContext(context: string): string {
  const patterns: readonly (readonly [RegExp, string])[] = [
    [/^diabetes|when treating type 2/, 'diabetes'],
    [/neuraxial/, 'spinal puncture or epidural anesthesia'],
    [/GFR below 60|renal|CrCl|eGFR/i, 'kidney disease'],
    [/hepatic/i, 'liver disease'],
    [/CYP2D6/, 'some CYP2D6 genotypes'],
    [/CYP2C9|CYP2C19/, 'some genotypes'],
    [/migraine/, 'chronic migraine'],
    [/pulmonary|PAH|Revatio/i, 'pulmonary hypertension'],
    [/hypertrophic/, 'hypertrophic cardiomyopathy'],
    [/transplant/, 'liver or heart transplant'],
    [/Jynarque|kidney disease/, 'polycystic kidney disease'],
    [/Samsca/, 'treatment of low sodium'],
    [/DCIS/, 'prevention of breast cancer'],
    [/oral midazolam|^oral$|solid oral/, 'taken by mouth'],
    [/intranasal/, 'given by the nose'],
    [/intramuscular|injection/, 'given by injection'],
    [/extended-release|Ritalin LA|Trokendi/i, 'extended-release products'],
    [/concentrate/, 'the oral concentrate'],
    [/jirovecii/, 'Pneumocystis pneumonia'],
    [/neoplastic/, 'cancer treatment'],
    [/acidosis/, 'metabolic acidosis'],
    [/hypertension/, 'hypertension'],
  ];
  return patterns.find(([pattern]) => pattern.test(context))?.[1] ?? 'some patients';
}

/** The daily cap that a label's words give, where they give one plainly. */
function capOf({ relation, detail }: Row): Cap | undefined {
  if (detail === null || (relation !== 'dose-cap' && !/max \d/.test(detail))) return undefined;
  const partner = /^(?:avoid )?(?:aspirin|fluconazole) .*above (\d+) mg\/day/.exec(detail);
  if (partner) return { value: Number(partner[1]), unit: 'mg/d', of: 'precipitant' };
  if (/every \d+ h|in 48 h|in 72 h|mg-equivalent|famotidine|every other/.test(detail)) return undefined;
  const daily = /(?:^|max |above |than )([\d.]+) mg(?:\/day| once daily| in 24 h|\/24 h| per night)/.exec(detail);
  const twice = /(?:^|max )([\d.]+) mg twice daily/.exec(detail);
  const value = daily ? Number(daily[1]) : twice ? 2 * Number(twice[1]) : undefined;
  return value === undefined ? undefined : { value, unit: 'mg/d', of: 'object' };
}

function codeOf(patterns: typeof EFFECTS, words: string): string | undefined {
  return patterns.find(([, pattern]) => pattern.test(words))?.[0];
}

/** One fact an object and precipitant: the one that asks for most, best sourced; a lower cap before a higher. */
function strongestOf(list: readonly (Fact & { readonly grade: string })[]) {
  const best = new Map<string, Fact & { readonly grade: string }>();
  for (const fact of list) {
    const key = `${fact.object} ${fact.with[0]}`;
    const other = best.get(key);
    if (!other || weight(fact) > weight(other)) best.set(key, fact);
  }
  return [...best.values()];
}

function weight({ relation, grade, only, cap, effect, mechanism }: Fact & { readonly grade: string }): number {
  const solid = grade === 'A';
  const hard = relation === 'contraindicated' || relation === 'boxed';
  const tier =
    hard && solid && !only
      ? 4
      : hard && solid
        ? 3
        : relation === 'monitor' || relation === 'separate-administration'
          ? 1
          : 2;
  const known = Number(effect !== 'unclear') + Number(mechanism !== 'unknown');
  return (
    tier * 1000 +
    Number(hard) * 300 +
    Number(!only) * 200 +
    Number(cap !== undefined) * 100 +
    (cap ? 50 - cap.value / 100 : 0) +
    { A: 30, B: 20, recalled: 0 }[grade as 'A'] +
    known
  );
}

/** Precipitants of which all else is equal share a line. */
function together(list: readonly Fact[]): readonly Fact[] {
  const lines = new Map<string, Fact>();
  for (const {
    with: [precipitant = ''],
    ...rest
  } of list) {
    const key = JSON.stringify(rest);
    const line = lines.get(key);
    lines.set(key, { ...rest, with: [...(line?.with ?? []), precipitant] });
  }
  return [...lines.values()];
}

function write(list: readonly Fact[]): number {
  const nameOf = new Map([...rxcuiOf].map(([name, rxcui]) => [rxcui, name]));
  const files = new Map<string, Fact[]>();
  for (const fact of list) {
    const letter = (nameOf.get(fact.object) ?? 'groups of drugs')[0] ?? 'x';
    const name = nameOf.has(fact.object) ? letter : 'groups';
    files.set(name, [...(files.get(name) ?? []), fact]);
  }
  for (const [name, facts] of files) {
    const sources = [...new Set(facts.map((fact) => `${fact.source}\t${(fact as Fact & { grade: string }).grade}`))];
    const keyOf = new Map(
      sources.map((source, index) => [source, source.startsWith('recalled') ? 'recalled' : `${name}${index + 1}`]),
    );
    const citations = Object.fromEntries([...keyOf].map(([source, key]) => [key, citationOf(source)]));
    const lines = facts.map(({ grade, source, ...fact }: Fact & { grade?: string }) =>
      JSON.stringify({
        object: fact.object,
        name: nameOf.get(fact.object) ?? fact.object,
        with: fact.with,
        relation: fact.relation,
        effect: fact.effect,
        mechanism: fact.mechanism,
        ...(fact.cap ? { cap: fact.cap } : {}),
        ...(fact.only ? { only: fact.only } : {}),
        source: keyOf.get(`${source}\t${grade}`),
      }),
    );
    const text = `{\n  "group": "${name}",\n  "citations": ${JSON.stringify(citations, null, 2).replaceAll('\n', '\n  ')},\n  "facts": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
    writeFileSync(new URL(`./${name}.json`, import.meta.url), text);
  }
  return list.length;
}

function citationOf(source: string): Record<string, string> {
  const [where = '', grade = ''] = source.split('\t');
  if (grade === 'recalled')
    return { text: 'US prescribing information as generally known, not verified against a source', basis: 'recalled' };
  const space = where.indexOf(' ');
  const url = space < 0 ? where : where.slice(0, space);
  const section = space < 0 ? '' : where.slice(space + 1);
  return {
    text:
      grade === 'A'
        ? 'US prescribing information (label text or manufacturer’s page)'
        : 'Secondary summary of US prescribing information',
    url,
    place: section === '' ? 'label_interactions.json' : `${section} (label_interactions.json)`,
    basis: 'shared',
    grade,
  };
}

function rxcuisByName(facts: readonly Row[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>(Object.entries(WITHDRAWN));
  for (const line of readFileSync(join(folder as string, 'rxnorm_ingredients.csv'), 'utf8')
    .split('\n')
    .slice(1)) {
    const [, rxcui, name, rollsUp] = /^(\d+),"?([^"]*?)"?,(?:IN|PIN->(\d+))/.exec(line) ?? [];
    if (rxcui && rollsUp && !KEPT_APART.has(rxcui)) ingredientOf.set(rxcui, rollsUp);
    if (rxcui && name && !names.has(name.toLowerCase()))
      names.set(name.toLowerCase(), ingredientOf.get(rxcui) ?? rxcui);
  }
  for (const { object, object_rxcui: a, precipitant, precipitant_rxcui: b } of facts) {
    if (a && !names.has(object.toLowerCase())) names.set(object.toLowerCase(), rolledUp(a));
    if (b && precipitant && !names.has(precipitant.toLowerCase())) names.set(precipitant.toLowerCase(), rolledUp(b));
  }
  const wort = names.get("st. john's wort extract") ?? '258326';
  return names
    .set("st. john's wort extract", wort)
    .set("st john's wort", wort)
    .set('cholestyramine', names.get('cholestyramine resin') ?? '2447');
}

/** The drug table lists a precise ingredient (a salt, an ester) as its ingredient. */
function rolledUp(rxcui: string): string {
  return ingredientOf.get(rxcui) ?? rxcui;
}

function count(list: Map<string, number>, what: string): void {
  list.set(what, (list.get(what) ?? 0) + 1);
}
