/** A gap says what it would unlock, the most useful first; what only the clinician knows is no gap of the chart. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { why } from '../../client/gaps/for-informaticists.tsx';
import { gapsOf } from '../../client/gaps/unlock.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import { firstRound, history } from '../../models/engine/facts/queries.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import type { Library } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { loadLibrary } from '../../server/library.ts';

const root = resolve(import.meta.dirname, '../..');
const now = Date.parse('2026-11-22T12:00:00Z');
const json = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'));
let library: Library;
/** Everything was asked for and handed over: what is not listed is not there. */
const sources = [...firstRound(), ...history()].map(({ id }) => ({ id, state: 'read' as const, count: 1, pages: 1 }));

beforeAll(async () => {
  ({ library } = await loadLibrary({ dir: resolve(root, 'models') }));
});

function chart(name: string, patientId: string): Facts {
  const drugs = decodeDrugTable(json('models/drugs/rxnorm.json'));
  const { resources } = contentsOf(json(`fixtures/patients/${name}/bundle.json`));
  return readFacts({ patientId, resources, drugs, now, sources });
}

function gaps(facts: Facts, evaluations: readonly Evaluation[] = evaluateRisk(facts, library, now)) {
  return gapsOf(facts, evaluations, library);
}

const without = (facts: Facts, key: string): Facts => {
  const { [key]: _, ...observation } = facts.observation;
  return { ...facts, observation };
};

describe('Data gaps', () => {
  it('no urine albumin/creatinine: first, and named with the PREVENT equations that wait for it', () => {
    const [first] = gaps(chart('diabetes-no-uacr', 'uacr')).wanted;
    expect(first?.missing.path).toBe('observation.uacr');
    expect([...(first?.unlocks ?? []), ...(first?.refines ?? [])]).toContain('PREVENT with UACR');
  });

  it('what is promised is kept: with creatinine back, each model it "would allow" speaks', () => {
    const whole = chart('diabetes-no-uacr', 'uacr');
    const creatinine = gaps(without(whole, 'creatinine')).wanted.find(
      ({ missing }) => missing.path === 'observation.creatinine',
    );
    expect(creatinine?.unlocks.length).toBeGreaterThan(2);
    const speaks = evaluateRisk(whole, library, now).filter(({ status }) => status === 'finding');
    for (const title of creatinine?.unlocks ?? [])
      expect(speaks.some((evaluation) => evaluation.title.startsWith(title)) ? title : `${title} stays silent`).toBe(
        title,
      );
  });

  it('an eGFR that is not there is asked for as the creatinine it is made of', () => {
    const { wanted } = gaps(without(chart('diabetes-no-uacr', 'uacr'), 'creatinine'));
    expect(wanted.map(({ missing }) => missing.path)).not.toContain('derived.egfr');
  });

  it('nothing is wanted for a question that this patient does not have', () => {
    const titles = gaps(chart('diabetes-no-uacr', 'uacr')).wanted.flatMap(({ unlocks, refines, helps }) => [
      ...unlocks,
      ...refines,
      ...helps,
    ]);
    // eGFR 76: no kidney failure equation is for her.
    expect(titles.filter((title) => title.startsWith('Kidney failure'))).toEqual([]);
  });

  it('the most unlocking first', () => {
    const { wanted } = gaps(chart('local-codes', 'local'));
    const counts = wanted.map(({ unlocks }) => unlocks.length);
    expect(counts.length).toBeGreaterThan(7);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts.indexOf(0)).toBeGreaterThan(0);
    expect(counts.slice(counts.indexOf(0)).every((count) => count === 0)).toBe(true);
  });

  it('questions to the clinician and settings of the site are not gaps of the chart', () => {
    for (const [name, id] of [
      ['atrial-fibrillation', 'af'],
      ['diabetes-no-uacr', 'uacr'],
    ] as const) {
      const { wanted, settings } = gaps(chart(name, id));
      expect(wanted.filter(({ missing }) => /^(asked|site)\./.test(missing.path))).toEqual([]);
      expect(settings.every(({ missing }) => missing.path.startsWith('site.'))).toBe(true);
    }
    expect(gaps(chart('diabetes-no-uacr', 'uacr')).settings.map(({ missing }) => missing.path)).toContain(
      'site.score2-region',
    );
  });

  it('what is unusable is counted by reason, the most frequent first, and nothing is lost', () => {
    const facts = chart('unreadable', 'bad');
    const { unread } = gaps(facts);
    expect(unread.flatMap(({ entries }) => entries)).toHaveLength(facts.unread.length);
    expect(facts.unread.length).toBeGreaterThan(0);
    const counts = unread.map(({ entries }) => entries.length);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  it('a source that was refused is named; one that was read is not', () => {
    const facts: Facts = {
      ...chart('nothing-wrong', 'well'),
      sources: [
        { id: 'allergies', state: 'refused', count: 0, pages: 0 },
        { id: 'laboratory', state: 'read', count: 9, pages: 1 },
      ],
    };
    expect(gaps(facts).sources.map(({ id }) => id)).toEqual(['allergies']);
  });
});

describe('For informaticists', () => {
  it('says how the site wrote it and why it was not read', () => {
    expect(why({ kind: 'code', code: 'KREA', unit: 'umol/L', count: 2 })).toBe('local code, unit “umol/L”');
    expect(why({ kind: 'unit', path: 'observation.sodium', reason: 'unit-missing', count: 1 })).toBe(
      'observation.sodium · without a unit · no unit given',
    );
  });
});
