/** A tenant's code map, checked before anything is read with it: every wrong line is named, none is skipped. */
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { ANALYTE_BY_LOINC } from '../models/engine/facts/analytes.ts';
import type { CodeMap } from '../models/engine/facts/code-map.ts';
import { isObject } from '../models/engine/facts/json.ts';
import { conversionFor, KNOWN_UNITS, ucumUnit } from '../models/engine/facts/units.ts';

const text = z.string().trim().min(1).max(200);
const knownUnit = text.refine((unit) => KNOWN_UNITS.includes(unit), {
  error: 'not a UCUM unit that this app knows',
});

const localCode = z
  .strictObject({
    system: text,
    code: text,
    loinc: text.refine((loinc) => ANALYTE_BY_LOINC.has(loinc), {
      error: 'not a LOINC code of a measurement that this app reads',
    }),
    defaultUnit: knownUnit.exactOptional(),
  })
  .refine(
    ({ loinc, defaultUnit }) => {
      const match = ANALYTE_BY_LOINC.get(loinc);
      return (
        defaultUnit === undefined || match === undefined || conversionFor(match.analyte, defaultUnit) !== undefined
      );
    },
    { error: 'the unit does not measure this', path: ['defaultUnit'] },
  );

const localUnit = z
  .strictObject({ text, ucum: knownUnit })
  // `mg/dL` means milligrams per decilitre everywhere; a map that says otherwise is a mistake.
  .refine(({ text: written, ucum }) => !KNOWN_UNITS.includes(written) || ucumUnit(written) === ucum, {
    error: 'a UCUM unit keeps its meaning',
    path: ['text'],
  });

const codeMap = z
  .strictObject({
    version: text,
    decimalComma: z.boolean().exactOptional(),
    codes: z.array(localCode).max(20_000),
    units: z.array(localUnit).max(2_000),
  })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    for (const [index, { system, code }] of value.codes.entries()) {
      const key = `${system}|${code}`;
      if (seen.has(key))
        issues.push({ code: 'custom', message: 'mapped twice', path: ['codes', index, 'code'], input: code });
      seen.add(key);
    }
  });

/** One thing wrong in a map: where, and what. */
export interface CodeMapProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong in a map, also one line a problem: `codes.3.loinc: …`. */
export class CodeMapError extends Error {
  readonly found: readonly CodeMapProblem[];
  readonly problems: readonly string[];
  constructor(found: readonly CodeMapProblem[]) {
    const problems = found.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    super(`the code map is not usable: ${problems.join('; ')}`);
    this.found = found;
    this.problems = problems;
  }
}

/** The map in a JSON document. @throws CodeMapError */
export function parseCodeMap(json: string): CodeMap {
  let value: unknown;
  try {
    value = JSON.parse(json) as unknown;
  } catch {
    throw new CodeMapError([{ path: [], message: 'not JSON' }]);
  }
  const checked = codeMap.safeParse(value);
  if (!checked.success)
    throw new CodeMapError(
      checked.error.issues.map(({ path, message }) => ({
        path: path.filter((part) => typeof part !== 'symbol'),
        message,
      })),
    );
  return checked.data;
}

/**
 * A registry of tenants in which each `codeMap` (the name of a file) is the map it names. Each file is read once; `parse`
 * may know it already.
 * @throws CodeMapError, and so refuses to start, on a map that is wrong
 */
export async function withCodeMaps(
  registry: unknown,
  read: (file: string) => Promise<string>,
  parse: (json: string) => CodeMap = parseCodeMap,
): Promise<unknown> {
  if (!isObject(registry) || !Array.isArray(registry.tenants)) return registry;
  const maps = new Map<string, CodeMap>();
  const tenants: unknown[] = [];
  for (const tenant of registry.tenants as readonly unknown[]) {
    if (!isObject(tenant) || tenant.codeMap === undefined) {
      tenants.push(tenant);
      continue;
    }
    const { codeMap: file } = tenant;
    if (typeof file !== 'string') throw new CodeMapError([{ path: [], message: `${tenant.id}: codeMap names a file` }]);
    const codeMap = maps.get(file) ?? parse(await read(file));
    maps.set(file, codeMap);
    tenants.push({ ...tenant, codeMap });
    // A large map takes tens of milliseconds: a running server answers others in between.
    await setImmediate();
  }
  return { ...registry, tenants };
}
