/** What IT's Prometheus reads: figures that agree with what happened, in a format that an independent reader accepts, with no patient and no user in them (V16, I-3). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readTenants, type Tenant } from '../../../launch/tenants.ts';
import { EgressRefused } from '../../../server/egress.ts';
import { createMeters, meterOutbox } from '../../../server/metrics/meters.ts';
import { type Metrics, startMetrics } from '../../../server/metrics/start.ts';
import { counting } from '../../../server/metrics/watch.ts';
import type { Store } from '../../../server/store/store.ts';
import { openWhole, post, preview, type Whole } from '../../security/whole.ts';
import { type Family, readExposition } from './exposition.ts';

const NOW = Date.parse('2026-11-22T09:30:00Z');
const CANARIES = [
  'ZZTEST',
  'ZZCANARY',
  'alba',
  'bruno',
  '1950-02-03',
  'lindqvist',
  'Practitioner',
  'metformin',
  'eGFR',
];

type Figures = ReadonlyMap<string, Family>;

/** The value of the one sample with these labels, or `undefined`. */
function figure(figures: Figures, name: string, labels: Record<string, string> = {}): number | undefined {
  const samples = [...figures.values()].flatMap((family) => family.samples);
  const [found, ...more] = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (more.length > 0) throw new Error(`${name} ${JSON.stringify(labels)} is not one sample`);
  return found?.value;
}

