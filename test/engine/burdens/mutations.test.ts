/** Breaks every burden on purpose, one small way at a time, and counts what its cases notice. */
import { describe, expect, test } from 'vitest';
import type { Burden, BurdenFact, BurdenTier, Contributor } from '../../../models/engine/burdens/burden.ts';
import type { Indicator } from '../../../models/engine/evaluation.ts';
import { type BurdenCase, burdens, casesOf, holds } from './burdens-chart.ts';

interface Mutant {
  readonly what: string;
  readonly burden: Burden;
}

const TIERS: readonly Indicator[] = ['info', 'warning', 'critical'];
const FLIPPED: Readonly<Record<string, readonly string[]>> = {
  '>=': ['>', '<'],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '<': ['<=', '>='],
  and: ['or'],
  or: ['and'],
};

function mutantsOf(burden: Burden): readonly Mutant[] {
  return [
    ...burden.contributors.flatMap((contributor, index) =>
      brokenContributor(contributor).map(({ what, broken }) => ({
        what: `${contributor.id}: ${what}`,
        burden: { ...burden, contributors: spliced(burden.contributors, index, broken) },
      })),
    ),
    ...burden.facts.flatMap((fact, index) =>
      brokenFact(fact).map(({ what, broken }) => ({
        what: `${fact.id}: ${what}`,
        burden: { ...burden, facts: spliced(burden.facts, index, broken) },
      })),
    ),
    ...burden.tiers.flatMap((tier, index) =>
      brokenTier(tier).map(({ what, broken }) => ({
        what: `tier ${tier.id}: ${what}`,
        burden: { ...burden, tiers: spliced(burden.tiers, index, broken) },
      })),
    ),
  ].filter((mutant) => mutant.burden.contributors.length > 0 && mutant.burden.tiers.length > 0);
}

interface Broken<T> {
  readonly what: string;
  /** Absent: dropped. */
  readonly broken?: T;
}

function spliced<T>(list: readonly T[], index: number, item: T | undefined): readonly T[] {
  return list.toSpliced(index, 1, ...(item === undefined ? [] : [item]));
}

function brokenContributor(contributor: Contributor): readonly Broken<Contributor>[] {
  const { once, ...counted } = contributor;
  return [
    { what: 'dropped' },
    ...steps(contributor.weight, 'weight').map(({ what, value }) => ({
      what,
      broken: { ...contributor, weight: value },
    })),
    ...(once ? [{ what: 'counted each', broken: counted }] : []),
  ];
}

function brokenFact(fact: BurdenFact): readonly Broken<BurdenFact>[] {
  const { group, ...alone } = fact;
  return [
    { what: 'never holds', broken: { ...fact, when: 'false' } },
    ...expressions(fact.when).map((when) => ({ what: when, broken: { ...fact, when } })),
    ...(fact.weight > 0 ? steps(fact.weight, 'weight') : []).map(({ what, value }) => ({
      what,
      broken: { ...fact, weight: value },
    })),
    ...(group ? [{ what: 'out of its group', broken: alone }] : []),
  ];
}

function brokenTier(tier: BurdenTier): readonly Broken<BurdenTier>[] {
  const { medicines, weight, total, of = {}, all = [], any: either = [], unless = [] } = tier;
  const numbers = { medicines, weight, total };
  return [
    { what: 'dropped' },
    ...otherTiers(tier.indicator).map((indicator) => ({ what: `says ${indicator}`, broken: { ...tier, indicator } })),
    ...Object.entries(numbers).flatMap(([name, number]) =>
      number === undefined
        ? []
        : steps(number, name).map(({ what, value }) => ({ what, broken: { ...tier, [name]: value } })),
    ),
    ...Object.keys(of).map((id) => ({
      what: `without ${id}`,
      broken: { ...tier, of: Object.fromEntries(Object.entries(of).filter(([other]) => other !== id)) },
    })),
    ...all.map((id) => ({
      what: `whether or not ${id}`,
      broken: { ...tier, all: all.filter((other) => other !== id) },
    })),
    ...either.map((id) => ({ what: `not by ${id}`, broken: { ...tier, any: either.filter((other) => other !== id) } })),
    ...unless.map((id) => ({
      what: `in spite of ${id}`,
      broken: { ...tier, unless: unless.filter((other) => other !== id) },
    })),
  ];
}

/** One more and one less; less than one is no weight or number at all. */
function steps(number: number, name: string): readonly { readonly what: string; readonly value: number }[] {
  return [number + 1, number - 1]
    .filter((value) => value > 0)
    .map((value) => ({ what: `${name} ${number} → ${value}`, value }));
}

/** The tiers one step away. */
function otherTiers(tier: Indicator): readonly Indicator[] {
  const at = TIERS.indexOf(tier);
  return TIERS.filter((_, index) => Math.abs(index - at) === 1);
}

/** The expression with one comparator or connective flipped, or one number moved by one step of its last digit. */
function expressions(when: string): readonly string[] {
  const put = (match: RegExpMatchArray, text: string) =>
    `${when.slice(0, match.index)}${text}${when.slice((match.index ?? 0) + match[0].length)}`;
  const operators = [...when.matchAll(/>=|<=|>|<|\band\b|\bor\b/g)].flatMap((match) =>
    (FLIPPED[match[0]] ?? []).map((text) => put(match, text)),
  );
  const numbers = [...when.matchAll(/(?<![\w'.])\d+(?:\.\d+)?(?![\w'])/g)].flatMap((match) => {
    const decimals = match[0].split('.')[1]?.length ?? 0;
    const step = 10 ** -decimals;
    return [1, -1].map((sign) => put(match, (Number(match[0]) + sign * step).toFixed(decimals)));
  });
  return [...operators, ...numbers];
}

function killed({ burden }: Mutant, cases: readonly BurdenCase[]): boolean {
  return cases.some((one) => !holds(burden, one));
}

describe('the count', () => {
  const survivors: string[] = [];
  let mutants = 0;

  test.each(burdens.map((burden) => ({ burden, id: burden.id })))(
    'of $id: its cases fire, stay silent and lack data, before anything is broken',
    ({ burden, id }) => {
      const cases = casesOf(burden);
      expect(new Set(cases.map(({ expect: { status } }) => status))).toEqual(
        new Set(['finding', 'not-applicable', 'data-required']),
      );
      for (const one of cases) expect(holds(burden, one), one.name).toBe(true);
      const made = mutantsOf(burden);
      mutants += made.length;
      survivors.push(...made.filter((mutant) => !killed(mutant, cases)).map(({ what }) => `${id}  ${what}`));
    },
  );

  test('of all burdens: at least nine of ten mutants are killed', () => {
    console.log(`mutants ${mutants}, survivors ${survivors.length}\n${survivors.join('\n')}`);
    expect(mutants).toBeGreaterThan(0);
    expect(1 - survivors.length / mutants).toBeGreaterThanOrEqual(0.9);
  });
});
