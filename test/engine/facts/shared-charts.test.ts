/** Charts of many origins, when they are there: nothing breaks, nothing impossible becomes a number, and what was refused is shown. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ANALYTE_BY_KEY, ANALYTE_BY_LOINC } from '../../../models/engine/facts/analytes.ts';
import { contentsOf, patientOf } from '../../../models/engine/facts/bundle.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { readFacts } from '../../../models/engine/facts/read.ts';
import { DRUGS, NOW } from './charts.ts';

const PATIENTS = new URL('../../../../shared/patients/', import.meta.url);
const MIMIC = new URL('mimic3_demo_fhir/', PATIENTS);

interface Tally {
  readonly reasons: Record<string, number>;
  readonly resolutions: Record<string, number>;
  numbers: number;
  readonly impossible: unknown[];
}

function add(tally: Tally, facts: Facts): void {
  for (const { reason } of facts.unread) tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1;
  for (const { resolution, sources } of facts.medication)
    tally.resolutions[resolution] = (tally.resolutions[resolution] ?? 0) + sources.length;
  for (const [key, list] of Object.entries(facts.observation)) {
    const [low = 0, high = 0] = ANALYTE_BY_KEY.get(key)?.plausible ?? [];
    tally.numbers += list.length;
    for (const fact of list) {
      const censored = fact.comparator?.startsWith('<') === true;
      if (fact.value > high || (fact.value < low && !censored)) tally.impossible.push(fact);
    }
  }
}

const empty = (): Tally => ({ reasons: {}, resolutions: {}, numbers: 0, impossible: [] });

describe.skipIf(!existsSync(PATIENTS))('the shared sample charts', () => {
  it('are all read: no crash, no impossible number, every RxNorm-coded medicine resolved', () => {
    const tally = empty();
    const unresolved: string[] = [];
    const files = readdirSync(PATIENTS).filter((name) => name.endsWith('.json'));
    for (const name of files) {
      const bundle: unknown = JSON.parse(readFileSync(new URL(encodeURIComponent(name), PATIENTS), 'utf8'));
      const { resources, fullUrls } = contentsOf(bundle);
      const found = patientOf(bundle);
      const ids = found.state === 'one' ? [found.patientId] : found.state === 'several' ? found.patientIds : ['nobody'];
      for (const patientId of ids) {
        const facts = readFacts({ patientId, resources, fullUrls, drugs: DRUGS, now: NOW });
        add(tally, facts);
        unresolved.push(
          ...facts.medication.filter(({ resolution }) => resolution === 'unresolved').map(({ text }) => text),
        );
      }
    }
    console.table({ numbers: tally.numbers, ...tally.reasons, ...tally.resolutions });
    expect(files).toHaveLength(56);
    expect(tally.impossible).toEqual([]);
    expect(tally.numbers).toBeGreaterThan(5000);
    // A herbal extract that RxNorm's prescribable content does not hold.
    expect(new Set(unresolved)).toEqual(new Set(['Black Cohosh Extract herbal supplement']));
  });
});

describe.skipIf(!existsSync(MIMIC))('the intensive-care charts', () => {
  const lines = (name: string): Record<string, unknown>[] =>
    gunzipSync(readFileSync(new URL(`${name}.ndjson.gz`, MIMIC)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('are read: 98 % of the laboratory values asked for become numbers, the entry errors do not', () => {
    const bySubject = new Map<string, unknown[]>();
    let asked = 0;
    for (const resource of [...lines('Observation-labs'), ...lines('MedicationRequest'), ...lines('Condition')]) {
      const { reference } = resource.subject as { reference: string };
      const list = bySubject.get(reference);
      if (list === undefined) bySubject.set(reference, [resource]);
      else list.push(resource);
      const codings = (resource.code as { coding?: { code?: string }[] } | undefined)?.coding ?? [];
      if (resource.resourceType === 'Observation' && codings.some(({ code }) => ANALYTE_BY_LOINC.has(code ?? '')))
        asked += 1;
    }
    const tally = empty();
    const creatinines: number[] = [];
    for (const patient of lines('Patient')) {
      const resources = [patient, ...(bySubject.get(`Patient/${patient.id}`) ?? [])];
      // Dates are shifted into the 22nd century.
      const facts = readFacts({
        patientId: String(patient.id),
        resources,
        drugs: DRUGS,
        now: Date.parse('2300-01-01'),
      });
      add(tally, facts);
      creatinines.push(...(facts.observation.creatinine ?? []).map(({ value }) => value));
    }
    console.table({ asked, numbers: tally.numbers, ...tally.reasons, ...tally.resolutions });
    expect(tally.impossible).toEqual([]);
    expect(tally.numbers / asked).toBeGreaterThan(0.98);
    expect(Math.max(...creatinines)).toBeLessThan(40);
    expect(tally.reasons.implausible).toBeGreaterThan(0);
  });
});