async function scrape({ address }: Metrics): Promise<{ text: string; figures: Figures }> {
  const answer = await fetch(`http://${address.address}:${address.port}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  return { text, figures: readExposition(text) };
}

describe('After a visit: launches, reads, a note written, a note in doubt, errors', () => {
  let whole: Whole;
  let metrics: Metrics;
  let text: string;
  let figures: Figures;
  beforeAll(async () => {
    metrics = await startMetrics({ host: '127.0.0.1', port: 0 }, Date.now);
    metrics.inForce({ version: '0.1.0', library: { version: '2026.11', digest: 'sha256:abc' } });
    whole = await openWhole({ watch: metrics });
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba', user: 'Practitioner/practice-lindqvist' });
    for (const path of ['/context', '/fhir/Patient/alba', '/fhir/Patient/bruno', '/fhir/ZZCANARY?name=ZZCANARY'])
      await browser.inLaunch(launchId, path);
    const shown = await preview(browser, launchId);
    await post(browser, launchId, '/write-back/approve', { approvalId: shown.approvalId, hash: shown.hash });
    await post(browser, launchId, '/write-back/preview', { recommendation: { indicator: 'ZZCANARY' } });
    await browser.request('/ZZCANARY/alba');
    await browser.request('/callback?state=ZZCANARY&code=ZZCANARY');
    await browser.request('/launch?iss=https://ZZCANARY.example&launch=x');
    const again = await browser.launch({ patientId: 'bruno', user: 'Practitioner/practice-lindqvist' });
    whole.ehr.setFault({ match: { method: 'POST', path: /DocumentReference/ }, kind: 'drop-before-commit' });
    const doubtful = await preview(browser, again);
    await post(browser, again, '/write-back/approve', { approvalId: doubtful.approvalId, hash: doubtful.hash });
    whole.ehr.clearFaults();
    await post(browser, again, '/logout', {});
    ({ text, figures } = await scrape(metrics));
  });
  afterAll(() => Promise.all([whole.close(), metrics.close()]));

  it('I-3, V16: no patient, no user, no word of a note or of an address is in a label or a figure', () => {
    expect(text.length).toBeGreaterThan(5_000);
    for (const canary of CANARIES) expect(text.includes(canary), canary).toBe(false);
    const labels = new Set(
      [...figures.values()].flatMap(({ samples }) => samples.flatMap((one) => Object.keys(one.labels))),
    );
    for (const name of ['patient', 'user', 'launch', 'session', 'card', 'path', 'url', 'address'])
      expect([...labels]).not.toContain(name);
  });

  it('requests are counted by the route’s template and the class of status, with their duration', () => {
    const name = 'attune_http_request_duration_seconds_count';
    expect(figure(figures, name, { method: 'GET', route: '/l/:launchId/context', status: '2xx' })).toBe(1);
    expect(figure(figures, name, { method: 'POST', route: '/l/:launchId/write-back/preview', status: '4xx' })).toBe(1);
    expect(figure(figures, name, { method: 'GET', route: '/l/:launchId/fhir/*', status: '4xx' })).toBe(2);
  });

  it('as many requests as the log has lines of them', () => {
    const counted = figures
      .get('attune_http_request_duration_seconds')
      ?.samples.filter(({ name }) => name.endsWith('_count'));
    const lines = whole.logged.filter((line) => line.includes('"event":"request"') && line.includes('"route"'));
    expect(counted?.reduce((sum, { value }) => sum + value, 0)).toBe(lines.length);
  });

  it('launches begun, completed, ended, and those that failed by their code', () => {
    for (const [step, count] of [
      ['begun', 2],
      ['completed', 2],
      ['ended', 1],
    ] as const)
      expect(figure(figures, 'attune_launches_total', { step }), step).toBe(count);
    expect(figure(figures, 'attune_launch_failures_total', { code: 'unknown-issuer' })).toBe(1);
    expect(figure(figures, 'attune_launch_failures_total', { code: 'state-invalid' })).toBe(1);
  });

  it('every state that a write came into, and what waits in the outbox with its age', () => {
    const came = (state: string) => figure(figures, 'attune_write_back_transitions_total', { state });
    expect(['approved', 'sending', 'confirmed', 'unknown'].map(came)).toEqual([2, 2, 1, 1]);
    const rows = (state: string) => figure(figures, 'attune_outbox_rows', { state });
    expect(['confirmed', 'unknown', 'sending'].map(rows)).toEqual([1, 1, 0]);
    const age = figure(figures, 'attune_outbox_oldest_seconds', { state: 'unknown' });
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(60);
  });

  it('time spent at the EHR, by tenant, and what it answered', () => {
    const sent = figure(figures, 'attune_ehr_request_duration_seconds_count', { tenant: 'practice' }) ?? 0;
    expect(sent).toBe(whole.outbound.length);
    expect(
      figure(figures, 'attune_ehr_requests_total', { tenant: 'practice', outcome: 'unreachable' }),
    ).toBeGreaterThan(0);
  });

  it('the code and the library in force, and Node’s own figures, event loop lag among them', () => {
    const labels = { version: '0.1.0', library_version: '2026.11', library_digest: 'sha256:abc' };
    expect(figure(figures, 'attune_info', labels)).toBe(1);
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'process_cpu_seconds_total',
    ])
      expect(figure(figures, name), name).toBeGreaterThanOrEqual(0);
  });

  it('nothing but the figures is served there, and nothing of them on the public origin', async () => {
    const { address, port } = metrics.address;
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/metrics/x'],
      ['POST', '/metrics'],
    ] as const)
      expect((await fetch(`http://${address}:${port}${path}`, { method })).status).toBe(404);
    expect((await whole.browser().request('/metrics')).status).toBe(404);
  });
});

