// @vitest-environment jsdom
/** Sources whose words come after Today: shown when they are here, said when they are not, and never left out of a note. */
import { createHash } from 'node:crypto';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withoutWords } from '../../models/engine/citation-words.ts';
import type { Finding } from '../../models/engine/evaluation.ts';
import { contextOf, finding, recommendation } from './scene.ts';

const { knowledge, words } = withoutWords<Finding>(
  finding({
    citations: [
      {
        text: 'Aldactone label',
        url: 'https://example.org/a',
        place: 'section 5.1',
        basis: 'opened',
        opened: '2026-11-22',
      },
      { text: 'A guideline', basis: 'recalled' },
    ],
  }),
);
const bytes = JSON.stringify(words);
const part = { url: '/library/0/citations.json', sha256: createHash('sha256').update(bytes).digest('hex') };
let root: HTMLElement;
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('fetch', () => answer());
  root = document.body.appendChild(document.createElement('div'));
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.unstubAllGlobals();
});

/** A page of its own: what was read for one is not known to the next. */
async function page({ served = part }: { served?: typeof part | 'none' } = {}) {
  const state = await import('../../client/state.ts');
  const context = contextOf('p1');
  state.context.value = {
    ...context,
    library: { ...context.library, ...(served !== 'none' && { citations: served }) },
  };
  const { Citations } = await import('../../client/evidence/evidence.tsx');
  const { acceptedOf, withSources } = await import('../../client/write-back.ts');
  const library = { version: '1', digest: 'sha256:0' };
  const note = acceptedOf({ recommendation: recommendation('rule:critical', knowledge), evaluations: [], library });
  return {
    show: () => act(() => render(<Citations citations={knowledge.citations} />, root)),
    write: () => withSources(note, knowledge.citations),
  };
}
const arrived = async () => new Response(bytes);
const lost = async () => new Response('', { status: 503 });
const said = () => root.textContent?.replaceAll('\u00a0', ' ');

describe('The sources of a finding', () => {
  it('are shown in full, with place, date and how far they may be trusted, once their words are here', async () => {
    answer = arrived;
    const { show } = await page();
    await show();
    await vi.waitFor(() => expect(said()).toContain('Aldactone label'));
    expect(said()).toBe(
      'Aldactone labelsection 5.1 · checked against the source 2026-11-22A guidelinenot verified against source',
    );
    expect(root.querySelector('a')?.getAttribute('href')).toBe('https://example.org/a');
  });

  it('are said to be named but not here when their words do not arrive; no number stands in for one', async () => {
    answer = lost;
    const { show } = await page();
    await show();
    await vi.waitFor(() => expect(said()).toContain('2 sources are named, but their words did not arrive'));
    expect(said()).not.toContain('~');
  });

  it('go into a note in full', async () => {
    answer = arrived;
    const { write } = await page();
    expect((await write()).citations).toEqual([
      'Aldactone label section 5.1 https://example.org/a (checked against the source 2026-11-22)',
      'A guideline (not verified against source)',
    ]);
  });

  it.each([
    ['do not arrive', lost, part],
    ['are not those of this library', async () => new Response('["Another label","~","x","y"]'), part],
    ['are nowhere to be had', arrived, 'none' as const],
  ])('hold a note back when their words %s, and the next attempt asks again', async (_, failing, served) => {
    answer = failing;
    const { write } = await page({ served });
    await expect(write()).rejects.toMatchObject({ code: 'sources-absent' });
    answer = arrived;
    if (served !== 'none') expect((await write()).citations[1]).toContain('A guideline');
    else await expect(write()).rejects.toMatchObject({ code: 'sources-absent' });
  });
});
