// @vitest-environment jsdom
/** Questions to the clinician: nothing is answered beforehand, an answer lasts for its launch, and can be taken back. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, answerText, takeBack } from '../../client/asked/answers.ts';
import { Questions } from '../../client/asked/questions.tsx';
import { Inputs } from '../../client/evidence/evidence.tsx';
import type { Running } from '../../client/session.ts';
import * as state from '../../client/state.ts';
import type { Library, RiskModel } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { contextOf, judgementOf } from './scene.ts';

const now = new Date(2026, 10, 23, 0, 12).getTime();
let library: Library;
let root: HTMLElement;
let reconsider: ReturnType<typeof vi.fn>;

beforeAll(() => {
  // In a process of its own: the loader's ONNX Runtime does not know jsdom's arrays.
  const script = `import { loadLibrary } from './server/library.ts';
    process.stdout.write(JSON.stringify((await loadLibrary({ dir: 'models' })).library));`;
  const cwd = resolve(import.meta.dirname, '../..');
  const options = { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  library = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options)) as Library;
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now });
  root = document.body.appendChild(document.createElement('div'));
  reconsider = vi.fn();
  state.library.value = library;
  state.context.value = contextOf('a');
  state.running.value = { reconsider } as unknown as Running;
});
afterEach(() => {
  vi.useRealTimers();
  render(null, root);
  root.remove();
  state.wipe();
});

function model(id: string): RiskModel {
  const found = library.risk.find((candidate) => candidate.id === id);
  if (!found) throw new RangeError(id);
  return found;
}

const show = (id: string) => act(() => render(<Questions model={model(id)} />, root));
const buttons = () => [...root.querySelectorAll('button')];
const pressed = () => buttons().filter((button) => button.getAttribute('aria-pressed') === 'true');
const tap = (text: string, index = 0) =>
  act(() =>
    buttons()
      .filter((button) => button.textContent === text)
      [index]?.click(),
  );

describe('A question', () => {
  it.each(['has-bled', 'news2', 'wells-dvt', 'gail-bcrat', 'child-pugh'])('of %s is not answered beforehand', (id) => {
    show(id);
    expect(buttons().length).toBeGreaterThan(1);
    expect(pressed()).toEqual([]);
    expect(state.answersNow()).toEqual({});
    expect(root.textContent).toContain('Not answered');
    expect(reconsider).not.toHaveBeenCalled();
  });

  it('is answered in one tap, with the time, and has everything judged again', () => {
    show('has-bled');
    tap('Yes');
    expect(pressed()).toHaveLength(1);
    expect(Object.values(state.answersNow())).toEqual([{ value: 'yes', at: now }]);
    expect(root.textContent).toContain('Answered by you 00:12');
    expect(reconsider).toHaveBeenCalledTimes(1);
  });

  it('taken back is as if it had never been answered', () => {
    show('has-bled');
    const before = root.innerHTML;
    tap('No');
    tap('Take back');
    expect(state.answersNow()).toEqual({});
    expect(root.innerHTML).toBe(before);
    expect(reconsider).toHaveBeenCalledTimes(2);
  });

  it('that a score is offered by stands alone until it is answered with yes', () => {
    show('wells-dvt');
    expect(root.querySelectorAll('fieldset')).toHaveLength(1);
    tap('No');
    expect(root.querySelectorAll('fieldset')).toHaveLength(1);
    tap('Yes');
    expect(root.querySelectorAll('fieldset').length).toBeGreaterThan(5);
    expect(pressed()).toHaveLength(1);
  });

  it('answered for one model counts for the other that asks the same', () => {
    show('qsofa');
    tap('Yes');
    show('sofa');
    expect(pressed()).toHaveLength(1);
  });

  it('for a number takes what was typed, and nothing that is no number', () => {
    answer('asked.noncardiac-surgery', 'yes', now);
    show('ariscat');
    const field = root.querySelector('input');
    if (!field) throw new Error('a number is asked for');
    const use = () => buttons().find((button) => button.textContent === 'Use');
    expect(use()?.disabled).toBe(true);
    for (const [typed, disabled] of [
      ['two', true],
      ['', true],
      ['2,5', false],
    ] as const) {
      field.value = typed;
      act(() => void field.dispatchEvent(new Event('input', { bubbles: true })));
      expect([typed, use()?.disabled]).toEqual([typed, disabled]);
    }
    act(() => use()?.click());
    expect(state.answersNow()['surgery-hours']).toEqual({ value: 2.5, at: now });
  });
});

describe('An answer belongs to its launch', () => {
  it('another launch, or another patient, sees nothing of it', () => {
    answer('asked.ascites', 'none', now);
    state.context.value = { ...contextOf('a'), launchId: 'launch-9876543210' };
    expect(state.answersNow()).toEqual({});
    state.context.value = contextOf('b');
    expect(state.answersNow()).toEqual({});
    state.context.value = contextOf('a');
    expect(Object.keys(state.answersNow())).toEqual(['ascites']);
    state.wipe();
    state.context.value = contextOf('a');
    expect(state.answersNow()).toEqual({});
  });

  it('an answer after the launch is gone is kept by nobody', () => {
    state.context.value = undefined;
    answer('asked.ascites', 'none', now);
    expect(state.asked.value).toBeUndefined();
  });

  it('taking back one leaves the others', () => {
    answer('asked.ascites', 'none', now);
    answer('asked.encephalopathy', 'none', now);
    takeBack('asked.ascites');
    expect(Object.keys(state.answersNow())).toEqual(['encephalopathy']);
  });

  it('is kept in no storage of the browser', () => {
    answer('asked.ascites', 'none', now);
    expect(localStorage.length + sessionStorage.length).toBe(0);
    expect(document.cookie).toBe('');
  });
});

describe('In the evidence', () => {
  it('an answer is said to be yours, with its time and in the words of the button', () => {
    const { facts } = judgementOf('a', []);
    const asked = { pneumonia: { value: 'yes', at: now }, 'new-confusion': { value: 'no', at: now } };
    const evaluation = evaluateRisk({ ...facts, asked, patient: { ...facts.patient, age: 70 } }, library, now).find(
      ({ id }) => id === 'curb-65',
    );
    if (!evaluation || !('basis' in evaluation)) throw new Error('CURB-65 says what it used');
    act(() => render(<Inputs basis={evaluation.basis} />, root));
    expect(root.textContent).toContain('answered by you 00:12');
    expect(answerText(library, 'asked.new-confusion', 'no')).toBe('No');
    expect(root.textContent).not.toContain('answered here');
  });
});
