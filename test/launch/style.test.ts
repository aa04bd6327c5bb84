/** How the EHR looks: fetched by the server from the tenant's own hosts, checked property by property (interop C5). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readStyle } from '../../launch/style.ts';
import { type AwkwardEhr, awkwardTenant, launchId, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, openHospital } from '../server/hospital.ts';

const PUBLISHED = {
  color_background: '#edeae3',
  color_highlight: '#0b5c7a',
  color_text: '#303030',
  dim_font_size: '13px',
  font_family_body: "Georgia, Times, 'Times New Roman', serif",
};
const READ = { background: '#edeae3', highlight: '#0b5c7a', font: PUBLISHED.font_family_body };

describe('A published style', () => {
  it('is read for the few properties that the app takes over', () => {
    expect(readStyle(PUBLISHED)).toEqual(READ);
  });

  it.each<[string, unknown]>([
    ['a colour by name', { color_background: 'red' }],
    ['a colour of three digits', { color_background: '#fff' }],
    ['a colour with something behind it', { color_background: '#ffffff; background: url(https://evil.example)' }],
    ['a function', { color_highlight: 'var(--x)' }],
    ['an address for a font', { font_family_body: 'url(https://evil.example/x.woff2)' }],
    ['a font that ends the declaration', { font_family_body: 'serif; color: red' }],
    ['an escaped font', { font_family_body: '"a\\"b"' }],
    ['a list of a kilobyte', { font_family_body: Array.from({ length: 200 }, () => 'serif').join(', ') }],
    ['a number', { font_family_body: 7 }],
  ])('%s is left out', (_, json) => {
    expect(readStyle(json)).toEqual({});
  });

  it('keeps the rest where one property is not what it should be', () => {
    expect(readStyle({ ...PUBLISHED, color_background: 'red' })).toEqual({
      highlight: READ.highlight,
      font: READ.font,
    });
  });

  it.each([undefined, null, 'x', 7, [PUBLISHED]])('%j is none', (json) => {
    expect(readStyle(json)).toEqual({});
  });
});

describe('The style of a launch', () => {
  let ehr: AwkwardEhr;
  let hospital: Hospital;
  beforeAll(async () => {
    ehr = await openAwkwardEhr();
  });
  afterAll(() => Promise.all([hospital.close(), ehr.close()]));
  beforeEach(async () => {
    ehr.reset();
    await hospital?.close();
    hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
  });

  const ask = async (url: unknown) => {
    ehr.script.token = { ...ehr.script.token, smart_style_url: url };
    const browser = hospital.browser();
    const id = await launchId(browser, ehr);
    return { browser, id, style: await (await browser.inLaunch(id, '/style')).json() };
  };
  const askedFor = () => ehr.seen.filter(({ line }) => line.startsWith('GET /fhir/style'));

  it('is fetched here without a token, once for all launches, and its address stays here', async () => {
    ehr.script.fhir = () => Response.json(PUBLISHED);
    const { style, browser, id } = await ask(`${ehr.iss}/style.json`);
    expect(style).toEqual(READ);
    const context = await (await browser.inLaunch(id, '/context')).json();
    expect(context.styled).toBe(true);
    expect(JSON.stringify(context)).not.toContain('style.json');
    await ask(`${ehr.iss}/style.json`);
    expect(askedFor()).toHaveLength(1);
    expect(askedFor()[0]?.authorization).toBeNull();
  });

  it.each([
    'http://evil.example/style.json',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '//evil.example/x',
    'x',
  ])('from %s is none, and nobody is contacted (E-1)', async (url) => {
    const before = ehr.seen.length;
    expect((await ask(url)).style).toEqual({});
    expect(ehr.seen.slice(before).filter(({ line }) => !/smart-configuration|\/token|\/jwks/.test(line))).toEqual([]);
  });

  it.each<[string, () => Response]>([
    ['is larger than 16 KB', () => Response.json({ ...PUBLISHED, more: 'x'.repeat(16 * 1024) })],
    ['is no JSON', () => new Response('<html>')],
    ['is not found', () => new Response(null, { status: 404 })],
    [
      'leads elsewhere',
      () => new Response(null, { status: 302, headers: { location: 'http://evil.example/style.json' } }),
    ],
  ])('that %s is none', async (_, answer) => {
    ehr.script.fhir = answer;
    expect((await ask(`${ehr.iss}/style.json`)).style).toEqual({});
  });

  it('is not spoken of where the EHR names none', async () => {
    const browser = hospital.browser();
    const id = await launchId(browser, ehr);
    expect(await (await browser.inLaunch(id, '/context')).json()).not.toHaveProperty('styled');
    expect(await (await browser.inLaunch(id, '/style')).json()).toEqual({});
    expect(askedFor()).toEqual([]);
  });
});
