import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTenants } from '../../../launch/tenants.ts';
import type { CodeMap } from '../../../models/engine/facts/code-map.ts';
import { run } from '../../../server/cli.ts';
import { parseCodeMap, withCodeMaps } from '../../../server/code-map.ts';
import { lab, loinc, PATIENT, read, ucum } from './charts.ts';

const LOCAL = 'https://hospital.example/labcodes';
const MAP: CodeMap = {
  version: '2026-11',
  decimalComma: true,
  codes: [
    { system: LOCAL, code: 'KREA', loinc: '2160-0' },
    { system: LOCAL, code: 'K', loinc: '2823-3', defaultUnit: 'mmol/L' },
  ],
  units: [{ text: 'mikromol/l', ucum: 'umol/L' }],
};
const local = (code: string, more: object = {}) =>
  lab({ code: { coding: [{ system: LOCAL, code, display: `${code} local` }] }, ...more });
const valueRead = (key: string, resource: unknown, codeMap: CodeMap | undefined = MAP) =>
  read([resource], codeMap === undefined ? {} : { codeMap }).observation[key]?.[0]?.value;

describe('a site’s own codes', () => {
  it('mean nothing without a map, and their measurement with it', () => {
    const result = local('KREA', { valueQuantity: ucum(88.42, 'umol/L') });
    expect(read([result]).observation).toEqual({});
    expect(valueRead('creatinine', result)).toBeCloseTo(1.0002, 3);
  });

  it('are asked only where the chart gives no LOINC code', () => {
    const coding = [
      { system: 'http://loinc.org', code: '9999-9' },
      { system: LOCAL, code: 'KREA' },
    ];
    expect(valueRead('creatinine', lab({ code: { coding } }))).toBeUndefined();
  });

  it('bring a unit for results that come without one, and never over a unit that is there', () => {
    expect(valueRead('potassium', local('K', { valueQuantity: { value: 4.1 } }))).toBe(4.1);
    expect(valueRead('potassium', local('K', { valueQuantity: { value: 4.1, unit: 'mg/dL' } }))).toBeCloseTo(1.0486, 3);
    expect(valueRead('potassium', local('K', { valueQuantity: { value: 4.1, unit: 'widgets' } }))).toBeUndefined();
    expect(read([local('KREA', { valueQuantity: { value: 1.1 } })], { codeMap: MAP }).unread).toMatchObject([
      { reason: 'unit-missing' },
    ]);
  });

  it('come with the site’s words for units', () => {
    const result = lab({ valueQuantity: { value: 100, unit: 'Mikromol / L' } });
    expect(valueRead('creatinine', result)).toBeCloseTo(1.1312, 4);
    expect(read([result]).unread).toMatchObject([{ reason: 'unit-unknown' }]);
  });

  it('stand under the same limits as every other value', () => {
    expect(valueRead('creatinine', local('KREA', { valueQuantity: ucum(138, 'mg/dL') }))).toBeUndefined();
  });
});

describe('a site’s way of writing numbers', () => {
  const written = (valueString: string, decimalComma: boolean | undefined) =>
    valueRead(
      'platelets',
      lab({ code: loinc('777-3'), valueQuantity: undefined, valueString: `${valueString} /uL` }),
      decimalComma === undefined ? undefined : { ...MAP, decimalComma },
    );
  it.each([
    ['210.500', true, 210.5],
    ['210,500', false, 210.5],
    ['210.500,0', true, 210.5],
  ])('%s with decimalComma %s is 210,500 per microlitre', (text, comma, thousands) => {
    expect(written(text, comma)).toBe(thousands);
  });

  it.each([
    ['4,1', true, 4.1],
    ['4,1', undefined, 4.1],
    ['4,1', false, undefined],
    ['1.004', true, undefined],
    ['4.1', true, 4.1],
  ])('potassium %s with decimalComma %s is %s', (text, comma, expected) => {
    const resource = lab({ code: loinc('2823-3'), valueQuantity: undefined, valueString: `${text} mmol/L` });
    expect(valueRead('potassium', resource, comma === undefined ? undefined : { ...MAP, decimalComma: comma })).toBe(
      expected,
    );
  });
});

