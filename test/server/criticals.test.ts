/** Nothing that interrupts a clinician rests on memory. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCriticals } from '../../server/library/criticals.ts';
import type { Problem } from '../../server/library/problem.ts';
import { loadLibrary } from '../../server/library.ts';

const { library } = await loadLibrary({ dir: resolve(import.meta.dirname, '../../models') });

function problemsOf(change: (copy: typeof library) => void): Problem[] {
  const copy = structuredClone(library);
  change(copy);
  const problems: Problem[] = [];
  checkCriticals(copy, (problem) => problems.push(problem));
  return problems;
}

describe('A critical rests on an opened source', () => {
  it('the library as shipped holds to it', () => {
    expect(problemsOf(() => undefined)).toEqual([]);
  });

  it('a critical interaction whose citations are all recalled is refused, by file', () => {
    const problems = problemsOf((copy) => {
      for (const interaction of copy.interactions)
        if (interaction.indicator === 'critical')
          (interaction as { citations: unknown }).citations = [{ text: 'general knowledge', basis: 'recalled' }];
    });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.file).toMatch(/^interactions\/.*\.json$/);
    expect(problems[0]?.found).toBe('recalled');
  });

  it('a critical tier of a rule with a grade B row alone is refused', () => {
    const problems = problemsOf((copy) => {
      for (const rule of copy.rules) {
        (rule as { citations: unknown }).citations = [];
        for (const tier of rule.tiers)
          (tier as { citations: unknown }).citations = [{ text: 'a compendium', basis: 'shared', grade: 'B' }];
      }
    });
    expect(problems.map(({ path }) => path)).toContain('tiers[0]');
  });
});
