/**
 * The compressed form of a served file. The project's own were made by the build; a site's own library is compressed
 * when the first browser asks, quickly, and behind that answer once more as small as it gets.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { sha256 } from './canonical.ts';
import type { ServedFile } from './risk.ts';

const brotli = promisify(brotliCompress);
const made = new WeakMap<ServedFile, Promise<Uint8Array>>();
/** For the library's 1.6 MB: 0.1 s, against 4 s for a tenth less. Smaller files are as small as they get at once. */
const QUICK = 9;
const LARGE_BYTES = 20_000;

/** The file's bytes under `content-encoding: br`, as small as they are so far. */
export function brotliOf(file: ServedFile): Promise<Uint8Array> {
  const known = made.get(file);
  if (known) return known;
  const large = file.bytes.length > LARGE_BYTES;
  const first = large ? compress(file.bytes, QUICK) : smallest(file.bytes);
  made.set(file, first);
  if (large) void first.then(() => smallest(file.bytes)).then((bytes) => made.set(file, Promise.resolve(bytes)));
  return first;
}

/** Writes the compressed form of each file into `folder`, under the digest of what it holds. */
export async function writeCompressed(folder: string, files: Iterable<ServedFile>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { bytes } of files) await writeFile(pathOf(folder, bytes), await smallest(bytes));
}

/** Takes what `writeCompressed` left for these files; a file that it has nothing for is compressed when it is asked for. */
export async function takeCompressed(folder: string, files: Iterable<ServedFile>): Promise<void> {
  await Promise.all(
    [...files].map(async (file) => {
      const bytes = await readFile(pathOf(folder, file.bytes)).catch(() => undefined);
      if (bytes) made.set(file, Promise.resolve(bytes));
    }),
  );
}

/** 11 is the smallest nearly always; of packed numbers 10 makes less. */
async function smallest(bytes: Uint8Array): Promise<Uint8Array> {
  const [ten, eleven] = [await compress(bytes, 10), await compress(bytes, 11)];
  return ten.length < eleven.length ? ten : eleven;
}

function compress(bytes: Uint8Array, quality: number): Promise<Uint8Array> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotli(bytes, { params: { [BROTLI_PARAM_QUALITY]: quality, [BROTLI_PARAM_SIZE_HINT]: bytes.length } });
}

function pathOf(folder: string, bytes: Uint8Array): string {
  return join(folder, `${sha256(bytes)}.br`);
}
