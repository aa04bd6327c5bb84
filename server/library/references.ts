/** What one piece of knowledge says of another must exist: value sets, drug classes, measurements, derived facts. */
import { readSelector, type Selector } from '../../models/engine/drugs/profiles.ts';
import { problemOfTrait } from '../../models/engine/drugs/traits.ts';
import { ANALYTE_BY_KEY } from '../../models/engine/facts/analytes.ts';
import { conversionFor } from '../../models/engine/facts/units.ts';
import type { Ask, Library, Participant, Population, TreatmentEffect } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import type { Report } from './read.ts';
import { checkTogether } from './together.ts';

/** Observations whose answer is a word; see `models/engine/facts/coded.ts`. */
const CODED = ['smoking-status', 'pregnancy-status'];

/** Reports every reference that leads nowhere. */
export function checkReferences(library: Omit<Library, 'digest'>, report: Report): void {
  const exists = existence(library);
  const check = (file: string, fact: string) => {
    if (exists(fact)) return;
    report({
      file,
      line: 1,
      path: fact,
      expected: 'a fact the library knows',
      found: `“${fact}”`,
      advice: 'check the name, or add the value set, drug class or measurement',
    });
  };
  for (const model of library.risk) {
    const file = `risk/${model.id}/manifest.json`;
    for (const { fact, unit, ask } of model.inputs) {
      check(file, fact);
      checkUnit({ file, fact, unit }, report);
      checkAsk({ file, fact, ask }, report);
    }
    const asked = model.inputs.map(({ fact }) => fact);
    for (const { facts, ask } of model.population.onlyWith ?? [])
      for (const fact of facts) if (!asked.includes(fact)) checkAsk({ file, fact, ask }, report);
    for (const fact of factsOf(model.population)) check(file, fact);
  }
  for (const { id, medicines } of library.monitoring ?? []) {
    const file = `monitoring/${id.replace('watch-', '')}.json`;
    for (const { checks, citations, id: entry } of medicines)
      for (const { fact, limits = [], cite } of checks) {
        check(file, fact);
        for (const limit of limits) {
          check(file, limit.fact);
          checkUnit({ file, fact: limit.fact, unit: limit.unit }, report);
        }
        for (const key of [cite, ...limits.map((limit) => limit.cite)])
          if (!Object.hasOwn(citations, key))
            report({
              file,
              line: 1,
              path: `${entry}.citations`,
              expected: Object.keys(citations).join(', '),
              found: key,
              advice: 'name a citation of the entry',
            });
      }
  }
  for (const injury of library.injuries ?? []) {
    const file = `injury/${injury.id.replace('injury-', '')}.json`;
    for (const { fact, unit } of injury.markers) {
      check(file, fact);
      checkUnit({ file, fact, unit }, report);
    }
    if (injury.unless) check(file, `condition.${injury.unless.condition}`);
    for (const { medicine } of injury.suspects) checkParticipant({ file, participant: medicine }, { check, report });
    const cites = [...injury.levels, ...injury.suspects].map(({ cite }) => cite);
    for (const key of [
      ...cites,
      injury.pattern?.cite,
      injury.settleCite,
      injury.limitsCite,
      injury.baselineCite,
      injury.typicalCite,
    ])
      if (key !== undefined && !Object.hasOwn(injury.citations, key))
        report({
          file,
          line: 1,
          path: 'citations',
          expected: Object.keys(injury.citations).join(', '),
          found: key,
          advice: 'name a citation of the file',
        });
  }
  for (const { id, population, inputs, level } of library.pharmacokinetics ?? []) {
    const file = `dosing/${id}.json`;
    for (const { fact, unit } of inputs) {
      check(file, fact);
      checkUnit({ file, fact, unit }, report);
    }
    for (const fact of [level, ...factsOf(population)]) check(file, fact);
  }
  for (const setting of Object.entries(library.site ?? {})) checkSetting(setting, { library, report });
  for (const rule of library.rules) {
    const file = `rules/${rule.id}.json`;
    for (const { fact, unit } of rule.needs) {
      check(file, fact);
      checkUnit({ file, fact, unit }, report);
    }
    for (const fact of [...rule.shown, ...factsOf(rule.population)]) check(file, fact);
  }
  for (const effect of library.effects ?? []) checkEffect(effect, { library, check }, report);
  checkThemes(library, { check, report });
  const selector = (file: string, words: string) => checkSelector({ file, selector: words }, report);
  checkTogether(library, { check, selector, report });
  for (const interaction of library.interactions) {
    const file = `interactions/${interaction.id}.json`;
    for (const { needs } of interaction.modifiers) for (const fact of needs) check(file, fact);
    for (const { classes, traits } of [interaction.object, interaction.precipitant]) {
      for (const id of classes ?? []) check(file, `medication.${id}`);
      for (const selector of traits ?? []) checkSelector({ file, selector }, report);
    }
  }
}

