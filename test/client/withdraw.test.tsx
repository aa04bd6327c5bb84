// @vitest-environment jsdom
/** WB8 on the screen: each state of a withdrawal in its own words, and none that says more than is known. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../client/api.ts';
import { OutcomeFace } from '../../client/review/outcome.tsx';
import type { Running } from '../../client/session.ts';
import * as state from '../../client/state.ts';
import { Withdraw } from '../../client/write-back/withdraw.tsx';
import { Written } from '../../client/write-back/written.tsx';
import { writtenOf } from '../../client/write-back.ts';
import type { OutcomeState, Withdrawal, WriteOutcome } from '../../launch/api.ts';
import { outcome, preview } from './scene.ts';

const saved: WriteOutcome = { ...outcome('confirmed'), reference: 'DocumentReference/1', versionId: '1' };
const withdrawn: WriteOutcome = {
  ...outcome('withdrawn'),
  message: 'Withdrawn in the EHR at 10:20 (UTC+01:00): read back as entered in error. No order was changed.',
};
const plan = (how: Withdrawal['how']): Withdrawal => ({
  approvalId: saved.approvalId,
  how,
  text: `What this EHR does: ${how}.`,
  reasons: [
    { code: 'approved-by-mistake', word: 'Approved by mistake' },
    { code: 'wrong-chart', word: 'Wrong patient or visit' },
  ],
});
let root: HTMLElement;
const api = {
  withdrawal: vi.fn(),
  withdraw: vi.fn(),
  correction: vi.fn(),
  approve: vi.fn(),
  writes: vi.fn(),
  reconcile: vi.fn(),
  scratchpad: vi.fn(),
};

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function show() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  root = document.body.appendChild(document.createElement('div'));
  for (const mock of Object.values(api)) mock.mockReset();
  state.running.value = { api } as unknown as Running;
  state.settle([saved]);
});
afterEach(() => {
  render(null, root);
  root.remove();
  state.wipe();
});

const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve)));
const button = (name: string) =>
  [...root.querySelectorAll('button')].find((one) => one.textContent?.trim().startsWith(name));
async function press(name: string): Promise<void> {
  const found = button(name);
  if (!found) throw new Error(`no button ${name}: ${root.textContent}`);
  await act(() => found.click());
  await settle();
}
async function open(how: Withdrawal['how']): Promise<void> {
  api.withdrawal.mockResolvedValue(plan(how));
  await act(() => render(<Withdraw approvalId={saved.approvalId} />, root));
  await settle();
}
const text = () => root.textContent ?? '';

describe('Before anything is done', () => {
  it('what this EHR will do is said, a reason is needed, and nothing is chosen in advance', async () => {
    await open('marked');
    expect(text()).toContain('What this EHR does: marked.');
    expect(root.querySelectorAll('[aria-pressed=true]')).toHaveLength(0);
    expect(button('Mark as entered in error')?.disabled).toBe(true);
    await press('Wrong patient or visit');
    expect(button('Mark as entered in error')?.disabled).toBe(false);
    expect(api.withdraw).not.toHaveBeenCalled();
  });

  it('an EHR that lets no app do it offers no button that would', async () => {
    await open('by-hand');
    expect(button('Mark as entered in error')).toBeUndefined();
    expect(root.querySelector('fieldset')).toBeNull();
    expect(button('Copy text')).toBeDefined();
  });

  it('a correcting note is shown in full before it is written', async () => {
    await open('corrected');
    api.correction.mockResolvedValue({ ...preview, text: 'Withdrawn: Stop spironolactone' });
    await press('Approved by mistake');
    expect(api.correction).toHaveBeenCalledWith({ approvalId: saved.approvalId, reason: 'approved-by-mistake' });
    expect(root.querySelector('pre.note')?.textContent).toBe('Withdrawn: Stop spironolactone');
    expect(api.approve).not.toHaveBeenCalled();
    api.writes.mockResolvedValue([withdrawn]);
    await press('Write 1 note');
    expect(text()).toContain('Withdrawn, and read back');
  });
});

describe('Afterwards', () => {
  it.each<[OutcomeState, string, boolean]>([
    ['withdrawn', 'Withdrawn, and read back', true],
    ['withdrawal-in-doubt', 'In doubt: withdrawal not confirmed', false],
    ['confirmed', 'Saved, and read back', false],
  ])('%s is told as such', async (answer, title, done) => {
    await open('marked');
    api.withdraw.mockResolvedValue(answer === 'withdrawn' ? withdrawn : outcome(answer));
    await press('Wrong patient or visit');
    await press('Mark as entered in error');
    expect(text()).toContain(title);
    expect(/Withdrawn/.test(text())).toBe(done);
    expect(button('Withdraw again') !== undefined).toBe(answer === 'withdrawal-in-doubt');
  });

  it.each([
    ['not-taken', 'Not withdrawn: the EHR refused'],
    ['changed-meanwhile', 'Not withdrawn: the EHR refused'],
    ['not-shown', 'Not withdrawn'],
  ])('%s: nothing was withdrawn', async (code, title) => {
    await open('marked');
    api.withdraw.mockRejectedValue(new ApiFailure(code, 'Nothing was withdrawn.', 'request-1'));
    await press('Wrong patient or visit');
    await press('Mark as entered in error');
    expect(text()).toContain(title);
    expect(text()).toContain(`${code} · reference request-1`);
    expect(text()).not.toContain('In doubt');
  });

  it.each([new ApiFailure('unreachable', 'x'), new ApiFailure('internal', 'x'), new Error('lost')])(
    'no answer of our own server is a doubt: %s',
    async (error) => {
      await open('marked');
      api.withdraw.mockRejectedValue(error);
      await press('Wrong patient or visit');
      await press('Mark as entered in error');
      expect(text()).toContain('In doubt: withdrawal not confirmed');
      expect(text()).not.toContain('Withdrawn');
      expect(text()).not.toContain('Not withdrawn');
    },
  );
});

describe('What was written from here', () => {
  const rows = (
    ['confirmed', 'withdrawn', 'withdrawal-in-doubt', 'proposed', 'unknown', 'rejected', 'expired'] as const
  ).map((one, index): WriteOutcome => ({ ...outcome(one), approvalId: `row-${index}` }));

  it('leaves out what never arrived, and offers a way back for what is in the chart', async () => {
    const written = writtenOf(rows);
    expect(written.map((row) => row.state)).toEqual(['confirmed', 'withdrawn', 'withdrawal-in-doubt', 'proposed']);
    await act(() => render(<Written outcomes={written} />, root));
    const names = [...root.querySelectorAll('button')].map(({ textContent }) => textContent);
    expect(names.filter((name) => name?.startsWith('Withdraw'))).toEqual(['Withdraw', 'Withdraw again']);
    await press('Withdraw');
    expect(state.opened.value).toEqual({ what: 'withdraw', approvalId: 'row-0' });
  });

  it.each<[OutcomeState, string]>([
    ['sending', 'In doubt: handed over, no answer'],
    ['unknown', 'In doubt: handed over, no answer'],
    ['proposed', 'Proposed; not in the chart'],
    ['rejected', 'Not proposed; your work is kept'],
  ])('W3: %s in a scratchpad is never called saved or written', async (one, title) => {
    const draft = { ...outcome(one), via: 'scratchpad' as const, message: 'x' };
    state.settle([draft]);
    await act(() => render(<OutcomeFace outcome={draft} />, root));
    expect(text()).toContain(title);
    expect(text()).not.toMatch(/\bsaved\b|\bwritten\b/i);
  });

  it('W3: what the clinician saw in the scratchpad ends the doubt', async () => {
    const draft = { ...outcome('unknown'), via: 'scratchpad' as const };
    state.settle([draft]);
    api.scratchpad.mockResolvedValue({ ...draft, state: 'proposed' });
    await act(() => render(<OutcomeFace outcome={draft} />, root));
    await press('I see it there');
    expect(api.scratchpad).toHaveBeenCalledWith({
      approvalId: draft.approvalId,
      answer: { is: 'looked', there: true },
    });
    expect(text()).toContain('Proposed; not in the chart');
    expect(api.reconcile).not.toHaveBeenCalled();
  });
});
