/** The compressed form of a served file: made once, when the first browser asks, so that the command line never waits for it. */
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { ServedFile } from './risk.ts';

const brotli = promisify(brotliCompress);
const made = new WeakMap<ServedFile, Promise<Uint8Array>>();

/** The file's bytes under `content-encoding: br`. */
export function brotliOf(file: ServedFile): Promise<Uint8Array> {
  const known = made.get(file);
  if (known) return known;
  // 10 is a tenth smaller than 9 for these files and a quarter of a second slower, once; 11 is slower still for 1 %.
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 10, [BROTLI_PARAM_SIZE_HINT]: file.bytes.length };
  const fresh = brotli(file.bytes, { params });
  made.set(file, fresh);
  return fresh;
}
