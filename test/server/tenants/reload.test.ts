/** The tenants file is read again while the server runs: whole, or not at all (V12, V14, L11). */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grantorOf, type Tenant } from '../../../launch/tenants.ts';
import { NORTH, openSite, type Site, SOUTH } from './site.ts';

let site: Site;
beforeEach(() => {
  site = openSite();
  site.write('tenants.json', { tenants: [NORTH] });
});
afterEach(() => site.remove());

const there = (tenant: Tenant | undefined): Tenant => {
  if (!tenant) throw new Error('no such tenant');
  return tenant;
};

describe('What everyone holds follows the file', () => {
  it('a tenant that was added is found by id, by issuer, and by the name its hooks are signed under', async () => {
    const { settings, look, live } = await site.running();
    const held = settings.tenants;
    const cdsHooks = { issuers: ['urn:south'], jwks: ['https://fhir.south.example/jwks'] };
    site.write('tenants.json', { tenants: [NORTH, { ...SOUTH, cdsHooks }] });
    expect(await look()).toBe('changed');
    const south = live.inForce().tenants.byId('south');
    expect(south?.name).toBe('South Hospital');
    expect(held.byId('south')).toBe(south);
    expect(held.byIssuer('HTTPS://fhir.south.example/r4/')).toBe(south);
    expect(held.byCaller('urn:south')).toBe(south);
    expect(held.all).toHaveLength(2);
  });

  it('a tenant that was removed is nobody', async () => {
    site.write('tenants.json', { tenants: [NORTH, SOUTH] });
    const { settings, look } = await site.running();
    const south = there(settings.tenants.byId('south'));
    site.write('tenants.json', { tenants: [NORTH] });
    await look();
    expect(settings.tenants.byId('south')).toBeUndefined();
    expect(settings.tenants.byIssuer(SOUTH.iss)).toBeUndefined();
    const granted = { tenantId: 'south', grantor: grantorOf(south) };
    expect(settings.tenants.byGrant(granted)).toBeUndefined();
    // Only so that its EHR can be told.
    expect(settings.tenants.onceByGrant(granted)).toBe(south);
  });

  it('a tenant that did not change stays what it was, with its connections and what was discovered of it', async () => {
    site.write('tenants.json', { tenants: [NORTH, SOUTH] });
    const { settings, look } = await site.running();
    const [north, south] = settings.tenants.all;
    site.write('tenants.json', { tenants: [NORTH, { ...SOUTH, name: 'South' }] });
    await look();
    expect(settings.tenants.byId('north')).toBe(north);
    expect(settings.tenants.byId('south')).not.toBe(south);
  });

  it.each<[string, object]>([
    ['its FHIR address', { iss: 'https://fhir.north.example/r4b' }],
    ['its client', { clientId: 'attune-2' }],
    ['a host that is pinned', { pinnedHosts: ['login.north.example'] }],
    ['a private network that may be reached', { allowPrivate: ['10.1.0.0/16'] }],
  ])('%s changed: what it granted before is worth nothing here (L11)', async (_, change) => {
    const { settings, look } = await site.running();
    const granted = { tenantId: 'north', grantor: grantorOf(there(settings.tenants.byId('north'))) };
    expect(settings.tenants.byGrant(granted)?.id).toBe('north');
    site.write('tenants.json', { tenants: [{ ...NORTH, ...change }] });
    await look();
    expect(settings.tenants.byId('north')).toBeDefined();
    expect(settings.tenants.byGrant(granted)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['its name', { name: 'N' }],
    ['who may frame the app', { frameAncestors: [] }],
    ['write-back', { writeBack: { enabled: false } }],
    ['the scopes to ask for', { scopes: ['launch', 'openid', 'fhirUser', 'patient/Patient.rs'] }],
  ])('%s changed: its launches go on, under the new setting', async (_, change) => {
    const { settings, look } = await site.running();
    const granted = { tenantId: 'north', grantor: grantorOf(there(settings.tenants.byId('north'))) };
    site.write('tenants.json', { tenants: [{ ...NORTH, ...change }] });
    await look();
    expect(settings.tenants.byGrant(granted)).toMatchObject(change);
  });

  it('a code map and a client secret that were changed count, though the tenants file did not (V12)', async () => {
    const map = { version: '1', codes: [], units: [] };
    site.write('map.json', map);
    site.write('secret', 'older\n');
    const auth = { method: 'client_secret_basic', secret: { file: 'secret' } };
    site.write('tenants.json', { tenants: [{ ...NORTH, auth, codeMap: 'map.json' }] });
    const { settings, look } = await site.running();
    const north = there(settings.tenants.byId('north'));
    expect(settings.secretOf(north).reveal()).toBe('older');
    site.write('secret', 'newer\n');
    expect(await look()).toBe('changed');
    expect(settings.secretOf(north).reveal()).toBe('newer');
    // A large map that stayed the same is not parsed again while clinicians wait.
    site.write('tenants.json', { tenants: [{ ...NORTH, name: 'N', auth, codeMap: 'map.json' }] });
    expect(await look()).toBe('changed');
    expect(settings.tenants.byId('north')).not.toBe(north);
    expect(settings.tenants.byId('north')?.codeMap).toBe(north.codeMap);
    site.write('map.json', { ...map, version: '2' });
    expect(await look()).toBe('changed');
    expect(settings.tenants.byId('north')?.codeMap?.version).toBe('2');
  });

  it('the app’s own keys are rotated in four steps without a restart (V12, T2)', async () => {
    const pair = async (alg: string) => ({
      ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)),
      alg,
    });
    const [older, newer, rsa] = [await pair('ES384'), await pair('ES384'), await pair('RS384')];
    site.write('keys.json', { keys: [older, rsa] });
    const { settings, look } = await site.running();
    const first = settings.keys.signing('ES384').kid;
    const step = async (keys: object[]) => {
      site.write('keys.json', { keys });
      await look();
      return { signs: settings.keys.signing('ES384').kid, shown: settings.keys.jwks.keys.map(({ kid }) => kid) };
    };
    const added = await step([older, newer, rsa]);
    const switched = await step([newer, older, rsa]);
    const removed = await step([newer, rsa]);
    expect(added.signs).toBe(first);
    expect(added.shown).toContain(switched.signs);
    expect(switched.signs).not.toBe(first);
    expect(removed.shown).not.toContain(first);
    expect(JSON.stringify(settings.keys.jwks)).not.toContain('"d"');
  });
});

