/** `npm run build`: the knowledge is validated, the client built and compressed, the editors' schemas written. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'vite';
import { writeCompressed } from './library/compressed.ts';
import { jsonSchemas } from './library/json-schemas.ts';
import { publishedOf } from './library/published.ts';
import { loadLibrary } from './library.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLIENT = join(ROOT, 'dist/client');
const LIBRARY = join(ROOT, 'dist/library');
const COMPRESSED = new Set(['.css', '.html', '.js', '.json', '.mjs', '.svg', '.wasm']);
const brotli = promisify(brotliCompress);

const loaded = await loadLibrary({ dir: join(ROOT, 'models') });
process.stderr.write(`library ${loaded.library.version} ${loaded.library.digest}\n`);
await writeSchemas();
await rm(CLIENT, { recursive: true, force: true });
await build({
  root: join(ROOT, 'client'),
  configFile: join(ROOT, 'vite.config.ts'),
  build: { outDir: CLIENT },
  logLevel: 'warn',
});
await compress(CLIENT);
await compressLibrary();

async function writeSchemas(): Promise<void> {
  for (const [name, text] of Object.entries(jsonSchemas())) {
    const path = join(ROOT, 'models/schemas', name);
    const held = await readFile(path, 'utf8').catch(() => '');
    if (held !== text) await writeFile(path, text);
  }
}

/** The library's files as the server will publish them; all but the whole, which no page reads. */
async function compressLibrary(): Promise<void> {
  const { files, whole } = publishedOf(loaded);
  await rm(LIBRARY, { recursive: true, force: true });
  await writeCompressed(
    LIBRARY,
    [...files].flatMap(([url, file]) => (url === whole ? [] : [file])),
  );
}

/** A `.br` beside every file that text compression helps; made once here so that no request waits for it. */
async function compress(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !COMPRESSED.has(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    await writeFile(
      `${path}.br`,
      await brotli(bytes, {
        params: {
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          // The 14 MB of WebAssembly load after Today has settled: the last tenth is not worth half a minute of every build.
          [constants.BROTLI_PARAM_QUALITY]: bytes.length > 4_000_000 ? 9 : 11,
        },
      }),
    );
  }
}
