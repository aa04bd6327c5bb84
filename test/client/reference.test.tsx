// @vitest-environment jsdom
/** The number to tell IT: whatever fails on the screen carries the one under which the server logged it. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiOf } from '../../client/api.ts';
import { App } from '../../client/app.tsx';
import { Gaps } from '../../client/gaps/gaps.tsx';
import { broken } from '../../client/pull/answer.ts';
import { ReadFailure } from '../../client/pull/failure.ts';
import { gather } from '../../client/pull/gathered.ts';
import { OutcomeFace } from '../../client/review/outcome.tsx';
import { Review } from '../../client/review/review.tsx';
import { fail } from '../../client/session.ts';
import * as state from '../../client/state.ts';
import { Sources } from '../../client/strip/sources.tsx';
import { contextOf, judgementOf, outcome, preview, recommendation } from './scene.ts';

const NUMBER = '3f2a6c1e-0d1b-4c55-9a7e-5b1f0c9d2e88';
const LAUNCH = 'launch-0123456789';
let root: HTMLElement;
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.stubGlobal('fetch', () => answer());
  vi.stubGlobal('ATTUNE_VERSION', '0');
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  HTMLDialogElement.prototype.showModal = () => {};
  HTMLDialogElement.prototype.show = () => {};
  HTMLDialogElement.prototype.close = () => {};
  root = document.body.appendChild(document.createElement('div'));
  state.context.value = contextOf('p1');
  state.running.value = {
    api: apiOf(LAUNCH),
    context: contextOf('p1'),
    retry: async () => {},
    reading: () => undefined,
  } as unknown as NonNullable<typeof state.running.value>;
});
afterEach(() => {
  render(null, root);
  root.remove();
  state.wipe();
  vi.unstubAllGlobals();
});

const refused = (status: number, body: object) => async () =>
  Response.json({ requestId: NUMBER, ...body }, { status, headers: { 'x-request-id': NUMBER } });
const said = () => root.textContent?.replaceAll('\u00a0', ' ') ?? '';
const press = (words: RegExp) =>
  act(async () => [...root.querySelectorAll('button')].find((one) => words.test(one.textContent ?? ''))?.click());

describe('A question to our server that failed', () => {
  it('keeps the number of its answer', async () => {
    answer = refused(409, { code: 'in-doubt', message: 'Look first.' });
    await expect(apiOf(LAUNCH).writes()).rejects.toMatchObject({ code: 'in-doubt', requestId: NUMBER });
  });

  it('keeps it where the body is not ours to read, as when a file of the library is refused', async () => {
    answer = async () => new Response('<html>', { status: 502, headers: { 'x-request-id': NUMBER } });
    await expect(apiOf(LAUNCH).library('/library/a.json')).rejects.toMatchObject({
      code: 'http-502',
      requestId: NUMBER,
    });
  });

  it('has none where nobody answered, and none is made up', async () => {
    answer = () => Promise.reject(new TypeError('failed'));
    await expect(apiOf(LAUNCH).writes()).rejects.toMatchObject({ code: 'unreachable', requestId: undefined });
  });
});

describe('What the screen says', () => {
  it('of a page that could not be opened', async () => {
    answer = refused(500, { code: 'internal', message: 'Something failed here. Tell IT the number.' });
    await apiOf(LAUNCH).context().catch(fail);
    await act(() => render(<App />, root));
    expect(said()).toContain(`internal · reference ${NUMBER}`);
  });

  it('of a read that failed: under what was read, and under the gaps', async () => {
    const query = { id: 'laboratory', resourceType: 'Observation', params: {}, label: 'Laboratory results' };
    const failure = new ReadFailure('status', { status: 502, reference: NUMBER });
    const { report } = broken(query, gather([]), failure, 30_000);
    expect(report).toMatchObject({ state: 'failed', reference: NUMBER });
    state.expect([query]);
    state.report(report, []);
    await act(() => render(<Sources />, root));
    expect(said()).toContain('the EHR answered 502');
    expect(said()).toContain(`reference ${NUMBER}`);
    const { facts } = judgementOf('p1', []);
    await act(() => render(<Gaps facts={{ ...facts, sources: [report] }} evaluations={[]} />, root));
    expect(said()).toContain(`reference ${NUMBER}`);
  });

  it('of a source that was not granted: nothing failed, so there is no number', () => {
    const query = { id: 'allergies', resourceType: 'AllergyIntolerance', params: {}, label: 'Allergies' };
    const failure = new ReadFailure('status', { status: 403, meanings: ['not-granted'], reference: NUMBER });
    expect(broken(query, gather([]), failure, 30_000).report).not.toHaveProperty('reference');
  });

  it('of a note that could not be prepared, and of one whose answer was lost', async () => {
    answer = refused(500, { code: 'internal', message: 'Something failed here.' });
    await act(() => render(<Review recommendation={recommendation('rule:critical')} />, root));
    await vi.waitFor(() => expect(said()).toContain(`internal · reference ${NUMBER}`));
    expect(said()).toContain('Not saved');
    render(null, root);

    const answers = [
      () => Response.json(preview),
      () => Response.json({ code: 'internal', message: 'x', requestId: NUMBER }, { status: 500 }),
    ];
    answer = async () => answers.shift()?.() ?? Response.error();
    await act(() => render(<Review recommendation={recommendation('rule:critical')} />, root));
    await vi.waitFor(() => expect(said()).toContain('Write 1 note'));
    await press(/^Write 1 note/);
    await vi.waitFor(() => expect(said()).toContain(`internal · reference ${NUMBER}`));
    expect(said()).toContain('In doubt: not confirmed');
  });

  it('of a look into the chart that failed', async () => {
    answer = refused(502, { code: 'bad-gateway', message: 'The EHR could not be reached.' });
    await act(() => render(<OutcomeFace outcome={outcome('unknown')} />, root));
    await press(/Check now/);
    await vi.waitFor(() => expect(said()).toContain(`bad-gateway · reference ${NUMBER}`));
    expect(said()).toContain('Could not check');
  });

  it('of a note that could not be sent again: why, and the number', async () => {
    answer = refused(409, { code: 'not-cleared', message: 'Look for the note in the chart first.' });
    await act(() => render(<OutcomeFace outcome={{ ...outcome('unknown'), mayResend: true }} />, root));
    await press(/Send again/);
    await vi.waitFor(() => expect(said()).toContain(`not-cleared · reference ${NUMBER}`));
    expect(said()).toContain('Look for the note in the chart first.');
  });
});