describe('A file that cannot be used changes nothing (V14)', () => {
  it.each<[string, string, () => void]>([
    ['unreadable', 'that is cut off', () => site.write('tenants.json', '{"tenants": [')],
    ['unreadable', 'that is gone', () => rmSync(site.at('tenants.json'))],
    [
      'invalid',
      'with a misspelt setting',
      () => site.write('tenants.json', { tenants: [{ ...NORTH, clientID: 'x' }] }),
    ],
    ['invalid', 'with one issuer twice', () => site.write('tenants.json', { tenants: [NORTH, { ...NORTH, id: 'n' }] })],
    ['insecure', 'without tenants', () => site.write('tenants.json', { tenants: [] })],
    [
      'insecure',
      'with a plain http issuer',
      () => site.write('tenants.json', { tenants: [NORTH, { ...SOUTH, iss: 'http://fhir.south.example/r4' }] }),
    ],
    [
      'insecure',
      'that lets anyone frame the app',
      () => site.write('tenants.json', { tenants: [NORTH, { ...SOUTH, frameAncestors: ['*'] }] }),
    ],
    [
      'unreadable',
      'whose code map is not there',
      () => site.write('tenants.json', { tenants: [{ ...NORTH, codeMap: 'map.json' }] }),
    ],
    [
      'secret',
      'whose client secret is empty',
      () => {
        site.write('secret', '');
        const auth = { method: 'client_secret_basic', secret: { file: 'secret' } };
        site.write('tenants.json', { tenants: [{ ...NORTH, auth }] });
      },
    ],
    ['app-keys', 'beside keys that are none', () => site.write('keys.json', { keys: [] })],
    ['app-keys', 'beside keys that are gone: none are made while the server runs', () => rmSync(site.at('keys.json'))],
  ])('%s: one %s', async (code, _, write) => {
    const { settings, look, live, told, refused } = await site.running();
    const before = { inForce: live.inForce(), jwks: settings.keys.jwks };
    write();
    expect(await look()).toBe('refused');
    expect({ told, refused: refused() }).toEqual({ told: [code], refused: code });
    expect({ inForce: live.inForce(), jwks: settings.keys.jwks }).toEqual(before);
    expect(settings.tenants.byId('north')?.name).toBe('North Hospital');
  });

  it('is not an earlier version either, nor one that no longer counts, signed or not', async () => {
    site.write('tenants.json', { version: 3, tenants: [NORTH] });
    const { look, told } = await site.running();
    for (const version of [2, undefined]) {
      site.write('tenants.json', { version, tenants: [NORTH, SOUTH] });
      expect(await look()).toBe('refused');
    }
    site.write('tenants.json', { version: 3, tenants: [NORTH, SOUTH] });
    expect(await look()).toBe('changed');
    expect(told).toEqual(['not-newer', 'not-newer', 'changed']);
  });

  it('is refused once, and no longer so once the one in force has been put back', async () => {
    const { look, told, refused } = await site.running();
    const good = site.text('tenants.json');
    site.write('tenants.json', '{}');
    expect([await look(), await look(), await look()]).toEqual(['refused', 'same', 'same']);
    expect(refused()).toBe('invalid');
    site.write('tenants.json', good);
    await look();
    expect(refused()).toBeUndefined();
    expect(told).toEqual(['invalid']);
  });

  it('says why in a word; the file’s own words stay out of it', async () => {
    site.write('tenants.json', { tenants: [NORTH] });
    const { look, told } = await site.running();
    site.write('tenants.json', { tenants: [{ ...NORTH, clientId: '', canary: 'ZZCANARY' }] });
    await look();
    expect(JSON.stringify(told)).toBe('["invalid"]');
  });
});

