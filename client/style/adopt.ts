/** The EHR's look, as far as it can be read: a colour is taken over only where every text on it keeps 4.5:1 (C5, WCAG 2.2 1.4.3). */
import type { EhrStyle } from '../../launch/style.ts';

const ENOUGH = 4.5;
const INKS = ['--c-ink', '--c-ink-2', '--c-ink-3', '--c-link', '--c-critical', '--c-important'];

/** The tokens that an EHR may change. */
const TAKEN = ['--c-bg', '--c-link', '--c-primary', '--font'];

/** The app's own value of a token, `#rrggbb`. */
export type TokenOf = (name: string) => string;

/** The tokens to set, by name; what would be hard to read is not among them. */
export function adopted(style: EhrStyle, tokenOf: TokenOf): Readonly<Record<string, string>> {
  const { background, highlight, font } = style;
  const ground = background !== undefined && INKS.every((ink) => readable(tokenOf(ink), background));
  const grounds = ['--c-surface', '--c-raised'].map(tokenOf).concat(ground ? background : tokenOf('--c-bg'));
  const link = highlight !== undefined && grounds.every((under) => readable(highlight, under));
  return {
    ...(ground && { '--c-bg': background }),
    ...(link && { '--c-link': highlight }),
    ...(highlight !== undefined && readable(tokenOf('--c-on-primary'), highlight) && { '--c-primary': highlight }),
    ...(font !== undefined && { '--font': `${font}, ${tokenOf('--font')}` }),
  };
}

/** Sets them on the page. In the dark the app keeps its own look: an EHR publishes one for the light. */
export function adopt(style: EhrStyle, root: HTMLElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const wear = () => {
    for (const name of TAKEN) root.style.removeProperty(name);
    if (dark.matches) return;
    const own = getComputedStyle(root);
    const tokens = adopted(style, (name) => own.getPropertyValue(name).trim());
    for (const [name, value] of Object.entries(tokens)) root.style.setProperty(name, value);
  };
  dark.addEventListener('change', wear);
  wear();
}

/** Contrast ratio of WCAG 2.2, from 1 to 21. `NaN` for what is no `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [low = Number.NaN, high = Number.NaN] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function readable(text: string, ground: string): boolean {
  return contrast(text, ground) >= ENOUGH;
}

function luminance(colour: string): number {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)?.slice(1) ?? [];
  const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = parts.map((part) => {
    const share = Number.parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
