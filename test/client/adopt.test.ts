// @vitest-environment jsdom
/** The EHR's look on the app's page: taken over only where every text stays readable (interop C5; WCAG 2.2, 1.4.3). */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adopt, adopted, contrast } from '../../client/style/adopt.ts';

const css = readFileSync('client/ui/tokens.css', 'utf8');
/** The app's own tokens, in the light. */
const own = (name: string) => new RegExp(`${name}: ([^;]+);`).exec(css)?.[1] ?? '';

describe('Contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
  ])('of %s on %s is %d', (text, ground, ratio) => {
    expect(contrast(text, ground)).toBeCloseTo(ratio, 2);
    expect(contrast(ground, text)).toBeCloseTo(ratio, 2);
  });
});

describe('The EHR’s look', () => {
  it('is taken over where it can be read', () => {
    expect(adopted({ background: '#f4f1ea', highlight: '#0b4f6c', font: 'Georgia, serif' }, own)).toEqual({
      '--c-bg': '#f4f1ea',
      '--c-link': '#0b4f6c',
      '--c-primary': '#0b4f6c',
      '--font': `Georgia, serif, ${own('--font')}`,
    });
  });

  it.each(['#808080', '#000000', '#c8c8c8'])(
    'has not %s as its ground, on which some text would be hard to read',
    (background) => {
      expect(adopted({ background }, own)).toEqual({});
    },
  );

  it.each(['#69b5ce', '#ffff00', '#ffffff'])('has not %s for links and buttons', (highlight) => {
    expect(adopted({ highlight }, own)).toEqual({});
  });

  it('changes nothing where it says nothing', () => {
    expect(adopted({}, own)).toEqual({});
  });
});

describe('On the page', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is worn in the light, taken off in the dark, and put on again', () => {
    const dark = Object.assign(new EventTarget(), { matches: false });
    vi.stubGlobal('matchMedia', () => dark);
    const root = document.createElement('div');
    document.body.append(root);
    for (const name of ['--c-bg', '--c-surface', '--c-raised', '--c-on-primary', '--font'])
      document.body.style.setProperty(name, own(name));
    for (const name of ['--c-ink', '--c-ink-2', '--c-ink-3', '--c-link', '--c-critical', '--c-important'])
      document.body.style.setProperty(name, own(name));
    adopt({ background: '#f4f1ea' }, root);
    expect(root.style.getPropertyValue('--c-bg')).toBe('#f4f1ea');
    dark.matches = true;
    dark.dispatchEvent(new Event('change'));
    expect(root.style.getPropertyValue('--c-bg')).toBe('');
    dark.matches = false;
    dark.dispatchEvent(new Event('change'));
    expect(root.style.getPropertyValue('--c-bg')).toBe('#f4f1ea');
  });
});
