/** Every risk model proves itself on the cases in its own folder: where it speaks, where it is silent, what it lacks. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluateTrained } from '../../models/engine/evaluate.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';
import { type MadeFacts, madeFacts, madeSite, NOW } from './made-facts.ts';

interface Case {
  readonly name: string;
  readonly facts: MadeFacts;
  readonly expect: {
    readonly status: Evaluation['status'];
    readonly because?: string;
    readonly missing?: readonly string[];
    readonly outcomes?: Readonly<Record<string, number>>;
    readonly note?: { readonly path: string; readonly contains: string };
  };
}

const { library: ours, files } = await loadLibrary({ dir: 'models' });
const casesOf = (id: string): readonly Case[] =>
  existsSync(`models/risk/${id}/cases.json`) ? JSON.parse(readFileSync(`models/risk/${id}/cases.json`, 'utf8')) : [];

describe.each(ours.risk.filter(({ kind }) => kind !== 'onnx').map(({ id }) => id))('%s', (id) => {
  test('has cases that speak, that stay silent and that lack data', () => {
    const statuses = new Set(casesOf(id).map(({ expect: { status } }) => status));
    expect(statuses).toEqual(new Set(['finding', 'not-applicable', 'data-required']));
  });
});

describe.each(ours.risk.map((model) => model.id))('%s', (id) => {
  test.each(casesOf(id))('$name', async ({ facts: made, expect: wanted }) => {
    const library = { ...ours, ...madeSite(made) };
    const facts = madeFacts(made, library);
    const runtime = await createNodeRuntime({ load: async (url) => files.get(url)?.bytes ?? new Uint8Array() });
    const resolver = createResolver({ facts, library, now: NOW });
    const all = [
      ...evaluateRisk(facts, library, NOW),
      ...(await evaluateTrained({ facts, library, runtime, resolver })),
    ];
    const evaluation = all.find((candidate) => candidate.id === id);
    expect(evaluation).toMatchObject({ status: wanted.status });
    if (wanted.because) expect(evaluation).toMatchObject({ because: { code: wanted.because } });
    if (wanted.missing && evaluation?.status === 'data-required')
      expect(evaluation.missing.map(({ path }) => path)).toEqual(expect.arrayContaining([...wanted.missing]));
    if (evaluation?.status !== 'finding') return;
    expect(evaluation.finding.summary.length).toBeLessThan(140);
    for (const [outcome, value] of Object.entries(wanted.outcomes ?? {}))
      expect(evaluation.finding.outcomes?.find((given) => given.id === outcome)?.value).toBeCloseTo(value, 6);
    if (wanted.note) {
      const input = evaluation.finding.basis.used.find(({ path }) => path === wanted.note?.path);
      expect(input?.note).toContain(wanted.note.contains);
    }
  });
});