describe('A mounted volume', () => {
  /** As the kubelet writes a ConfigMap: files behind two symbolic links, of which one is swapped. */
  const mount = (release: string, tenants: object, map: object) => {
    const folder = site.at(release);
    mkdirSync(folder);
    writeFileSync(`${folder}/tenants.json`, JSON.stringify(tenants));
    writeFileSync(`${folder}/map.json`, JSON.stringify(map));
    symlinkSync(release, site.at('..data_tmp'));
    renameSync(site.at('..data_tmp'), site.at('..data'));
  };

  it('is followed over the swap of its symbolic link, with the code map that came with it', async () => {
    const map = { version: '1', codes: [], units: [] };
    rmSync(site.at('tenants.json'));
    mount('..2026_11_23', { tenants: [{ ...NORTH, codeMap: 'map.json' }] }, map);
    for (const name of ['tenants.json', 'map.json']) symlinkSync(`..data/${name}`, site.at(name));
    const { look, settings } = await site.running();
    expect(await look()).toBe('same');
    mount('..2026_11_24', { tenants: [{ ...NORTH, codeMap: 'map.json' }, SOUTH] }, { ...map, version: '2' });
    expect(await look()).toBe('changed');
    expect(settings.tenants.byId('south')).toBeDefined();
    expect(settings.tenants.byId('north')?.codeMap?.version).toBe('2');
  });

  it('that is being written is left alone until it holds still', async () => {
    const { settings } = await site.running();
    const { registry } = settings;
    const { createReload } = await import('../../../server/tenants/reload.ts');
    let writes = 0;
    const { look } = createReload({
      ...registry,
      take: () => {
        // Someone saves between one reading and the next.
        site.write('tenants.json', { tenants: [{ ...NORTH, name: `North ${writes++ < 3 ? writes : 'Hospital 2'}` }] });
        return registry.take();
      },
      onChanged: async () => {},
      onRefused: async () => {},
    });
    expect(await look()).toBe('unsettled');
    expect(settings.tenants.byId('north')?.name).toBe('North Hospital');
    expect(await look()).toBe('unsettled');
    expect(await look()).toBe('changed');
    expect(settings.tenants.byId('north')?.name).toBe('North Hospital 2');
  });

  it('looks one after the other, however many ask', async () => {
    const { look, told } = await site.running();
    site.write('tenants.json', { tenants: [NORTH, SOUTH] });
    expect(await Promise.all([look(), look(), look()])).toEqual(['changed', 'same', 'same']);
    expect(told).toEqual(['changed']);
  });
});

describe('The kept release', () => {
  it('is written only where releases are signed', async () => {
    await site.running();
    expect(() => readFileSync(site.at('data/tenants-release.json'))).toThrow('ENOENT');
  });
});
