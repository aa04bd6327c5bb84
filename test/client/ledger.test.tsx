// @vitest-environment jsdom
/** “What left this app” (issue 7, 5): what the browser lists becomes rows without an address, and a file without a patient. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../client/api.ts';
import { bytesText, Ledger } from '../../client/ledger/ledger.tsx';
import { listen, messagesTo, noteMessage, notePosted, postedTo, stopped } from '../../client/ledger/left.ts';
import { rowsOf as rowsFor, type Timed } from '../../client/ledger/requests.ts';
import { fileOf, statementOf } from '../../client/ledger/statement.ts';
import type { Running } from '../../client/session.ts';
import * as state from '../../client/state.ts';
import type { Egress } from '../../launch/egress.ts';
import { contextOf } from './scene.ts';

const origin = 'https://attune.example';
const launch = `${origin}/l/ZZLAUNCH0123456789`;
const rowsOf = (entries: readonly Timed[], postedTo: ReadonlyMap<string, number> = new Map()) =>
  rowsFor(entries, { own: 'attune.example', postedTo });
const timed = (name: string, more: Partial<Timed> = {}): Timed => ({
  name,
  transferSize: 400,
  encodedBodySize: 100,
  decodedBodySize: 300,
  responseStatus: 200,
  ...more,
});

beforeAll(() => vi.stubGlobal('ATTUNE_VERSION', '0.0.0-test'));

describe('The browser’s own list', () => {
  it.each<[string, object]>([
    [`${launch}/`, { kind: 'app' }],
    [`${origin}/assets/index-abc.js`, { kind: 'app' }],
    [`${origin}/library/sha256-abc.json`, { kind: 'library' }],
    [`${origin}/graphs/abc.onnx`, { kind: 'library' }],
    [`${launch}/context`, { kind: 'launch' }],
    [`${launch}/fhir/metadata`, { kind: 'launch' }],
    [`${launch}/fhir/Patient/ZZPATIENT`, { kind: 'read', resourceType: 'Patient' }],
    [`${launch}/fhir/Observation?patient=ZZPATIENT`, { kind: 'search', resourceType: 'Observation' }],
    [`${launch}/fhir/_page/ZZCURSOR`, { kind: 'search' }],
    [`${launch}/write-back/approve`, { kind: 'write-back' }],
    [`${launch}/events`, { kind: 'record' }],
    ['https://elsewhere.example/assets/x?x=ZZPATIENT', { kind: 'other', host: 'elsewhere.example' }],
  ])('%s', (name, row) => {
    const [found] = rowsOf([timed(name)]);
    expect(found).toMatchObject({ requests: 1, failures: 0, bytesDown: 100, ...row });
    expect(JSON.stringify(found)).not.toContain('ZZ');
  });

  it('is summed up by host and kind; bytes are those on the wire', () => {
    const reads = ['Observation?a', 'Observation?b', 'Condition?a'].map((path) => timed(`${launch}/fhir/${path}`));
    expect(rowsOf(reads).map(({ resourceType, requests, bytesDown }) => [resourceType, requests, bytesDown])).toEqual([
      ['Condition', 1, 100],
      ['Observation', 2, 200],
    ]);
  });

  it('counts no request that the browser answered from its cache, and none that only exists in the page', () => {
    expect(rowsOf([timed(`${origin}/library/x`, { transferSize: 0 }), timed('blob:https://attune.example/1')])).toEqual(
      [],
    );
  });

  it('counts a request that had no answer, or was refused, as made and failed', () => {
    const nothing = { transferSize: 0, encodedBodySize: 0, decodedBodySize: 0 };
    const entries = [
      timed(`${launch}/events`, { ...nothing, responseStatus: 0 }),
      timed(`${launch}/events`, { responseStatus: 502 }),
    ];
    expect(rowsOf(entries)).toMatchObject([{ kind: 'record', requests: 2, failures: 2 }]);
  });

  it('gets the bytes that were posted, once a path, from those who posted them', () => {
    postedTo.clear();
    notePosted('/l/ZZLAUNCH0123456789/events', 'größe');
    notePosted('/l/ZZLAUNCH0123456789/events', '1234');
    const rows = rowsOf([timed(`${launch}/events`), timed(`${launch}/events`)], postedTo);
    expect(rows).toMatchObject([{ requests: 2, bytesUp: 11 }]);
  });
});

describe('What no list of the browser has', () => {
  beforeEach(() => {
    messagesTo.clear();
    stopped.length = 0;
  });

  it('messages to the EHR’s frame are counted by host and size', () => {
    noteMessage('https://ehr.example', { a: 1 });
    noteMessage('https://ehr.example', { a: 1 });
    expect(statementOf(undefined, []).browser).toContainEqual({
      host: 'ehr.example',
      kind: 'message',
      requests: 2,
      failures: 0,
      bytesUp: 14,
      bytesDown: 0,
    });
  });

  it('what the page’s policy stopped is told by host, without its address', () => {
    listen();
    const event = Object.assign(new Event('securitypolicyviolation'), {
      blockedURI: 'https://evil.example/steal?name=ZZTEST',
      effectiveDirective: 'connect-src',
    });
    document.dispatchEvent(event);
    document.dispatchEvent(Object.assign(event, { blockedURI: 'inline', effectiveDirective: 'script-src-elem' }));
    expect(stopped).toEqual([
      { host: 'evil.example', directive: 'connect-src' },
      { host: 'inline', directive: 'script-src-elem' },
    ]);
  });
});

describe('The file', () => {
  it('is named by the day, and says what it is, of which version, and that the server was not heard where it was not', () => {
    const at = Date.parse('2026-11-23T09:00:00Z');
    const { name, content } = fileOf(statementOf(undefined, undefined), { at, origin, library: 'sha256:abc' });
    expect(name).toBe('attune-egress-2026-11-23.json');
    expect(content).toMatchObject({
      origin,
      library: 'sha256:abc',
      written: '2026-11-23T09:00:00.000Z',
      server: 'not-known',
      browserIncomplete: ['worker'],
    });
  });
});

describe('The sheet', () => {
  const egress: Egress = {
    since: '2026-11-23T09:00:00Z',
    whole: true,
    launch: [
      {
        host: 'ehr.example',
        kind: 'search',
        resourceType: 'Observation',
        requests: 12,
        failures: 1,
        bytesUp: 0,
        bytesDown: 48_211,
      },
    ],
    siteSince: '2026-11-23T08:00:00Z',
    site: [],
  };
  let root: HTMLElement;
  beforeEach(() => {
    HTMLDialogElement.prototype.show = HTMLDialogElement.prototype.showModal = function show() {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function close() {
      this.open = false;
    };
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    root = document.body.appendChild(document.createElement('div'));
    stopped.length = 0;
    state.context.value = contextOf('ZZPATIENT');
  });
  afterEach(() => {
    render(null, root);
    root.remove();
    state.wipe();
  });
  const show = async (answers: { egress: () => Promise<Egress>; timed?: () => Promise<readonly Timed[]> }) => {
    const { egress: ask, timed: list = async () => [] } = answers;
    state.running.value = { api: { egress: ask }, timed: list } as unknown as Running;
    await act(() => render(<Ledger />, root));
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    return root.textContent ?? '';
  };

  it('shows hosts, kinds, counts and bytes, and what failed', async () => {
    const text = await show({ egress: async () => egress });
    expect(text).toContain('ehr.example');
    expect(text).toContain('Search Observation1 without an answer, or refused120\u00a0B48\u00a0kB');
    expect(text).toContain('Attune’s server to the EHR, for this chartehr.example12 requests48\u00a0kB');
    expect(text).toContain('Nothing in this page tried to reach another host.');
    expect(text).not.toContain('ZZPATIENT');
    expect(text).not.toContain('Not all');
  });

  it('names the hospital’s log where the record goes there', async () => {
    const syslog = {
      host: 'siem.example:6514',
      kind: 'syslog',
      requests: 7,
      failures: 0,
      bytesUp: 9_000,
      bytesDown: 0,
    } as const;
    const text = await show({ egress: async () => ({ ...egress, site: [syslog] }) });
    expect(text).toContain('Attune’s server to the hospital’s log, for every chartsiem.example:65147 requests');
    expect(text).toContain('The record 79.0\u00a0kB0\u00a0B');
  });

  it('says what the page’s policy stopped, and then not that nothing was tried', async () => {
    stopped.push({ host: 'evil.example', directive: 'connect-src' });
    const text = await show({ egress: async () => egress });
    expect(text).toContain('This page’s policy stopped somethingevil.example connect-src');
    expect(text).not.toContain('Nothing in this page tried');
  });

  it('says so when it does not know all: other servers, a worker that did not answer', async () => {
    const text = await show({
      egress: async () => ({ ...egress, whole: false }),
      timed: () => Promise.reject(new Error('worker-stopped')),
    });
    expect(text).toContain('Not all: counted by one server');
    expect(text).toContain('Not all: the background worker did not say');
  });

  it('keeps the browser’s part and says that the server’s is not known when the server does not answer', async () => {
    const text = await show({ egress: () => Promise.reject(new ApiFailure('internal', 'x', 'r-17')) });
    expect(text).toContain('From this browser');
    expect(text).toContain('Attune’s server did not say what it sent');
    expect(text).toContain('internal · reference r-17');
  });

  it('counts again when asked to', async () => {
    let asked = 0;
    await show({
      egress: async () => {
        asked += 1;
        return egress;
      },
    });
    const again = [...root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Count again');
    await act(async () => again?.click());
    expect(asked).toBe(2);
  });
});

it.each([
  [0, '0\u00a0B'],
  [999, '999\u00a0B'],
  [1_000, '1.0\u00a0kB'],
  [48_211, '48\u00a0kB'],
  [999_499, '999\u00a0kB'],
  [999_500, '1.0\u00a0MB'],
  [12_400_000, '12\u00a0MB'],
])('%i bytes are written %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
