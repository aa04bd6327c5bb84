// @vitest-environment jsdom
/** The last minute of a session on the screen (interop T5; WCAG 2.2.1, 2.2.6). */
import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { Ending } from '../../client/idle/ending.tsx';
import type { Running } from '../../client/session.ts';
import { ending, running, wipe } from '../../client/state.ts';

const root = document.createElement('div');
afterEach(() => {
  render(null, root);
  wipe();
});

describe('The last minute of a session', () => {
  it('is not on the screen before', () => {
    render(<Ending />, root);
    expect(root.textContent).toBe('');
  });

  it('is said at once, counted down for the eye only, and one tap keeps the session', () => {
    let stayed = 0;
    const stay = async () => {
      stayed += 1;
    };
    running.value = { stay } as unknown as Running;
    ending.value = { at: Date.now() + 42_000, mayStay: true };
    render(<Ending />, root);
    expect(root.querySelector('[role=alert]')?.textContent).toContain('This session ends in a minute');
    expect(root.querySelector('[aria-hidden=true].caption')?.textContent).toMatch(/^4[12] s$/);
    root.querySelector('button')?.click();
    expect(stayed).toBe(1);
  });

  it('offers nothing where nothing can be kept', () => {
    ending.value = { at: Date.now() + 42_000, mayStay: false };
    render(<Ending />, root);
    expect(root.querySelector('button')).toBeNull();
    expect(root.textContent).toContain('open Attune again from the chart');
  });
});