describe('What is heard at each seam', () => {
  let meters: ReturnType<typeof createMeters>;
  let watch: ReturnType<typeof counting>;
  const read = async () => readExposition(await meters.registry.metrics());
  beforeEach(() => {
    meters = createMeters();
    watch = counting(meters, () => NOW);
  });

  it('a request is passed on to the log as it came', () => {
    const lines: object[] = [];
    const line = { level: 'info', event: 'request', route: '/livez', method: 'GET', status: 200, ms: 1 } as const;
    watch.log((one) => lines.push(one))(line);
    expect(lines).toEqual([line]);
  });

  it('what was turned away, by why', async () => {
    const log = watch.log(() => {});
    for (const errCode of ['too-many-requests', 'too-many-requests', 'overloaded', 'not-found'])
      log({ level: 'warn', event: 'request', route: '/*', method: 'GET', status: 429, ms: 0, errCode });
    const figures = await read();
    expect(figure(figures, 'attune_requests_turned_away_total', { code: 'too-many-requests' })).toBe(2);
    expect(figure(figures, 'attune_requests_turned_away_total', { code: 'overloaded' })).toBe(1);
    expect(figure(figures, 'attune_requests_turned_away_total', { code: 'not-found' })).toBeUndefined();
  });

  it('a failed sign-in by our code alone: what the EHR called it is no label', async () => {
    const log = watch.log(() => {});
    for (const errCode of ['token-exchange-failed:invalid_client', 'access-denied:word_of_a_stranger', 'TypeError'])
      log({ level: 'warn', event: 'request', route: '/callback', method: 'GET', status: 502, ms: 0, errCode });
    const figures = await read();
    const codes = figures.get('attune_launch_failures_total')?.samples.map(({ labels }) => labels.code);
    expect(codes).toEqual(['token-exchange-failed', 'access-denied', 'other']);
  });

  it('an error of ours once, though its request is logged as well', async () => {
    const log = watch.log(() => {});
    log({ level: 'error', event: 'request', reqId: 'r', errCode: 'TypeError' });
    log({ level: 'error', event: 'request', reqId: 'r', route: '/x', method: 'GET', status: 500, errCode: 'internal' });
    log({ level: 'error', event: 'request', errCode: 'purge-failed' });
    log({ level: 'warn', event: 'csp-violation', errCode: 'script-src' });
    const figures = await read();
    expect(figure(figures, 'attune_failures_total')).toBe(2);
    expect(figure(figures, 'attune_csp_violations_total')).toBe(1);
  });

  it('a store that does not answer has no rows, which is not the same as none', async () => {
    let down = false;
    const census = async () => {
      if (down) throw new Error('down');
      return [{ state: 'unknown', rows: 2, oldest: '2026-11-22T09:00:00Z' } as const];
    };
    watch.store({ census } as unknown as Store);
    const up = await read();
    expect(figure(up, 'attune_outbox_rows', { state: 'unknown' })).toBe(2);
    expect(figure(up, 'attune_outbox_rows', { state: 'sending' })).toBe(0);
    expect(figure(up, 'attune_outbox_oldest_seconds', { state: 'unknown' })).toBe(1_800);
    down = true;
    const gone = await read();
    expect(gone.get('attune_outbox_rows')?.samples).toEqual([]);
    expect(gone.get('attune_outbox_oldest_seconds')?.samples).toEqual([]);
  });

  it('a store that hangs does not take the other figures along', async () => {
    meterOutbox(meters, () => new Promise(() => {}), { now: () => NOW, censusMs: 20 });
    const figures = await read();
    expect(figures.get('attune_outbox_rows')?.samples).toEqual([]);
    expect(figure(figures, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('a look that changes nothing is no transition, and neither is a lost race', async () => {
    const moves = [{ state: 'unknown' }, undefined, { state: 'confirmed' }];
    const store = watch.store({ move: async () => moves.shift(), census: async () => [] } as unknown as Store);
    for (let times = 0; times < 3; times++)
      await store.move({ approvalId: 'a', from: ['unknown'], attempts: 1, set: {} });
    const came = (await read()).get('attune_write_back_transitions_total')?.samples;
    expect(came?.map(({ labels, value }) => [labels.state, value])).toEqual([['confirmed', 1]]);
  });

  it.each<[string, Error, string]>([
    ['refused before it was sent', new EgressRefused('host'), 'refused-here'],
    ['too slow to connect', new TypeError('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') }), 'timeout'],
    ['too slow to answer', new DOMException('', 'TimeoutError'), 'timeout'],
    ['given up by the browser', new DOMException('', 'AbortError'), 'given-up'],
    ['with a certificate that does not hold', new TypeError('', { cause: coded('CERT_HAS_EXPIRED') }), 'tls'],
    ['not there', new TypeError('', { cause: coded('ECONNREFUSED') }), 'unreachable'],
  ])('an EHR call that was %s', async (_, error, outcome) => {
    const send = watch.fetchFor(() => () => Promise.reject(error))(tenant());
    await expect(send('https://fhir.north.example/r4/Patient/ZZCANARY')).rejects.toBe(error);
    expect(figure(await read(), 'attune_ehr_requests_total', { tenant: 'north', outcome })).toBe(1);
  });

  it('H12: hooks by what became of them, cards by indicator, and what was answered', async () => {
    watch.hook({ is: 'answered', hook: 'order-select', outcome: 'cards', indicators: ['critical', 'warning'], ms: 30 });
    watch.hook({ is: 'answered', hook: 'order-select', outcome: 'late', indicators: [], ms: 2_000 });
    watch.hook({ is: 'feedback', outcome: 'overridden' });
    const figures = await read();
    const answers = 'attune_cds_hooks_duration_seconds_count';
    expect(figure(figures, answers, { hook: 'order-select', outcome: 'cards' })).toBe(1);
    expect(figure(figures, answers, { hook: 'order-select', outcome: 'late' })).toBe(1);
    expect(figure(figures, 'attune_cds_hooks_cards_total', { hook: 'order-select', indicator: 'critical' })).toBe(1);
    expect(figure(figures, 'attune_cds_hooks_feedback_total', { outcome: 'overridden', indicator: 'unknown' })).toBe(1);
  });
});

describe('Metrics are a mount', () => {
  it('an address that is taken stops the start, so that nobody believes a server that nobody watches', async () => {
    const first = await startMetrics({ host: '127.0.0.1', port: 0 }, Date.now);
    await expect(startMetrics({ host: '127.0.0.1', port: first.address.port }, Date.now)).rejects.toThrow('EADDRINUSE');
    await first.close();
  });

  it('nothing outside their room loads them, but for the one dynamic import at the start', () => {
    const files = execFileSync('git', ['ls-files', 'server/*.ts', 'server/**/*.ts', 'launch/**/*.ts'], {
      encoding: 'utf8',
    });
    const importers = files
      .trim()
      .split('\n')
      .filter((file) => !file.startsWith('server/metrics/'))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/.*(?:metrics\/|prom-client).*/g)].map(([line]) => line.trim()),
      )
      .filter((line) => /\bimport\b/.test(line) && !line.startsWith('import type'));
    expect(importers).toHaveLength(1);
    expect(importers[0]).toMatch(/config\.metrics && .*await import\('\.\/metrics\/start\.ts'\)/);
  });
});

describe('The reader of this test', () => {
  it.each([
    ['a sample without its family', 'a 1\n'],
    ['a family without help', '# TYPE a counter\na 1\n'],
    ['a counter below zero', '# HELP a x\n# TYPE a counter\na -1\n'],
    ['the same sample twice', '# HELP a x\n# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n'],
    ['an unescaped quote', '# HELP a x\n# TYPE a gauge\na{b="c"d"} 1\n'],
    [
      'a histogram whose buckets fall',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ],
    ['no last line end', '# HELP a x\n# TYPE a gauge\na 1'],
  ])('refuses %s', (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });
});

function coded(code: string): Error {
  return Object.assign(new Error('x'), { code });
}

function tenant(): Tenant {
  const north = { id: 'north', name: 'North', iss: 'https://fhir.north.example/r4', clientId: 'a' };
  const { all } = readTenants({
    tenants: [{ ...north, auth: { method: 'none' }, frameAncestors: [], writeBack: { enabled: false } }],
  });
  return all[0] as Tenant;
}
