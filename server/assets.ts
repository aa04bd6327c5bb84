/** The built client: hashed files for ever, compressed ones where the build made them, and the page itself. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Context, Handler } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.onnx': 'application/octet-stream',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** What the build left. */
export interface Assets {
  /** `index.html`, for `/l/:launchId/`. */
  readonly index: string;
  /** Answers from the list made at the start; a path that is not on it falls through. */
  readonly handler: Handler;
}

/** Lists `dir`. Throws when there is no `index.html` in it: the client has not been built. */
export async function loadAssets(dir: string): Promise<Assets> {
  const index = await readFile(join(dir, 'index.html'), 'utf8').catch(() => {
    throw new Error('the client is not built: run `npm run build`');
  });
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = new Map(paths.map((path) => [`/${relative(dir, path).split(sep).join('/')}`, path]));
  files.delete('/index.html');

  const handler: Handler = async (c, next) => {
    const { path } = c.req;
    const type = TYPES[extname(path)];
    if (!files.has(path) || type === undefined) return next();
    const { encoding, file } = smallest(c, path);
    c.set('immutable', path.startsWith('/assets/'));
    // The worker alone may compile WebAssembly.
    c.set('wasm', /worker[^/]*\.m?js$/.test(path));
    c.header('content-type', type);
    c.header('vary', 'Accept-Encoding');
    if (encoding) c.header('content-encoding', encoding);
    return c.body(new Uint8Array(await readFile(file)));
  };

  function smallest(c: Context, path: string): { encoding?: string; file: string } {
    const accepted = c.req.header('accept-encoding') ?? '';
    for (const [encoding, suffix] of ENCODINGS) {
      const file = files.get(path + suffix);
      if (file && new RegExp(`\\b${encoding}\\b`).test(accepted)) return { encoding, file };
    }
    return { file: files.get(path) ?? '' };
  }
  return { index, handler };
}
