/** A change of who may launch the app, as the people see it who write it, review it and sign it (V14: schema, dry run, four eyes). */
import { cpSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../server/cli.ts';
import { NORTH, openSite, type Person, type Site, SOUTH } from './site.ts';

let site: Site;
let [ada, ben]: Person[] = [];
beforeEach(() => {
  site = openSite();
  [ada, ben] = [site.person('ada'), site.person('ben')];
  site.write('tenants.json', { version: 1, tenants: [NORTH] });
});
afterEach(() => site.remove());

/** The command's own words, without the folder that the test lies in. */
async function attune(...argv: string[]) {
  const [out, err]: string[][] = [[], []];
  const plain = (line: string) => line.replaceAll(`${site.folder}/`, '');
  const code = await run(argv, {
    out: (line) => out?.push(plain(line)),
    err: (line) => err?.push(plain(line)),
    stdin: async () => '',
  });
  return { code, out: out ?? [], err: (err ?? []).join('\n') };
}
const check = (file: string, ...more: string[]) => attune('tenants', 'check', site.at(file), ...more);
const sign = (person: Person | undefined) =>
  attune('tenants', 'sign', site.at('tenants.json'), '--key', site.at(person?.privateFile ?? ''));
const signed = () => site.configure({ tenantsKeys: [ada?.publicFile, ben?.publicFile] });

describe('tenants check', () => {
  it('says of a file that may be used how many tenants it has, which version it is, and its digest', async () => {
    const { code, out, err } = await check('tenants.json');
    expect([code, out]).toEqual([0, []]);
    expect(err).toMatch(/^tenants\.json is valid: 1 tenant, version 1, digest [0-9a-f]{64}$/);
  });

  it.each<[string, object, RegExp]>([
    [
      'a plain http issuer',
      { iss: 'http://fhir.north.example/r4' },
      /:7 {2}tenants\.0\.iss {2}expected north: iss must be https/,
    ],
    [
      'anyone as frame ancestor',
      { frameAncestors: ['*'] },
      /:13 {2}tenants\.0\.frameAncestors\.0 {2}.*not an origin; found "\*"/,
    ],
    ['a misspelt setting', { framAncestors: [] }, /:18 {2}tenants\.0\.framAncestors {2}expected only known fields/],
    ['a secret in the file', { auth: { method: 'client_secret_basic', secret: 'x' } }, /tenants\.0\.auth\.secret/],
    ['a number for a name', { name: 7 }, /:6 {2}tenants\.0\.name {2}expected string; found 7; try give a string here/],
    ['a code map that is not there', { codeMap: 'map.json' }, /tenants\.0\.codeMap {2}expected the name of a file/],
    ['a code map written into it', { codeMap: { version: '1', codes: [], units: [] } }, /tenants\.0\.codeMap/],
  ])('names the line of %s', async (_, change, line) => {
    site.write('tenants.json', { version: 1, tenants: [{ ...NORTH, ...change }] });
    const { code, out } = await check('tenants.json');
    expect(code).toBe(1);
    expect(out.join('\n')).toMatch(line);
  });

  it('names the line of the second tenant under one issuer, and of a wrong code in a code map', async () => {
    site.write('tenants.json', { tenants: [NORTH, { ...NORTH, id: 'again' }] });
    expect((await check('tenants.json')).out).toEqual([
      expect.stringMatching(/tenants\.1\.iss {2}.*the issuer occurs twice/),
    ]);
    site.write('tenants.json', { tenants: [{ ...NORTH, codeMap: 'map.json' }] });
    site.write('map.json', { version: '1', units: [], codes: [{ system: 'x', code: 'K', loinc: '0-0' }] });
    expect((await check('tenants.json')).out).toEqual([
      expect.stringMatching(/^map\.json:8 {2}codes\.0\.loinc {2}.*not a LOINC code/),
    ]);
  });

  it('says what is wrong with an empty list, and with what is no JSON', async () => {
    site.write('tenants.json', { tenants: [] });
    expect((await check('tenants.json')).out.join()).toContain('an empty allow-list lets nobody in');
    site.write('tenants.json', '{"tenants": [,]}');
    expect((await check('tenants.json')).out.join()).toMatch(/^tenants\.json:1 {2}\(whole file\) {2}expected JSON/);
  });

  it('says in words what changes, and what follows for those who are at work', async () => {
    site.write('tenants.json', { version: 1, tenants: [NORTH, SOUTH] });
    const changed = {
      ...NORTH,
      clientId: 'attune-2',
      frameAncestors: ['https://a.example'],
      writeBack: { enabled: false },
    };
    const map = { version: '3', codes: [{ system: 'urn:x', code: 'K', loinc: '2823-3' }], units: [] };
    site.write('map.json', map);
    const east = { ...SOUTH, id: 'east', name: 'East', iss: 'https://fhir.east.example', codeMap: 'map.json' };
    site.write('next.json', { version: 2, tenants: [changed, east] });
    const { code, out } = await check('next.json', '--against', site.at('tenants.json'));
    expect(code).toBe(0);
    expect(out).toEqual([
      'version: 1 → 2',
      'north: clientId: attune → attune-2',
      'north: frameAncestors: + https://a.example, − https://ehr.north.example',
      'north: writeBack.enabled: true → false',
      'north: its launches end: a grant is used only where it came from',
      'north: no approval is taken from then on; what is in doubt is still looked for',
      'south: removed: South Hospital, https://fhir.south.example/r4. Its launches end, none begins, and what is in doubt there stays so until it is back',
      'east: added: East, https://fhir.east.example, write-back on',
    ]);
  });

  it('sees every setting, also in a code map, and says so when there is no difference', async () => {
    const map = { version: '3', codes: [{ system: 'urn:x', code: 'K', loinc: '2823-3' }], units: [] };
    site.write('map.json', map);
    site.write('map-2.json', { ...map, codes: [{ system: 'urn:x', code: 'K', loinc: '2951-2' }] });
    site.write('tenants.json', { tenants: [{ ...NORTH, codeMap: 'map.json' }] });
    site.write('next.json', { tenants: [{ ...NORTH, codeMap: 'map-2.json' }] });
    const { out } = await check('next.json', '--against', site.at('tenants.json'));
    expect(out).toEqual([expect.stringMatching(/^north: codeMap\.codes: \+ .*2951-2.*− .*2823-3/)]);
    expect((await check('tenants.json', '--against', site.at('tenants.json'))).out).toEqual(['no tenant changes']);
  });

  it('says whether a server with that configuration would take it: signatures, version, http', async () => {
    const config = signed();
    const takes = async (file = 'tenants.json', ...more: string[]) => {
      const { code, out } = await check(file, '--config', config, ...more);
      return { code, not: out.filter((line) => line.startsWith('not taken')) };
    };
    expect(await takes()).toEqual({ code: 1, not: ['not taken: 0 of 2 signatures'] });
    await sign(ada);
    expect(await takes()).toEqual({ code: 1, not: ['not taken: 1 of 2 signatures'] });
    await sign(ben);
    expect(await takes()).toEqual({ code: 0, not: [] });
    site.write('later.json', { version: 2, tenants: [NORTH] });
    expect((await takes('tenants.json', '--against', site.at('later.json'))).not).toEqual([
      'not taken: tenants: version 1 after version 2; give it a higher one',
    ]);
    const http = site.configure({ origin: 'http://localhost:4000' });
    expect((await check('tenants.json', '--config', http)).out.join()).toContain('EHRs on this machine only');
  });

  it('tries each tenant dry, on documents that were saved of its EHR: a host that nobody pinned is found before a launch is', async () => {
    const medplum = { ...NORTH, id: 'medplum', iss: 'https://medplum-like.example.org/fhir/R4' };
    cpSync('fixtures/vendors/discovery/medplum', site.at('documents/medplum'), { recursive: true });
    const tried = async (...tenants: object[]) => {
      site.write('tenants.json', { tenants });
      const { code, out } = await check('tenants.json', '--documents', site.at('documents'));
      return { code, out };
    };
    expect(await tried(medplum, SOUTH)).toEqual({
      code: 0,
      out: [
        expect.stringMatching(/^medplum: works; ways to write: Note \(DocumentReference\)/),
        'south: not tried, there is no documents/south',
      ],
    });
    expect(await tried({ ...medplum, iss: 'https://fhir.north.example/r4' })).toEqual({
      code: 1,
      out: [expect.stringMatching(/not pinned: medplum-like\.example\.org\. Launches are refused/)],
    });
    cpSync('fixtures/vendors/hapi', site.at('documents/hapi'), { recursive: true });
    expect(await tried({ ...NORTH, id: 'hapi' })).toEqual({ code: 1, out: [expect.stringMatching(/^hapi: blocked/)] });
  });

  it.each([[['tenants', 'check']], [['tenants', 'check', '/nowhere.json']], [['tenants', 'sign', 'package.json']]])(
    '%j is bad usage',
    async (argv) => expect((await attune(...argv)).code).toBe(2),
  );
});

describe('tenants sign', () => {
  it('signs one after the other, and the server takes what two have signed', async () => {
    const config = { tenantsKeys: [ada?.publicFile, ben?.publicFile] };
    expect((await sign(ada)).code).toBe(0);
    await expect(site.settings(config)).rejects.toMatchObject({ code: 'unsigned' });
    const { err } = await sign(ben);
    expect(err.match(/signed by [0-9a-f]{64}/g)).toHaveLength(2);
    expect((await site.settings(config)).tenants.all).toHaveLength(1);
  });

  it('lets go of what was signed of an earlier content, and of an earlier signature by the same key', async () => {
    await sign(ada);
    await sign(ada);
    expect(JSON.parse(site.text('tenants.json.sig'))).toHaveLength(1);
    site.write('tenants.json', { version: 2, tenants: [NORTH, SOUTH] });
    await sign(ben);
    expect(JSON.parse(site.text('tenants.json.sig'))).toHaveLength(1);
    await expect(site.settings({ tenantsKeys: [ada?.publicFile, ben?.publicFile] })).rejects.toMatchObject({
      code: 'unsigned',
    });
  });

  it('signs nothing that could not be used, and nothing without a version', async () => {
    site.write('tenants.json', { version: 1, tenants: [{ ...NORTH, frameAncestors: ['*'] }] });
    expect((await sign(ada)).code).toBe(1);
    site.write('tenants.json', { tenants: [NORTH] });
    expect((await sign(ada)).code).toBe(1);
    expect(() => site.text('tenants.json.sig')).toThrow('ENOENT');
  });

  it('never prints or writes the key', async () => {
    const { out, err } = await sign(ada);
    const secret = site.text(ada?.privateFile ?? '').split('\n')[1] ?? 'x';
    expect([...out, err, site.text('tenants.json.sig')].join()).not.toContain(secret);
  });
});
