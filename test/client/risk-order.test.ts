/** Forty models in a physician's order: every one is somewhere, one number a question, and an answer moves nothing. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Arranged, arrange } from '../../client/risk/arrange.ts';
import { firstSentence, oldestOf, othersText, outcomeName } from '../../client/risk/words.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { AskedFact, Facts } from '../../models/engine/facts/facts.ts';
import { firstRound, history } from '../../models/engine/facts/queries.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import type { Library } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { questionsOf } from '../../models/engine/risk/questions.ts';
import { loadLibrary } from '../../server/library.ts';

const root = resolve(import.meta.dirname, '../..');
const now = Date.parse('2026-11-22T12:00:00Z');
const json = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'));
let library: Library;
/** Everything was asked for and handed over: what is not listed is not there. */
const sources = [...firstRound(), ...history()].map(({ id }) => ({ id, state: 'read' as const, count: 1, pages: 1 }));
const charts = ['diabetes-no-uacr', 'atrial-fibrillation', 'ckd4-metformin', 'pregnant', 'child', 'nothing-wrong'];
const facts = new Map<string, Facts>();

beforeAll(async () => {
  ({ library } = await loadLibrary({ dir: resolve(root, 'models') }));
  const drugs = decodeDrugTable(json('models/drugs/rxnorm.json'));
  for (const name of charts) {
    const { resources } = contentsOf(json(`fixtures/patients/${name}/bundle.json`));
    const patientId = resources.map((each) => each as { resourceType: string; id: string }).find(isPatient)?.id ?? '';
    facts.set(name, readFacts({ patientId, resources, drugs, now, sources }));
  }
});

function isPatient({ resourceType }: { resourceType: string }): boolean {
  return resourceType === 'Patient';
}

function evaluationsOf(name: string, asked: Readonly<Record<string, AskedFact>> = {}): readonly Evaluation[] {
  const chart = facts.get(name);
  if (!chart) throw new RangeError(name);
  return evaluateRisk({ ...chart, asked }, library, now);
}

function arrangedOf(name: string, asked: Readonly<Record<string, AskedFact>> = {}, withdrawn: string[] = []): Arranged {
  return arrange({ library, evaluations: evaluationsOf(name, asked), withdrawn: new Set(withdrawn) });
}

/** Ids in the order of the screen, with the section they stand in. */
function places({ numbers, onRequest, waiting, silent }: Arranged) {
  return [
    ...numbers.flatMap(({ title, items }) =>
      items.flatMap(({ lead, others }) => [lead, ...others].map(({ model }) => `${title}/${model.id}`)),
    ),
    ...onRequest.flatMap(({ title, items }) => items.map(({ model }) => `${title}/${model.id}`)),
    ...waiting.map(({ model }) => `waiting/${model.id}`),
    ...silent.map(({ model }) => `silent/${model.id}`),
  ];
}

/** Every required question of a model answered with its first choice, or with a number. */
function allAnswered(id: string): Record<string, AskedFact> {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (!model) throw new RangeError(id);
  return Object.fromEntries(
    questionsOf(model).map(({ path, choices }) => [
      path.slice('asked.'.length),
      { value: choices?.[0]?.value ?? 2, at: now },
    ]),
  );
}