describe('a code map', () => {
  const problems = (change: object) => {
    try {
      parseCodeMap(JSON.stringify({ ...MAP, ...change }));
      return [];
    } catch (error) {
      return (error as { problems: readonly string[] }).problems;
    }
  };
  it('is read as it stands', () => expect(parseCodeMap(JSON.stringify(MAP))).toEqual(MAP));

  it.each([
    [
      'a LOINC code this app does not read',
      { codes: [{ system: LOCAL, code: 'X', loinc: '0000-0' }] },
      'codes.0.loinc',
    ],
    [
      'a default unit that measures something else',
      { codes: [{ system: LOCAL, code: 'K', loinc: '2823-3', defaultUnit: 'mm[Hg]' }] },
      'codes.0.defaultUnit',
    ],
    [
      'one code mapped twice',
      { codes: [MAP.codes[0], { ...MAP.codes[0], loinc: '2823-3' }] },
      'codes.1.code: mapped twice',
    ],
    ['a unit nobody knows', { units: [{ text: 'x', ucum: 'furlong' }] }, 'units.0.ucum'],
    ['a UCUM unit turned into another', { units: [{ text: 'mg/dL', ucum: 'mmol/L' }] }, 'units.0.text'],
    ['a field of no meaning', { colour: 'red' }, ''],
  ])('with %s is refused, and says where', (_why, change, where) => {
    expect(problems(change)).toHaveLength(1);
    expect(problems(change)[0]).toContain(where);
  });
});

describe('a tenant', () => {
  const registry = (codeMap: unknown) => ({
    tenants: [
      {
        id: 'hospital',
        name: 'Hospital',
        iss: 'https://ehr.example/fhir',
        clientId: 'attune',
        auth: { method: 'none' },
        frameAncestors: [],
        writeBack: { enabled: false },
        codeMap,
      },
    ],
  });
  it('names the file of its map, which is read and checked before the server starts', async () => {
    const read = await withCodeMaps(registry('map.json'), async () => JSON.stringify(MAP));
    expect(readTenants(read).byId('hospital')?.codeMap).toEqual(MAP);
  });

  it('with a wrong map, or a map in the place of its file, keeps the server from starting', async () => {
    await expect(withCodeMaps(registry('map.json'), async () => '{"version":"1"}')).rejects.toThrow('codes');
    await expect(withCodeMaps(registry(MAP), async () => '')).rejects.toThrow('names a file');
  });
});

describe('attune unmapped', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulk-'));
    const results = [
      local('KREA', { id: 'o1', valueQuantity: { value: 98, unit: 'mikromol/l' } }),
      local('KREA', { id: 'o2', valueQuantity: { value: 99, unit: 'mikromol/l' } }),
      lab({ id: 'o3', valueQuantity: { value: 98, unit: 'mikromol/l' } }),
      lab({ id: 'o4' }),
      lab({ id: 'o5', code: loinc('99999-9') }),
    ];
    writeFileSync(join(folder, 'Patient.ndjson'), `${JSON.stringify(PATIENT)}\n`);
    writeFileSync(
      join(folder, 'Observation.ndjson.gz'),
      gzipSync(results.map((result) => JSON.stringify(result)).join('\n')),
    );
    writeFileSync(join(folder, 'map.json.txt'), JSON.stringify(MAP));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const attune = async (...argv: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(argv, {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      stdin: async () => '',
    });
    return { code, out: out.map((line) => JSON.parse(line) as Record<string, unknown>), err };
  };

  it('counts local codes and refused units of a bulk export, ready to be mapped', async () => {
    const { code, out } = await attune('unmapped', folder);
    expect(code).toBe(0);
    expect(out).toEqual([
      { kind: 'code', system: LOCAL, code: 'KREA', display: 'KREA local', unit: 'mikromol/l', count: 2 },
      {
        kind: 'unit',
        system: 'http://loinc.org',
        code: '2160-0',
        display: 'Creatinine [Mass/volume] in Serum or Plasma',
        unit: 'mikromol/l',
        path: 'observation.creatinine',
        reason: 'unit-unknown',
        count: 1,
      },
    ]);
  });

  it('has nothing left to say once the map is used, and evaluate then reads all three', async () => {
    const map = join(folder, 'map.json.txt');
    expect((await attune('unmapped', folder, '--code-map', map)).out).toEqual([]);
    const { out } = await attune('evaluate', folder, '--now', '2026-11-20T09:00:00Z', '--code-map', map);
    const facts = (out[0]?.facts ?? []) as readonly { readonly path: string }[];
    expect(facts.filter(({ path }) => path === 'observation.creatinine')).toHaveLength(4);
  });

  it('says what is wrong with a map instead of reading without it', async () => {
    writeFileSync(join(folder, 'bad.txt'), '{"version":"1","codes":[],"units":[{"text":"x","ucum":"furlong"}]}');
    const { code, err } = await attune('evaluate', folder, '--code-map', join(folder, 'bad.txt'));
    expect(code).toBe(2);
    expect(err.join('\n')).toContain('units.0.ucum');
  });
});
