/** The threat model, the ASVS map and the safety file say which test shows what: each of them exists, and no row is without one. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROWS = {
  'docs/threat-model.md': [
    ...['S-1', 'S-2', 'S-3', 'T-1', 'T-2', 'T-3', 'T-4', 'R-1'],
    ...['I-1', 'I-2', 'I-3', 'I-4', 'I-5', 'I-6', 'D-1', 'D-2', 'E-1', 'E-2', 'E-3'],
  ],
  // Files, sign-in and WebRTC are not of this product.
  'docs/asvs.md': [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((chapter) => `V${chapter}`),
  'docs/safety.md': Array.from({ length: 29 }, (_, index) => `H-${String(index + 1).padStart(2, '0')}`),
};

/** Every test that a page names: the file, and a part of a title in it. */
function named(text: string): { readonly file: string; readonly title: string }[] {
  return [...text.matchAll(/\]\(\.\.\/(test\/[^)]+)\)((?:\s*“[^”]+”)*)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  );
}

describe.each(Object.entries(ROWS))('%s', (page, rows) => {
  const text = readFileSync(page, 'utf8');

  it.each(rows)('%s names a test', (row) => {
    const line = text.split('\n').find((one) => one.startsWith(`| ${row} |`));
    expect(line && named(line).length).toBeGreaterThan(0);
  });

  it('names only tests that exist', () => {
    const missing = named(text).filter(
      ({ file, title }) => !existsSync(file) || !unescaped(readFileSync(file, 'utf8')).includes(title),
    );
    expect(named(text).length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });
});

function unescaped(source: string): string {
  return source.replaceAll("\\'", "'");
}