describe('The Risk section', () => {
  it.each(charts)('%s: shows every model of the library exactly once', (name) => {
    const ids = places(arrangedOf(name)).map((place) => place.slice(place.indexOf('/') + 1));
    expect([...ids].sort()).toEqual(library.risk.map(({ id }) => id).sort());
  });

  it.each(charts)(
    '%s: what has a number is never folded under "do not apply" or "waiting", but for its own kind',
    (name) => {
      const { waiting, silent } = arrangedOf(name);
      expect([...waiting, ...silent].filter(({ evaluation }) => evaluation?.status === 'finding')).toEqual([]);
    },
  );

  it('one number a question: of PREVENT with HbA1c and PREVENT base the preferred one leads, the other stands beside it', () => {
    const heart = arrangedOf('diabetes-no-uacr').numbers[0];
    expect(heart?.title).toBe('Heart and vessels');
    expect(heart?.items[0]?.lead.model.id).toBe('prevent-hba1c-10yr');
    expect(heart?.items[0]?.others.map(({ model }) => model.id)).toContain('prevent-base-10yr');
  });

  it('a withdrawn number gives its place at the head to the next, and is not among those beside it in numbers', () => {
    const family = arrangedOf('diabetes-no-uacr', {}, ['prevent-hba1c-10yr']).numbers[0]?.items[0];
    expect(family?.lead.model.id).toBe('prevent-base-10yr');
    expect(othersText(family?.others ?? [], new Set(['prevent-hba1c-10yr']))).not.toContain('%');
    expect(othersText(family?.others ?? [], new Set())).toContain('%');
  });

  it('a stroke score comes before a bleeding score, and the bleeding score waits for its answers in its place', () => {
    const af = arrangedOf('atrial-fibrillation').numbers.find(({ title }) => title === 'Atrial fibrillation');
    expect(af?.items.map(({ lead }) => lead.model.id)).toEqual(['cha2ds2-vasc', 'has-bled']);
    expect(af?.items[1]?.lead.evaluation?.status).toBe('data-required');
  });

  it('bedside scores are offered on request, never among the numbers of someone whom nobody asked about', () => {
    const { numbers, onRequest } = arrangedOf('diabetes-no-uacr');
    const shown = numbers.flatMap(({ items }) => items.map(({ lead }) => lead.model.id));
    expect(shown.filter((id) => ['news2', 'qsofa', 'sofa', 'curb-65', 'wells-pe'].includes(id))).toEqual([]);
    expect(onRequest[0]?.title).toBe('Acute illness');
    expect(onRequest[0]?.items.map(({ model }) => model.id)).toContain('wells-pe');
  });

  it.each([
    ['diabetes-no-uacr', 'wells-dvt'],
    ['atrial-fibrillation', 'has-bled'],
  ])('%s: answering every question of %s gives it a number and moves no question on the screen', (name, id) => {
    const before = arrangedOf(name);
    const after = arrangedOf(name, allAnswered(id));
    const evaluation = evaluationsOf(name, allAnswered(id)).find((each) => each.id === id);
    expect(evaluation?.status).toBe('finding');
    const families = ({ numbers, onRequest }: Arranged) => [
      ...numbers.flatMap(({ items }) => items.map((family) => family.id)),
      ...onRequest.flatMap(({ items }) => items.map(({ model }) => model.id)),
    ];
    expect(families(after)).toEqual(families(before));
  });

  it('an unanswered question never counts: no bedside score has a number, whatever the chart holds', () => {
    for (const name of charts)
      for (const evaluation of evaluationsOf(name)) {
        const model = library.risk.find(({ id }) => id === evaluation.id);
        const required = model ? questionsOf(model).filter((question) => question.required) : [];
        if (required.length > 0) expect([name, evaluation.id, evaluation.status]).not.toContain('finding');
      }
  });

  it('one answer short of all gives no number', () => {
    const { 'pitting-edema': _, ...short } = allAnswered('wells-dvt');
    const evaluation = evaluationsOf('diabetes-no-uacr', short).find(({ id }) => id === 'wells-dvt');
    expect(evaluation?.status === 'data-required' && evaluation.missing.map(({ path }) => path)).toEqual([
      'asked.pitting-edema',
    ]);
  });

  it('an answer that gives another model of the kind its number does not put that one in its place', () => {
    const bleeding = (asked: Record<string, AskedFact>) =>
      arrangedOf('atrial-fibrillation', asked)
        .numbers.flatMap(({ items }) => items)
        .find(({ id }) => id === 'bleeding-in-atrial-fibrillation');
    const answered = bleeding(allAnswered('orbit'));
    expect(answered?.others[0]?.evaluation?.status).toBe('finding');
    expect(answered?.lead.model.id).toBe(bleeding({})?.lead.model.id);
  });

  it('an answer that a model is not for stays where it can be changed', () => {
    const answers = { ...allAnswered('ariscat'), 'surgery-hours': { value: -5, at: now } };
    const { onRequest, silent } = arrangedOf('diabetes-no-uacr', answers);
    const offered = onRequest.flatMap(({ items }) => items.map(({ model }) => model.id));
    expect([...offered, ...silent.map(({ model }) => model.id)]).toContain('ariscat');
    const evaluation = evaluationsOf('diabetes-no-uacr', answers).find(({ id }) => id === 'ariscat');
    if (evaluation?.status === 'not-applicable') expect(offered).toContain('ariscat');
  });
});

describe('Words of a number', () => {
  it('the horizon is said once', () => {
    expect(outcomeName({ title: '10-year risk of stroke', horizon: 'P10Y' })).toBe('Stroke');
    expect(outcomeName({ title: '10-year risk of stroke', horizon: 'P5Y' })).toBe('10-year risk of stroke');
    expect(outcomeName({ title: 'HAS-BLED' })).toBe('HAS-BLED');
  });
  it('the limit on the row is its first sentence, numbers and all', () => {
    expect(firstSentence('Above 0.5 it is wrong. Rest.')).toBe('Above 0.5 it is wrong.');
    expect(firstSentence('No stop')).toBe('No stop');
  });
  it('the date is that of the oldest measurement, also behind a calculated value', () => {
    const at = (text: string) => ({
      start: Date.parse(text),
      end: Date.parse(text),
      precision: 'instant' as const,
      text,
    });
    const used = [
      { path: 'patient.age', label: 'Age', value: 60, sources: [] },
      {
        path: 'derived.egfr',
        label: 'eGFR',
        value: 60,
        sources: [],
        effective: at('2026-11-01T00:00:00Z'),
        from: [
          { path: 'observation.creatinine', label: 'Cr', value: 1, sources: [], effective: at('2025-01-01T00:00:00Z') },
        ],
      },
      { path: 'observation.hba1c', label: 'A1c', value: 7, sources: [], effective: at('2026-11-01T00:00:00Z') },
    ];
    expect(oldestOf({ used, stale: [], missing: [], excluded: [] })?.text).toBe('2025-01-01T00:00:00Z');
  });
});
