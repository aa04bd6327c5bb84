/** What is kept is sealed, what is secret does not print, what is configured badly does not start (V10, V12–V14, L5). */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { readAppKeys } from '../../launch/keys.ts';
import { type LaunchRecord, type PendingLaunch, Secret } from '../../launch/record.ts';
import { readSettings } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { createSessions, sealer } from '../../server/sessions.ts';
import { memoryKept } from '../../server/store/kept.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-sessions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECORD = {
  tenantId: 'north',
  grantor: 'north-as-it-is',
  sub: 'user-1',
  tokens: { access: new Secret('canary-access'), refresh: new Secret('canary-refresh'), expiresAt: 1e15 },
  context: {
    launchId: 'l1',
    patientId: 'canary-patient',
    launchedAt: new Date().toISOString(),
    expiresAt: '2999-01-01T00:00:00Z',
    user: { display: 'Dr. A' },
  },
} as unknown as LaunchRecord;
const PENDING: PendingLaunch = {
  tenantId: 'north',
  grantor: 'north-as-it-is',
  state: 'canary-state',
  nonce: 'n',
  verifier: 'canary-verifier',
  rung: 'v2',
  scopes: [],
  browser: 'b',
};

function kept() {
  const store = memoryKept(Date.now);
  return { store, sessions: createSessions({ store, key: Buffer.alloc(32, 1), now: Date.now, lapsed: () => false }) };
}

describe('What is kept of a session', () => {
  it('shows neither token nor patient nor verifier to whoever reads the store (V13)', async () => {
    const { store, sessions } = kept();
    await sessions.remember(PENDING);
    const { sid } = await sessions.open(RECORD, { browser: 'b' });
    const values = await store.under('');
    expect(values.size).toBe(5);
    const dump = JSON.stringify([...values]);
    const plain = [...values.values()].map((value) => Buffer.from(value, 'base64url').toString('latin1')).join();
    expect(dump + plain).not.toMatch(/canary/);
    expect(dump).not.toContain(sid);
    const found = await sessions.find(sid, 'l1');
    expect(found.state === 'active' && found.record.tokens?.access.reveal()).toBe('canary-access');
  });

  it('does not open when it was altered, moved to another key, or sealed with another key', () => {
    const { seal, open } = sealer(Buffer.alloc(32, 1));
    const sealed = seal('x', 'launch:1');
    expect(open(sealed, 'launch:1')).toBe('x');
    expect(() => open(sealed, 'launch:2')).toThrow();
    expect(() => sealer(Buffer.alloc(32, 2)).open(sealed, 'launch:1')).toThrow();
    const bytes = Buffer.from(sealed, 'base64url');
    for (const at of [0, 12, bytes.length - 1]) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(() => open(flipped.toString('base64url'), 'launch:1')).toThrow();
    }
    expect(() => open(bytes.subarray(0, -4).toString('base64url'), 'launch:1')).toThrow();
  });

  it('gives a pending launch to one of two callers (L5)', async () => {
    const { sessions } = kept();
    await sessions.remember(PENDING);
    const taken = await Promise.all([sessions.take('canary-state'), sessions.take('canary-state')]);
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('never brings back an ended launch, and loses no refreshed token to a change at the same time', async () => {
    const { sessions } = kept();
    await sessions.open(RECORD, { browser: 'b' });
    const fresh = { access: new Secret('second'), expiresAt: 1e15 };
    await Promise.all([sessions.rename('l1', 'Dr. B'), sessions.renew('l1', fresh), sessions.rename('l1', 'Dr. C')]);
    expect((await sessions.tokens('l1'))?.access.reveal()).toBe('second');
    await Promise.all([sessions.end('l1'), sessions.renew('l1', fresh)]);
    expect(await sessions.tokens('l1')).toBeUndefined();
    expect(await sessions.end('l1')).toBeUndefined();
  });
});

describe('A token', () => {
  it('does not print', () => {
    const { tokens } = RECORD;
    const printed = [
      JSON.stringify(tokens),
      inspect(tokens, { depth: 9, showHidden: true }),
      `${tokens?.access}`,
      JSON.stringify({ ...tokens?.access }),
    ];
    expect(printed.join()).not.toContain('canary');
  });

  it('does not enter the log, whatever it is called there (V10)', () => {
    const lines: string[] = [];
    const log = createLog(
      (line) => lines.push(line),
      () => 0,
    );
    log({
      level: 'info',
      event: 'request',
      errCode: 'a b canary',
      ...({ url: '/x?canary', patient: 'canary', user: 'canary' } as object),
    });
    expect(lines).toEqual(['{"ts":"1970-01-01T00:00:00.000Z","level":"info","event":"request"}\n']);
  });
});

describe('The settings', () => {
  const TENANT = {
    id: 'n',
    name: 'N',
    iss: 'https://fhir.north.example/r4',
    clientId: 'a',
    auth: { method: 'none' },
    frameAncestors: [],
    writeBack: { enabled: false },
  };
  let files = 0;
  const settings = (config: object, tenant: object = {}, env = {}) => {
    const own = join(folder, String(files++));
    const path = `${own}.json`;
    writeFileSync(`${own}-tenants.json`, JSON.stringify({ tenants: [{ ...TENANT, ...tenant }] }));
    writeFileSync(
      path,
      JSON.stringify({
        origin: 'https://app.example',
        port: 0,
        dataDir: `${own}-data`,
        tenantsFile: `${own}-tenants.json`,
        ...config,
      }),
    );
    return readSettings(path, env);
  };

  it('make their own keys on the first run, readable by the owner only, and keep them (V12)', async () => {
    const { config, sessionKey, keys } = await settings({});
    for (const file of ['app-keys.json', 'session.key'])
      expect(statSync(join(config.dataDir, file)).mode & 0o777).toBe(0o600);
    expect(sessionKey).toHaveLength(32);
    const again = await readAppKeys(join(config.dataDir, 'app-keys.json'));
    expect(again.jwks).toEqual(keys.jwks);
  });

  it('take a client secret from the environment', async () => {
    const tenant = { auth: { method: 'client_secret_basic', secret: { env: 'NORTH_SECRET' } } };
    const { secretOf, tenants } = await settings({}, tenant, { NORTH_SECRET: 's3cret' });
    expect(tenants.all.map((one) => secretOf(one).reveal())).toEqual(['s3cret']);
    await expect(settings({}, tenant)).rejects.toThrow('NORTH_SECRET');
  });

  it.each<[string, object, RegExp]>([
    ['an http origin', { origin: 'http://app.example' }, /must be https/],
    ['an http origin on this machine for an EHR elsewhere', { origin: 'http://localhost:4000' }, /this machine only/],
    ['an origin with a path', { origin: 'https://app.example/x' }, /not an origin/],
    ['a session key that is too short', { sessionKey: { env: 'KEY' } }, /32 bytes/],
    ['a misspelt setting', { trustProxies: true }, /trustProxies/],
  ])('do not start with %s (V14)', async (_, config, complaint) => {
    await expect(settings(config, {}, { KEY: 'c2hvcnQ=' })).rejects.toThrow(complaint);
  });
});
