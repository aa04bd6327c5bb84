// @vitest-environment jsdom
/** A recommendation on the screen: its grammar, its answers, and whose it is. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Api } from '../../client/api.ts';
import { App } from '../../client/app.tsx';
import type { Running } from '../../client/session.ts';
import * as settled from '../../client/settled.tsx';
import * as state from '../../client/state.ts';
import type { Preview, WriteOutcome } from '../../launch/api.ts';
import type { Input, Recommendation } from '../../models/engine/evaluation.ts';
import { contextOf, finding, judgementOf, outcome, preview, recommendation } from './scene.ts';

const input = (label: string, path: string, value: number, unit: string): Input => ({
  path,
  label,
  value,
  unit,
  effective: { start: 0, end: 0, precision: 'day', text: '2026-11-17' },
  sources: [`Observation/${label}`],
});
const stop: Recommendation = recommendation('rule:critical', {
  because: [
    input('K⁺', 'observation.potassium', 6.2, 'mmol/L'),
    input('eGFR', 'derived.egfr', 24, 'mL/min/{1.73_m2}'),
    input('Sodium', 'observation.sodium', 140, 'mmol/L'),
  ],
});
let root: HTMLElement;
let api: { [method in keyof Api]: ReturnType<typeof vi.fn> };

beforeEach(() => {
  vi.stubGlobal('ATTUNE_VERSION', '0.0.0');
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  // jsdom draws no top layer; what the sheet does with it is seen in Chromium.
  HTMLDialogElement.prototype.showModal = function show() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  root = document.body.appendChild(document.createElement('div'));
  api = {
    context: vi.fn(),
    library: vi.fn(),
    style: vi.fn(),
    preview: vi.fn(),
    approve: vi.fn(),
    writes: vi.fn(),
    reconcile: vi.fn(),
    resend: vi.fn(),
    scratchpad: vi.fn(),
    withdrawal: vi.fn(),
    withdraw: vi.fn(),
    correction: vi.fn(),
    promises: vi.fn(),
    promise: vi.fn(),
    egress: vi.fn(),
    record: vi.fn(),
  };
});
afterEach(() => {
  render(null, root);
  root.remove();
  state.wipe();
});

async function show(recommendations: readonly Recommendation[] = [stop], patientId = 'p1'): Promise<void> {
  await act(() => {
    const context = contextOf('p1');
    state.context.value = context;
    state.stage.value = { step: 'open' };
    state.parts.value = settled;
    state.library.value = {
      version: '1',
      digest: 'sha256:abcdef0123',
      risk: [],
      interactions: [],
      rules: [],
      valueSets: [],
      drugClasses: [],
      ingredients: [],
      drugTable: { asOf: '2025-10-06', sha256: '', url: '' },
    };
    state.running.value = {
      api,
      context,
      goOnWithout: () => undefined,
      retry: async () => undefined,
    } as unknown as Running;
    state.today.value = judgementOf(patientId, recommendations);
    render(<App />, root);
  });
}
const button = (name: string) =>
  [...root.querySelectorAll('button')].find((candidate) => candidate.textContent?.trim().startsWith(name));
const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve)));
const press = (name: string) => act(() => button(name)?.click());

describe('The card keeps its grammar', () => {
  it('tier word, headline, then exactly two dated facts with their units', async () => {
    await show();
    const card = root.querySelector('article');
    expect(card?.querySelector('.tier')?.textContent).toBe('Critical');
    expect(card?.querySelector('h3')?.textContent).toBe('Stop spironolactone');
    const facts = [...(card?.querySelectorAll('.facts > div') ?? [])].map(({ textContent }) =>
      textContent?.replaceAll('\u00a0', ' '),
    );
    expect(facts).toEqual(['K⁺ 6.2 mmol/L17 Nov 2026', 'eGFR 24 mL/min/1.73 m²17 Nov 2026']);
  });

  it('only the first card shows its actions at once; the next give them on tap', async () => {
    await show([stop, recommendation('other:warning', {}, 'warning')]);
    const [first, second] = root.querySelectorAll('article');
    expect(first?.textContent).toContain('Decline');
    expect(second?.textContent).not.toContain('Decline');
    await press('Answer');
    expect(root.querySelectorAll('article')[1]?.textContent).toContain('Decline');
  });

  it('nothing to do, nothing to accept', async () => {
    const { action: _, ...passive } = finding();
    await show([{ ...stop, finding: passive }]);
    expect(button('Accept')).toBeUndefined();
    expect(button('Decline')).toBeDefined();
  });
});

describe('An answer needs its coded reason', () => {
  it('Decline alone declines nothing; a reason does, and goes into the record', async () => {
    await show();
    await press('Decline');
    expect(state.answered.value.size).toBe(0);
    expect(root.querySelectorAll('.reasons button')).toHaveLength(6);
    await press('Already tolerated');
    expect(state.answered.value.get(stop.id)).toMatchObject({ how: 'declined', reason: 'already-tolerated' });
    expect(api.record).toHaveBeenCalledWith(expect.objectContaining({ type: 'declined', reason: 'already-tolerated' }));
    expect(root.querySelector('article')?.textContent).toContain('Declined: Already tolerated');
  });
});

describe('Nothing of another patient is ever shown', () => {
  it('a judgement about someone else stays off the screen', async () => {
    await show([stop], 'p2');
    expect(root.textContent).not.toContain('Stop spironolactone');
    expect(root.querySelector('.skeleton')).not.toBeNull();
  });

  it('a wipe leaves nothing behind', async () => {
    await show();
    expect(root.textContent).toContain('Stop spironolactone');
    await act(() => state.wipe());
    expect(root.textContent).not.toContain('Stop spironolactone');
  });
});

describe('Late results do not move what is there', () => {
  it('a late critical takes the row above, a late warning waits behind "1 new"', async () => {
    await show();
    const critical = recommendation('late:critical', { summary: 'Stop metformin' });
    const warning = recommendation('late:warning', { summary: 'Check INR' }, 'warning');
    await act(() => {
      state.latest.value = judgementOf('p1', [critical, stop, warning]);
    });
    expect(root.querySelector('.late')?.textContent).toContain('Stop metformin');
    expect(root.textContent).not.toContain('Check INR');
    await press('1 new');
    expect(root.textContent).toContain('Check INR');
  });

  it('a number whose twin disagrees is withdrawn from its card', async () => {
    await show();
    await act(() => {
      state.withdrawn.value = new Map([['rule', 'differs']]);
    });
    expect(root.querySelector('article')?.textContent).toContain('Withdrawn');
    expect(root.querySelector('article')?.textContent).not.toContain('6.2');
    expect(button('Accept')).toBeUndefined();
  });
});

describe('Accepting writes what was shown, and nothing is called saved that is not', () => {
  let prepared: (preview: Preview) => void;
  const arrives = () => {
    prepared(preview);
    return settle();
  };
  beforeEach(() => {
    api.preview.mockReturnValue(
      new Promise<Preview>((resolve) => {
        prepared = resolve;
      }),
    );
  });

  it('the button cannot be pressed until the preview is on the screen, and says what it does', async () => {
    await show();
    await press('Accept');
    const primary = () => root.querySelector<HTMLButtonElement>('dialog button.primary');
    expect(primary()?.disabled).toBe(true);
    expect(button('Write 1 note')).toBeUndefined();
    await arrives();
    expect(root.querySelector('pre.note')?.textContent).toBe(preview.text);
    expect(primary()?.textContent).toBe('Write 1 note');
    expect(primary()?.disabled).toBe(false);
    expect(api.approve).not.toHaveBeenCalled();
  });

  it.each([
    ['confirmed', true],
    ['approved', false],
    ['sending', false],
    ['unknown', false],
    ['rejected', false],
    ['expired', false],
  ] as const)('%s is called saved: %s', async (row, saved) => {
    api.approve.mockResolvedValue(outcome(row));
    await show();
    await press('Accept');
    await arrives();
    await press('Write 1 note');
    await settle();
    expect(api.approve).toHaveBeenCalledWith({ approvalId: preview.approvalId, hash: preview.hash });
    expect(root.textContent?.includes('Saved, and read back')).toBe(saved);
    // Wherever it is not surely in the chart, its text is there to copy.
    expect(button('Copy text') !== undefined).toBe(!saved);
  });

  it('a lost answer after approval is in doubt, never "not saved"', async () => {
    api.approve.mockRejectedValue(new Error('connection lost'));
    await show();
    await press('Accept');
    await arrives();
    await press('Write 1 note');
    await settle();
    expect(root.textContent).toContain('In doubt');
    expect(root.textContent).not.toContain('Not saved');
    expect(button('Copy text')).toBeDefined();
  });

  it('W3: a draft whose channel is gone is in doubt as handed over; nothing speaks of a note that was saved', async () => {
    api.approve.mockResolvedValue({ ...outcome('sending'), via: 'scratchpad' });
    await show();
    await press('Accept');
    prepared({ ...preview, via: 'scratchpad', heading: 'Will be proposed', button: 'Propose 1 draft, no order' });
    await settle();
    await press('Propose 1 draft');
    // The code that hands over arrives in a chunk of its own.
    await vi.waitFor(() => expect(root.querySelector('dialog')?.textContent).toContain('In doubt: handed over'));
    expect(root.querySelector('dialog')?.textContent).not.toMatch(/saved/i);
    expect(button('I see it there')).toBeDefined();
  });

  it('writes left unsettled by an earlier launch stand at the top', async () => {
    await show();
    const earlier: WriteOutcome = outcome('unknown');
    await act(() => {
      state.unsettled.value = [earlier];
    });
    expect(root.querySelector('.earlier')?.textContent).toContain('Do not send again');
  });
});
