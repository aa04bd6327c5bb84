/** The page and the library are made of their sources and nothing else: two builds, in two folders, are the same to the last byte (V15). */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishedOf } from '../../server/library/published.ts';
import { loadLibrary } from '../../server/library.ts';

const SOURCES = ['client', 'launch', 'models', 'package.json', 'tsconfig.json', 'vite.config.ts'];
const BUILD = `import { build } from 'vite';
await build({ root: 'client', configFile: 'vite.config.ts', build: { outDir: '../page', emptyOutDir: true }, logLevel: 'error' });`;

const folder = mkdtempSync(join(tmpdir(), 'reproducible-'));
const copies = ['one', 'another/further/down'].map((name) => join(folder, name));
beforeAll(async () => {
  // The second is a copy of the first: what is edited meanwhile is in neither or in both.
  const [first = '', second = ''] = copies;
  for (const source of SOURCES) cpSync(source, join(first, source), { recursive: true });
  cpSync(first, second, { recursive: true });
  for (const copy of copies) {
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    const { NODE_ENV: _, ...env } = process.env;
    await promisify(execFile)(resolve('node_modules/.bin/node'), ['--input-type=module', '-e', BUILD], {
      cwd: copy,
      env,
    });
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function digestsOf(page: string): ReadonlyMap<string, string> {
  const files = readdirSync(page, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(page.length), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

it('the page, script by script', () => {
  const [one, another] = copies.map((copy) => digestsOf(join(copy, 'page')));
  expect(one?.size).toBeGreaterThan(10);
  expect(another).toEqual(one);
});

it('the library, file by file', async () => {
  const [one, another] = await Promise.all(
    copies.map(async (copy) => {
      const { files, library } = publishedOf(await loadLibrary({ dir: join(copy, 'models') }));
      return {
        digest: library.digest,
        files: [...files].map(([url, { bytes }]) => [url, Buffer.from(bytes).toString('base64')]),
      };
    }),
  );
  expect(one?.files.length).toBeGreaterThan(3);
  expect(another).toEqual(one);
});
