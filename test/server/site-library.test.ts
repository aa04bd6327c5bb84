/** The command line reads a site's folder as the server does: as it was signed, or not at all. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../server/cli.ts';
import { signFolder } from '../../server/library/signature.ts';

let home: string;
let site: string;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'site-library-'));
  site = join(home, 'library');
  mkdirSync(site);
  writeFileSync(join(site, 'site.json'), JSON.stringify({ 'kfre-region': 'elsewhere' }));
  writeFileSync(join(home, 'key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  await signFolder(site, privateKey);
  vi.stubEnv('LIBRARY_DIR', site);
  vi.stubEnv('LIBRARY_KEY', join(home, 'key.pub.pem'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** A command that reads the library and nothing else. */
async function exportKfre() {
  const err: string[] = [];
  const code = await run(['card', 'kfre-4', '--format', 'json'], {
    out: () => {},
    err: (line) => err.push(line),
    stdin: async () => '',
  });
  return { code, err: err.join('\n') };
}

describe('with LIBRARY_KEY', () => {
  test('a folder as it was signed is used', async () => {
    expect(await exportKfre()).toEqual({ code: 0, err: '' });
  });

  test('a folder altered after signing is refused by the file’s name', async () => {
    writeFileSync(join(site, 'site.json'), JSON.stringify({ 'kfre-region': 'north-america' }));
    const { code, err } = await exportKfre();
    expect(code).toBe(1);
    expect(err).toContain('site.json');
    expect(err).toContain('as signed');
  });

  test('a key without a folder, a key that is not there and a key of another kind are bad usage', async () => {
    vi.stubEnv('LIBRARY_KEY', join(home, 'nowhere.pem'));
    expect(await exportKfre()).toMatchObject({ code: 2, err: expect.stringContaining('there is no') });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    writeFileSync(join(home, 'rsa.pem'), rsa.export({ type: 'spki', format: 'pem' }));
    vi.stubEnv('LIBRARY_KEY', join(home, 'rsa.pem'));
    expect(await exportKfre()).toMatchObject({ code: 2, err: expect.stringContaining('no Ed25519 key') });
    vi.stubEnv('LIBRARY_DIR', '');
    expect(await exportKfre()).toMatchObject({ code: 2, err: expect.stringContaining('without LIBRARY_DIR') });
  });
});

describe('with two people’s keys (V14: what advises is changed by two)', () => {
  const second = generateKeyPairSync('ed25519');
  beforeEach(() => {
    writeFileSync(join(home, 'second.pub.pem'), second.publicKey.export({ type: 'spki', format: 'pem' }));
    vi.stubEnv('LIBRARY_KEY', [join(home, 'key.pub.pem'), join(home, 'second.pub.pem')].join(delimiter));
  });

  test('a folder that one of them signed is refused, and one that both signed is used', async () => {
    expect(await exportKfre()).toMatchObject({ code: 1, err: expect.stringContaining('expected signatures by 2') });
    await signFolder(site, privateKey);
    expect((await exportKfre()).code).toBe(1);
    expect(await signFolder(site, second.privateKey)).toEqual({ files: 1, signers: 2 });
    expect((await exportKfre()).code).toBe(0);
  });

  test('a signature on what the folder was before goes with it', async () => {
    writeFileSync(join(site, 'site.json'), JSON.stringify({ 'kfre-region': 'north-america' }));
    expect(await signFolder(site, second.privateKey)).toEqual({ files: 1, signers: 1 });
    expect((await exportKfre()).code).toBe(1);
  });

  test('one person’s signature under two names is one', async () => {
    const path = join(site, 'library.sig');
    const signed = JSON.parse(readFileSync(path, 'utf8'));
    await signFolder(site, second.privateKey);
    const [, { key }] = JSON.parse(readFileSync(path, 'utf8')).signatures;
    writeFileSync(
      path,
      JSON.stringify({ ...signed, signatures: [...signed.signatures, { ...signed.signatures[0], key }] }),
    );
    expect((await exportKfre()).code).toBe(1);
  });
});

test('without a key a signature is not silently passed over: it is said that nobody checked it', async () => {
  vi.stubEnv('LIBRARY_KEY', '');
  expect(await exportKfre()).toEqual({ code: 0, err: 'library.sig not checked: no LIBRARY_KEY' });
});
