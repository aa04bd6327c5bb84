import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contentsOf } from '../../../models/engine/facts/bundle.ts';
import type { Coding } from '../../../models/engine/facts/facts.ts';
import { inValueSet } from '../../../models/engine/facts/value-sets.ts';
import type { ValueSet } from '../../../models/engine/library.ts';

const FOLDER = new URL('../../../models/value-sets/', import.meta.url);
const PATIENTS = new URL('../../../../shared/patients/', import.meta.url);
const SETS: readonly ValueSet[] = readdirSync(FOLDER).map(
  (name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as ValueSet,
);

function set(id: string): ValueSet {
  const found = SETS.find((each) => each.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
}

const icd10 = (code: string): Coding => ({ system: 'http://hl7.org/fhir/sid/icd-10-cm', code });
const icd9 = (code: string): Coding => ({ system: 'http://hl7.org/fhir/sid/icd-9-cm', code });
const snomed = (code: string): Coding => ({ system: 'http://snomed.info/sct', code });

describe('what a code means', () => {
  it('is decided by exact SNOMED code and by ICD prefix, with or without the point', () => {
    expect(inValueSet([snomed('44054006')], set('diabetes'))).toBe(true);
    expect(inValueSet([icd10('E11.65')], set('diabetes'))).toBe(true);
    expect(inValueSet([icd10('e1165')], set('diabetes'))).toBe(true);
    expect(inValueSet([icd9('250.02')], set('type-2-diabetes'))).toBe(true);
    expect(inValueSet([icd9('250.01')], set('type-2-diabetes'))).toBe(false);
    expect(inValueSet([icd9('250.01')], set('diabetes'))).toBe(true);
  });

  it('is not decided by a look-alike: another system, prediabetes, diabetes insipidus, atrial flutter', () => {
    expect(inValueSet([{ system: 'urn:local', code: 'E11' }], set('diabetes'))).toBe(false);
    expect(inValueSet([{ code: '44054006' }], set('diabetes'))).toBe(false);
    expect(inValueSet([snomed('15777000'), icd10('R73.03'), icd10('E23.2'), icd9('253.5')], set('diabetes'))).toBe(
      false,
    );
    expect(inValueSet([icd9('427.32')], set('atrial-fibrillation'))).toBe(false);
    expect(inValueSet([snomed('44054006x'), icd10('')], set('diabetes'))).toBe(false);
  });

  it('says for every value set where its codes come from, and lists no code twice', () => {
    for (const { id, codes, citations } of SETS) {
      expect([id, citations.length > 0]).toEqual([id, true]);
      const keys = codes.map(({ system, code }) => `${system}|${code}`);
      expect([id, keys.filter((key, index) => keys.indexOf(key) !== index)]).toEqual([id, []]);
    }
  });

  it('holds for SNOMED codes with a right check digit only', () => {
    const wrong = SETS.flatMap(({ id, codes }) =>
      codes.filter(({ system }) => system.includes('snomed')).map(({ code, display }) => ({ id, code, display })),
    ).filter(({ code }) => !hasVerhoeffDigit(code));
    expect(wrong).toEqual([]);
  });
});

describe.skipIf(!existsSync(PATIENTS))('the problems of the shared charts', () => {
  const charted = new Map<string, Coding & { display?: string }>();
  const collect = (resource: unknown): void => {
    const { resourceType, code } = resource as { resourceType?: string; code?: { coding?: Coding[] } };
    if (resourceType !== 'Condition') return;
    for (const coding of code?.coding ?? []) charted.set(`${coding.system}|${coding.code}`, coding);
  };
  for (const name of existsSync(PATIENTS) ? readdirSync(PATIENTS).filter((each) => each.endsWith('.json')) : []) {
    contentsOf(JSON.parse(readFileSync(new URL(encodeURIComponent(name), PATIENTS), 'utf8'))).resources.forEach(
      collect,
    );
  }
  const mimic = new URL('mimic3_demo_fhir/Condition.ndjson.gz', PATIENTS);
  if (existsSync(mimic))
    for (const line of gunzipSync(readFileSync(mimic)).toString().trim().split('\n')) collect(JSON.parse(line));

  it.each([
    ['diabetes', /^(?!.*(insipidus|pre-?diabetes|gestational)).*diabet/i],
    ['atrial-fibrillation', /atrial fibrillation/i],
    ['heart-failure', /(?<!without )(heart failure|failure \(congestive\))/i],
    ['hypertension', /^(?!.*(pulmonary|portal|without)).*\bhypertension/i],
    ['acute-kidney-injury', /acute (kidney|renal) (failure|insufficiency)/i],
    ['chronic-kidney-disease', /^(?!Hypertensive).*chronic kidney disease/i],
    ['kidney-transplant', /kidney replaced by transplant/i],
    ['comfort-care', /palliative|hospice/i],
    ['pregnancy', /^(normal pregnancy|patient currently pregnant|pregnant)/i],
  ])('named so are in %s', (id, name) => {
    const missed = [...charted.values()].filter(
      (coding) =>
        name.test(coding.display ?? '') &&
        !coding.system?.startsWith('urn:') &&
        !/encounter status|ruled out|family history/i.test(coding.display ?? ''),
    );
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.filter((coding) => !inValueSet([coding], set(id)))).toEqual([]);
  });
});

/** SNOMED identifiers end in a Verhoeff check digit. */
function hasVerhoeffDigit(code: string): boolean {
  const d = (a: number, b: number): number => {
    const turn = (x: number, y: number) => (x + y) % 5;
    if (a < 5) return b < 5 ? turn(a, b) : turn(a, b - 5) + 5;
    return b < 5 ? ((a - 5 - b + 5) % 5) + 5 : (a - b + 5) % 5;
  };
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  let check = 0;
  [...code].reverse().forEach((digit, index) => {
    let value = Number(digit);
    for (let times = 0; times < index % 8; times += 1) value = step[value] ?? 0;
    check = d(check, value);
  });
  return check === 0;
}