/** Cautions and allergies: facts, drug classes, selectors, ids that occur once, and keys of citations that are there. */
function checkThemes({ cautions = [], allergies = [] }: Omit<Library, 'digest'>, { check, report }: Checks): void {
  const ids = new Map<string, string>();
  const checkEach = (
    file: string,
    citations: Readonly<Record<string, Citation>>,
    { id, medicine, cite }: { readonly id: string; readonly medicine: Participant; readonly cite: readonly string[] },
  ) => {
    checkParticipant({ file, participant: medicine }, { check, report });
    const known = { file, line: 1, path: id };
    const other = ids.get(id);
    if (other)
      report({ ...known, expected: 'an id that occurs once', found: `${id}, also in ${other}`, advice: 'rename one' });
    ids.set(id, file);
    for (const key of cite)
      if (!(key in citations))
        report({ ...known, expected: 'a key of this file’s citations', found: key, advice: 'add the citation' });
  };
  for (const theme of cautions) {
    const file = `cautions/${theme.id}.json`;
    for (const caution of theme.cautions) {
      checkEach(file, theme.citations, caution);
      for (const fact of [...(theme.needs ?? []), ...(caution.needs ?? [])]) check(file, fact);
      if (!(caution.when ?? theme.when))
        report({
          file,
          line: 1,
          path: caution.id,
          expected: 'when it holds',
          found: 'nothing',
          advice: 'give `when` to it or to the theme',
        });
    }
  }
  for (const group of allergies) {
    const file = `allergies/${group.id}.json`;
    checkParticipant({ file, participant: group.allergen }, { check, report });
    for (const cross of group.crosses) checkEach(file, group.citations, cross);
  }
}

interface Checks {
  readonly check: (file: string, fact: string) => void;
  readonly report: Report;
}

function checkParticipant(
  { file, participant: { classes, traits } }: { readonly file: string; readonly participant: Participant },
  { check, report }: Checks,
): void {
  for (const id of classes ?? []) check(file, `medication.${id}`);
  for (const selector of traits ?? []) checkSelector({ file, selector }, report);
}

/** A selector of a trait or grade that no profile can have would select nothing, silently. */
export function checkSelector(
  { file, selector }: { readonly file: string; readonly selector: string },
  report: Report,
): void {
  for (let part: Selector | undefined = readSelector(selector); part; part = part.and)
    for (const grade of part.grades) {
      const expected = problemOfTrait(part.trait, grade);
      const found = `${part.trait}:${grade}`;
      if (expected) report({ file, line: 1, path: selector, expected, found, advice: 'correct it' });
    }
}

/** An effect on a number that no model gives would never be seen. */
function checkEffect(
  effect: TreatmentEffect,
  { library, check }: { library: Pick<Library, 'risk'>; check: (file: string, fact: string) => void },
  report: Report,
): void {
  const file = `effects/${effect.id}.json`;
  for (const { fact, unit } of effect.limits) {
    check(file, fact);
    checkUnit({ file, fact, unit }, report);
  }
  for (const fact of factsOf(effect.population)) check(file, fact);
  for (const { models, outcome } of effect.fits) {
    for (const id of models) {
      const model = library.risk.find((candidate) => candidate.id === id);
      if (model?.outcomes.some((candidate) => candidate.id === outcome && candidate.unit === '1')) continue;
      report({
        file,
        line: 1,
        path: 'fits',
        expected: 'a probability that the library’s models give',
        found: `“${id}” ${outcome}`,
        advice: 'name a model and one of its outcomes with the unit 1',
      });
    }
  }
}

