/** Everything wrong in a tenants file and its code maps, each with its line: for the terminal of whoever writes or signs it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { TenantsFile } from '../../launch/tenants.ts';
import { isObject } from '../../models/engine/facts/json.ts';
import { CodeMapError, parseCodeMap } from '../code-map.ts';
import type { Problem } from '../library/problem.ts';
import { problemAt, readKnowledge } from '../library/read.ts';
import { checkWritten } from './registry.ts';
import { digestOf } from './signatures.ts';
import { codeMapsIn } from './snapshot.ts';

const ADVICE = 'see “A tenant” in docs/for-it.md';

/** A file that may be used, or why not. */
export type CheckedFile =
  | { readonly problems: readonly Problem[] }
  | { readonly problems: readonly []; readonly file: z.infer<typeof TenantsFile>; readonly digest: string };

/** The file as it is written, code maps by name: they are looked at by themselves, so that each line is found in its own file. */
const Written = z.preprocess((registry) => {
  if (!isObject(registry) || !Array.isArray(registry.tenants)) return registry;
  const tenants = registry.tenants.map((tenant: unknown) =>
    isObject(tenant) && tenant.codeMap !== undefined
      ? { ...tenant, codeMap: typeof tenant.codeMap === 'string' ? {} : null }
      : tenant,
  );
  return { ...registry, tenants };
}, TenantsFile);

/** Checks the file at `path`. What it names is found beside it. */
export async function checkFile(path: string): Promise<CheckedFile> {
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  const read = await readKnowledge({ absolute: path, file: path, schema: Written, advice: ADVICE }, report);
  if (!read) return { problems };
  const written: unknown = JSON.parse(read.source.text);
  const maps = new Map<string, string>();
  for (const name of new Set(codeMapsIn(written))) {
    const text = await readFile(resolve(dirname(path), name), 'utf8').catch(() => undefined);
    if (text === undefined) report(absent(read.source, written, name));
    else for (const problem of mapProblems(resolve(dirname(path), name), text)) report(problem);
    maps.set(name, text ?? '');
  }
  if (problems.length > 0) return { problems };
  const codeMaps = new Map([...maps].map(([name, text]) => [name, Buffer.from(text)]));
  return {
    problems: [],
    file: await checkWritten(written, (name) => maps.get(name) ?? ''),
    digest: digestOf({ tenants: Buffer.from(read.source.text), codeMaps }),
  };
}

function absent(source: { file: string; text: string }, written: unknown, name: string): Problem {
  const tenants = isObject(written) && Array.isArray(written.tenants) ? written.tenants : [];
  const index = tenants.findIndex((tenant: unknown) => isObject(tenant) && tenant.codeMap === name);
  return problemAt(source, ['tenants', index, 'codeMap'], {
    expected: 'the name of a file beside this one',
    found: `${JSON.stringify(name)}, which cannot be read`,
    advice: 'check its name and its permissions',
  });
}

function mapProblems(file: string, text: string): readonly Problem[] {
  try {
    parseCodeMap(text);
    return [];
  } catch (error) {
    if (!(error instanceof CodeMapError)) throw error;
    return error.found.map(({ path, message }) =>
      problemAt({ file, text }, path, {
        expected: 'a code map',
        found: message,
        advice: 'see “a code map” in docs/reading-a-chart.md',
      }),
    );
  }
}
