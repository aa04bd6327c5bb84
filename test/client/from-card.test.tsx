// @vitest-environment jsdom
/** C6, H7: the alert that opened the app is in view and marked, or its absence is told without claiming more than was checked. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as state from '../../client/state.ts';
import { Cards } from '../../client/today/cards.tsx';
import { missingWords } from '../../client/today/from-card.ts';
import type { FromCard } from '../../launch/context.ts';
import type { Prioritised, Recommendation } from '../../models/engine/evaluation.ts';
import { contextOf, judgementOf, recommendation } from './scene.ts';

const stop = recommendation('spironolactone:critical');
const check = recommendation('inr:warning', { summary: 'Check INR' }, 'warning');
const about = (one: Recommendation): FromCard => ({
  hook: 'patient-view',
  recommendation: { id: one.id, from: one.from },
});
let root: HTMLElement;
let scrolled: Element[];
let launches = 0;

beforeEach(() => {
  root = document.body.appendChild(document.createElement('div'));
  scrolled = [];
  // jsdom has no layout.
  Element.prototype.scrollIntoView = function scroll() {
    scrolled.push(this);
  };
});
afterEach(() => {
  render(null, root);
  root.remove();
  state.wipe();
  vi.restoreAllMocks();
});

/** Today, opened from a card. */
async function open(
  card: FromCard | undefined,
  prioritised: Partial<Prioritised>,
  models: 'done' | 'running' = 'done',
) {
  await act(() => {
    launches += 1;
    const launchId = `launch-${launches}`;
    const judgement = judgementOf('p1', []);
    state.context.value = { ...contextOf('p1'), launchId, ...(card && { card }) };
    state.onnx.value = models;
    state.chart.value = {
      launchId,
      patientId: 'p1',
      facts: judgement.facts,
      at: new Date(2026, 10, 22, 10, 16).getTime(),
    };
    state.today.value = { ...judgement, launchId, prioritised: { ...judgement.prioritised, ...prioritised } };
    show();
  });
}
const show = () => state.today.value && render(<Cards judgement={state.today.value} />, root);
const marked = () => root.querySelector('article .came-from')?.closest('article')?.getAttribute('data-recommendation');
const line = () => root.querySelector('p.came-from[role=status]')?.textContent;

describe('The alert is there', () => {
  it('in Today: marked in words, scrolled to, and focused', async () => {
    await open(about(check), { today: [stop, check] });
    expect(marked()).toBe(check.id);
    expect(scrolled).toEqual([root.querySelectorAll('article')[1]]);
    expect(document.activeElement?.textContent).toBe('The alert you came from');
    expect(line()).toBeUndefined();
  });

  it('among what Today leaves for later: its card comes first', async () => {
    await open(about(check), { today: [stop], others: [check] });
    expect(marked()).toBe(check.id);
    expect(root.querySelectorAll('article')[0]?.textContent).toContain('Check INR');
    expect(root.querySelectorAll('article')).toHaveLength(2);
  });

  it('said differently since: the card made of the same knowledge is the one', async () => {
    const louder = recommendation('inr:critical', { summary: 'INR is 9' });
    await open({ hook: 'patient-view', recommendation: { id: check.id, from: ['inr'] } }, { today: [stop, louder] });
    expect(marked()).toBe(louder.id);
  });

  it('leads there once: what comes later takes neither view nor focus again', async () => {
    await open(about(stop), { today: [stop] });
    const answer = document.querySelector('button');
    answer?.focus();
    await act(() => {
      const now = state.today.value;
      state.latest.value = now && { ...now, prioritised: { ...now.prioritised, today: [stop, check] } };
      show();
    });
    expect(scrolled).toHaveLength(1);
    expect(document.activeElement).toBe(answer);
  });

  it('does not take focus from whoever is busy already', async () => {
    const field = document.body.appendChild(document.createElement('input'));
    field.focus();
    await open(about(stop), { today: [stop] });
    expect(document.activeElement).toBe(field);
    field.remove();
  });
});

describe('The alert is not there', () => {
  it('no longer applies, with the time at which the chart was read', async () => {
    await open(about(check), { today: [stop] });
    expect(line()).toBe('The alert you came from no longer applies to this chart as read at 10:16.');
    expect(marked()).toBeUndefined();
    expect(scrolled).toEqual([]);
  });

  it('is not called gone while a trained model may still say it', async () => {
    await open(about(check), { today: [stop] }, 'running');
    expect(line()).toBeUndefined();
  });

  it('is not called gone where something was not checked', async () => {
    await open(about(check), { today: [], notChecked: [{ text: 'Allergies', reason: 'refused' }] });
    expect(line()).toBe(
      'The alert you came from was not found again in this chart as read at 10:16. One thing was not checked; see below.',
    );
  });

  it('was about an order that is not in the chart', async () => {
    await open({ ...about(check), hook: 'order-select' }, { today: [stop] });
    expect(line()).toBe(
      'The alert you came from was about an order being written. Nothing in this chart as read at 10:16 says the same.',
    );
  });

  it('is held back here, and why', async () => {
    await open(about(check), { today: [], suppressed: [{ id: 'inr', because: 'Comfort care.' }] });
    expect(line()).toBe('The alert you came from is held back in this chart as read at 10:16: Comfort care.');
  });

  it('told what was not checked', () => {
    expect(missingWords({ is: 'not-checked' }, '10:16')).toMatch(/could not be checked.*“Not checked”/);
  });
});

describe('Nothing is said', () => {
  it.each([
    ['no card opened the app', undefined],
    ['the card is another patient’s', about(stop)],
  ])('when %s', async (_name, card) => {
    await open(card, { today: [stop] });
    if (card) {
      await act(() => {
        const now = state.context.value;
        state.context.value = now && { ...now, patientId: 'p2' };
      });
    }
    expect(root.querySelector('.came-from')).toBeNull();
  });
});
