// @vitest-environment jsdom
import { readFileSync } from 'node:fs';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ModelCardView } from '../../client/evidence/model-card.tsx';
import { latest, library } from '../../client/state.ts';
import type { Library, OnnxModel } from '../../models/engine/library.ts';
import { finding } from './scene.ts';

const FOLDER = 'models/risk/hidden-albuminuria';
const manifest = JSON.parse(readFileSync(`${FOLDER}/manifest.json`, 'utf8'));
const card = JSON.parse(readFileSync(`${FOLDER}/card.json`, 'utf8'));
let root: HTMLElement;

beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
  library.value = undefined;
  latest.value = undefined;
});

/** A woman of 70 with diabetes, as the model's finding has her. */
const used = [
  ['patient.age', 'Age', 70],
  ['patient.sex', 'Sex', 'female'],
  ['observation.systolic-blood-pressure', 'Systolic', 140],
  ['derived.egfr', 'eGFR', 70],
  ['observation.hba1c', 'HbA1c', 7],
  ['condition.diabetes', 'Diabetes', 'yes'],
].map(([path, label, value]) => ({ path, label, value, sources: [] }));

async function open(model: OnnxModel): Promise<string> {
  library.value = { risk: [model] } as unknown as Library;
  const basis = { used, stale: [], missing: [], excluded: [] };
  const evaluation = {
    id: model.id,
    kind: 'risk',
    title: model.title,
    version: '1',
    status: 'finding',
    finding: finding({ basis } as never),
  };
  latest.value = { evaluations: [evaluation] } as never;
  await act(() => render(<ModelCardView id={model.id} />, root));
  await act(async () => root.querySelector('button')?.click());
  await act(async () => {});
  return root.textContent ?? '';
}

test('one tap shows Model Facts, the digest of the file that ran, and people like this patient with their number', async () => {
  const text = await open({ ...manifest, card });
  for (const heading of ['Summary', 'How it works', 'How well it does', 'Warnings']) expect(text).toContain(heading);
  expect(text).toContain(manifest.sha256);
  expect(text).toContain('of this very version');
  const row = card.peopleLike.rows.find(
    (one: { sex: string; ageFrom: number; indicated: boolean }) =>
      one.sex === 'female' && one.ageFrom === 65 && one.indicated,
  );
  expect(text).toContain('Women, 65 and over, with a reason to test');
  expect(text).toContain(`n ${row.n}, ${row.events} of them`);
});

test('a card of another file says so', async () => {
  expect(await open({ ...manifest, card, sha256: '0'.repeat(64) })).toContain('of ANOTHER file');
});
