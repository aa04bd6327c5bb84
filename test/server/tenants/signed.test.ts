/** Who may launch the app is changed by two people, not by whoever can write a file (V14: reviewed, signed, versioned, four eyes). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NORTH, openSite, type Person, type Site, SOUTH } from './site.ts';

let site: Site;
let ada: Person;
let ben: Person;
let eve: Person;
let keys: { tenantsKeys: string[] };
beforeEach(() => {
  site = openSite();
  [ada, ben, eve] = [site.person('ada'), site.person('ben'), site.person('eve')];
  keys = { tenantsKeys: [ada.publicFile, ben.publicFile] };
  site.write('tenants.json', { version: 1, tenants: [NORTH] });
});
afterEach(() => site.remove());

const tenantsOf = async () => (await site.settings(keys)).tenants.all.map(({ id }) => id);

describe('V14: where the configuration names signers, the server starts', () => {
  it('with the signatures of two of them', async () => {
    site.sign(ada, ben);
    expect(await tenantsOf()).toEqual(['north']);
  });

  it('not without any signature', () => expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' }));

  it('not with one signature', async () => {
    site.sign(ada);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not with two signatures by the same person', async () => {
    site.sign(ada);
    const [first] = JSON.parse(site.text('tenants.json.sig'));
    site.sign(ada);
    const [second] = JSON.parse(site.text('tenants.json.sig'));
    site.write('tenants.json.sig', [first, second]);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not with the same person named twice in the configuration', async () => {
    site.write('ada-again.pem', site.text(ada.publicFile));
    keys = { tenantsKeys: [ada.publicFile, 'ada-again.pem'] };
    site.sign(ada);
    await expect(tenantsOf()).rejects.toThrow('cannot come of 1 different');
  });

  it('not with a signature by somebody who is not named', async () => {
    site.sign(ada, eve);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not with somebody else’s signature under a name that counts', async () => {
    site.sign(ada, eve);
    const signatures: { key: string }[] = JSON.parse(site.text('tenants.json.sig'));
    site.sign(ben);
    const [{ key: bens }] = JSON.parse(site.text('tenants.json.sig'));
    const [first, second] = signatures;
    site.write('tenants.json.sig', [first, { ...second, key: bens }]);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not when one byte of what was signed has changed', async () => {
    site.sign(ada, ben);
    site.write('tenants.json', site.text('tenants.json').replace('ehr.north.example', 'ehr.n0rth.example'));
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not when one byte of a code map has changed, since what a local code means is part of it', async () => {
    site.write('tenants.json', { version: 1, tenants: [{ ...NORTH, codeMap: 'map.json' }] });
    const map = { version: '1', codes: [{ system: 'urn:x', code: 'K', loinc: '2823-3' }], units: [] };
    site.write('map.json', map);
    site.sign(ada, ben);
    expect(await tenantsOf()).toEqual(['north']);
    site.write('map.json', { ...map, codes: [{ ...map.codes[0], loinc: '2951-2' }] });
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not when the date of a signature was changed', async () => {
    site.sign(ada, ben);
    site.write(
      'tenants.json.sig',
      site.text('tenants.json.sig').replaceAll(/"signedAt": "2\d{3}/g, '"signedAt": "2001'),
    );
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it.each(['', 'null', '{}', '[{}]', '[1]', '['])('not with %j for signatures', async (text) => {
    site.write('tenants.json.sig', text);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'unsigned' });
  });

  it('not with a signed file that has no version, since an old one could be put back', async () => {
    site.write('tenants.json', { tenants: [NORTH] });
    site.sign(ada, ben);
    await expect(tenantsOf()).rejects.toMatchObject({ code: 'not-newer' });
  });

  it('not with fewer signers than signatures, nor with a private key for a signer', async () => {
    site.sign(ada, ben);
    await expect(site.settings({ tenantsKeys: [ada.publicFile] })).rejects.toThrow('2 signatures cannot come of 1');
    await expect(site.settings({ tenantsKeys: [ada.publicFile, ben.privateFile] })).rejects.toThrow('private key');
  });

  it('with three of three where three are asked for, and not with two', async () => {
    const all = { tenantsKeys: [ada.publicFile, ben.publicFile, eve.publicFile], tenantsSignatures: 3 };
    site.sign(ada, ben);
    await expect(site.settings(all)).rejects.toMatchObject({ code: 'unsigned' });
    site.sign(ada, ben, eve);
    expect((await site.settings(all)).registry.live.inForce().signedBy).toHaveLength(3);
  });
});

describe('V14: a library that a site signs', () => {
  it('is configured with as many different keys as must have signed it', async () => {
    const library = (extra: object) => site.settings({ libraryDir: 'library', ...extra });
    const both = { libraryKey: [ada.publicFile, ben.publicFile], librarySignatures: 2 };
    expect((await library(both)).librarySigners).toMatchObject({ signatures: 2 });
    expect((await library({ libraryKey: ada.publicFile })).librarySigners?.keys).toHaveLength(1);
    await expect(library({ ...both, libraryKey: ada.publicFile })).rejects.toThrow('2 signatures cannot come of 1');
    await expect(library({ libraryKey: ada.privateFile })).rejects.toThrow('private key');
    await expect(site.settings(both)).rejects.toThrow('libraryKey without libraryDir');
  });
});

describe('V14: a release that was once in force does not come back', () => {
  const signed = (version: number, ...tenants: object[]) => {
    site.write('tenants.json', { version, tenants });
    site.sign(ada, ben);
  };

  it('while the server runs, however well it is signed', async () => {
    signed(4, NORTH);
    const server = await site.running(keys);
    signed(3, NORTH, SOUTH);
    expect(await server.look()).toBe('refused');
    expect(server.told).toEqual(['not-newer']);
    expect(server.settings.tenants.byId('south')).toBeUndefined();
    signed(5, NORTH, SOUTH);
    expect(await server.look()).toBe('changed');
    expect(server.settings.tenants.byId('south')?.name).toBe('South Hospital');
  });

  it('nor by a restart', async () => {
    signed(4, NORTH);
    await site.settings(keys);
    signed(3, NORTH, SOUTH);
    await expect(site.settings(keys)).rejects.toMatchObject({ code: 'not-newer' });
    signed(5, NORTH, SOUTH);
    expect(await tenantsOf()).toEqual(['north', 'south']);
  });

  it('nor under the number of the one in force', async () => {
    signed(4, NORTH);
    const server = await site.running(keys);
    signed(4, NORTH, SOUTH);
    expect(await server.look()).toBe('refused');
    expect(server.refused()).toBe('not-newer');
  });

  it('and the one in force starts again as often as it likes', async () => {
    signed(4, NORTH);
    for (const _ of [1, 2, 3]) expect(await tenantsOf()).toEqual(['north']);
  });
});