/** A measurement without a unit would be a bare number; one in a unit that does not fit would never be there. */
function checkUnit(
  { file, fact, unit }: { readonly file: string; readonly fact: string; readonly unit: string | undefined },
  report: Report,
): void {
  const analyte = fact.startsWith('observation.') ? ANALYTE_BY_KEY.get(fact.slice('observation.'.length)) : undefined;
  if (!analyte || (unit !== undefined && conversionFor(analyte, unit))) return;
  report({
    file,
    line: 1,
    path: fact,
    expected: `a unit of ${analyte.label}`,
    found: unit ?? 'no unit',
    advice: `${analyte.unit}`,
  });
}

/** A setting that no model reads, or a word that none of them knows, would be silently useless. */
function checkSetting(
  [name, value]: readonly [string, string | number],
  { library, report }: { readonly library: Omit<Library, 'digest'>; readonly report: Report },
): void {
  const inputs = library.risk.flatMap((model) => model.inputs.filter(({ fact }) => fact === `site.${name}`));
  const words = [...new Set(inputs.flatMap(({ codes }) => Object.keys(codes ?? {})))];
  const known = inputs.length > 0 && (words.length === 0 || words.includes(String(value)));
  if (known) return;
  const settings = library.risk.flatMap(({ inputs: all }) => all.map(({ fact }) => fact)).filter(isSetting);
  report({
    file: 'site.json',
    line: 1,
    path: name,
    expected: inputs.length > 0 ? `one of ${words.join(', ')}` : `one of ${[...new Set(settings)].join(', ')}`,
    found: inputs.length > 0 ? String(value) : `“${name}”`,
    advice: 'correct it, or remove it',
  });
}

function isSetting(fact: string): boolean {
  return fact.startsWith('site.');
}

/** Nobody can answer a question that is not put. */
function checkAsk(
  { file, fact, ask }: { readonly file: string; readonly fact: string; readonly ask: Ask | undefined },
  report: Report,
): void {
  if (fact.startsWith('asked.') === (ask !== undefined)) return;
  report({
    file,
    line: 1,
    path: fact,
    expected: ask ? 'a fact asked.<name>' : 'the question to ask',
    found: ask ? fact : 'no question',
    advice: 'give `ask` with `question` and `choices` to asked.<name>, and to nothing else',
  });
}

function factsOf({
  exclude,
  require,
  unless,
  onlyWith,
  starting,
  silentInComfortCare,
  pregnant,
}: Population): readonly string[] {
  return [
    ...[...(exclude ?? []), ...(require ?? [])].map(({ condition }) => `condition.${condition}`),
    ...(unless ?? []).map(({ fact }) => fact),
    ...(onlyWith ?? []).flatMap(({ facts }) => facts),
    ...(starting ? [`taking.${starting.medicine}`] : []),
    ...(silentInComfortCare ? ['condition.comfort-care'] : []),
    ...(pregnant === 'allowed' ? [] : ['condition.pregnancy']),
  ];
}

function existence({ risk, valueSets, drugClasses }: Omit<Library, 'digest'>): (fact: string) => boolean {
  return (fact) => {
    const dot = fact.indexOf('.');
    const name = fact.slice(dot + 1);
    switch (fact.slice(0, dot)) {
      case 'patient':
        return name === 'age' || name === 'sex';
      case 'observation':
        return ANALYTE_BY_KEY.has(name) || CODED.includes(name);
      case 'condition':
      case 'history':
        return valueSets.some(({ id }) => id === name);
      case 'medication':
        return /^\d+$/.test(name) || drugClasses.some(({ id }) => id === name);
      case 'derived':
        return risk.some(({ provides }) => provides === fact);
      case 'gene':
        return /^[A-Z0-9-]+$/.test(name);
      case 'taking':
        return /^\d+$/.test(name) || drugClasses.some(({ id }) => id === name);
      case 'asked':
      case 'site':
        return true;
      default:
        return false;
    }
  };
}
