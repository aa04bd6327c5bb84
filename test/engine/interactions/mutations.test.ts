/** Breaks the context logic of every interaction on purpose, one small way at a time, and counts what its cases notice. */
import { describe, expect, test } from 'vitest';
import type { Indicator } from '../../../models/engine/evaluation.ts';
import type { Interaction, Modifier } from '../../../models/engine/library.ts';
import { agrees, type Case, casesBeside, judged, library } from '../interactions-chart.ts';

interface Mutant {
  readonly what: string;
  readonly interaction: Interaction;
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

function mutantsOf(interaction: Interaction): readonly Mutant[] {
  const { modifiers } = interaction;
  return [
    ...otherTiers(interaction.indicator).map((indicator) => ({
      what: `bare tier ${indicator}`,
      interaction: { ...interaction, indicator },
    })),
    ...modifiers.flatMap((modifier, index) => {
      const changed = (what: string, change: Partial<Modifier>): Mutant => ({
        what: `${modifier.id}: ${what}`,
        interaction: { ...interaction, modifiers: modifiers.with(index, { ...modifier, ...change }) },
      });
      return [
        {
          what: `${modifier.id}: dropped`,
          interaction: { ...interaction, modifiers: modifiers.toSpliced(index, 1) },
        },
        ...otherTiers(modifier.indicator).map((indicator) => changed(`tier ${indicator}`, { indicator })),
        ...expressions(modifier.when).map((when) => changed(when, { when })),
      ];
    }),
  ];
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

function killed({ interaction }: Mutant, cases: readonly Case[]): boolean {
  const of = { ...library, interactions: [interaction] };
  return cases.some(({ chart, expect: wanted }) => !agrees(judged(interaction.id, chart, of), wanted));
}

const withContext = library.interactions.filter(({ modifiers }) => modifiers.length > 0);

describe('context logic', () => {
  const survivors: string[] = [];
  let mutants = 0;

  test.each(withContext.map((interaction) => ({ interaction, id: interaction.id })))(
    'of $id: its cases hold, alone in the library, before anything is broken',
    ({ interaction, id }) => {
      const of = { ...library, interactions: [interaction] };
      const cases = casesBeside('interactions', id);
      for (const { name, chart, expect: wanted } of cases)
        expect(agrees(judged(id, chart, of), wanted), name).toBe(true);
      const made = mutantsOf(interaction);
      mutants += made.length;
      survivors.push(...made.filter((mutant) => !killed(mutant, cases)).map(({ what }) => `${id}  ${what}`));
    },
  );

  test('of all interactions: at least nine of ten mutants are killed', () => {
    console.log(`mutants ${mutants}, survivors ${survivors.length}\n${survivors.join('\n')}`);
    expect(mutants).toBeGreaterThan(0);
    expect(1 - survivors.length / mutants).toBeGreaterThanOrEqual(0.9);
  });
});
