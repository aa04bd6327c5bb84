/** A file that is only ever appended to: one checkpoint a line, on disk before it counts. */
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Line, linesOf } from './checkpoint.ts';

/** Its name in the data folder, where no other place is configured. */
export const CHECKPOINTS = 'attune.checkpoints';

/** The last 4 KiB hold ten checkpoints. */
const TAIL = 4_096;

/** Where checkpoints go. */
export interface CheckpointFile {
  /** The first line names the file; the last one is followed by the next. Both absent in a new file. */
  ends(): Promise<{ readonly first: Line; readonly last: Line } | undefined>;
  /** Settles after fsync. */
  append(line: string): Promise<void>;
}

/** The file need not exist; its folder must. */
export function checkpointFile(path: string): CheckpointFile {
  let first: Line | undefined;
  return {
    async ends() {
      first ??= linesOf(await textOf(path))[0];
      const last = linesOf(await tailOf(path)).at(-1) ?? linesOf(await textOf(path)).at(-1);
      return first && last && { first, last };
    },
    async append(line) {
      const file = await open(path, 'a+', 0o640);
      try {
        const { size } = await file.stat();
        const { buffer } = size === 0 ? { buffer: undefined } : await file.read(Buffer.alloc(1), 0, 1, size - 1);
        // What a crash tore stays a line of its own, which nobody takes for a checkpoint.
        const torn = buffer !== undefined && buffer[0] !== 0x0a;
        await file.appendFile(`${torn ? '\n' : ''}${line}\n`);
        await file.sync();
        if (size === 0) await syncFolder(dirname(path));
      } finally {
        await file.close();
      }
    },
  };
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL), 0, TAIL, Math.max(0, size - TAIL));
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A new file's name is on disk only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
