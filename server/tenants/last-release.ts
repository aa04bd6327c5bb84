/** The last signed release that was in force here, kept in the data folder: a restart does not let an earlier one back in. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Release } from './registry.ts';

const FILE = 'tenants-release.json';
const Kept = z.strictObject({ version: z.int().min(1), digest: z.string().regex(/^[0-9a-f]{64}$/) });

/** `undefined` before the first. @throws on a file that is not ours */
export async function lastRelease(dataDir: string): Promise<Release | undefined> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : Kept.parse(JSON.parse(text));
}

/** Whole or not at all: a crash leaves the one before. */
export async function keepRelease(dataDir: string, { version, digest }: Release): Promise<void> {
  const path = join(dataDir, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify({ version, digest })}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
