/** Charts of many origins, when they are there: nothing breaks, nothing impossible becomes a number, and what was refused is shown. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ANALYTE_BY_KEY } from '../../../models/engine/facts/analytes.ts';
import { contentsOf } from '../../../models/engine/facts/bundle.ts';
import type { ObservationFact } from '../../../models/engine/facts/facts.ts';
import { isObject, type Json } from '../../../models/engine/facts/json.ts';
import { run } from '../../../server/cli.ts';
import { readBundles } from '../../../server/commands/bundles.ts';
import { chartsOf, document, INTENSIVE_CARE, type ReadChart, SAMPLES, type Tally, tally } from './charts-read.ts';

describe.skipIf(!existsSync(INTENSIVE_CARE))('the shared charts', () => {
  let charts: { readonly samples: readonly ReadChart[]; readonly intensive: readonly ReadChart[] };
  let tallies: { readonly samples: Tally; readonly intensive: Tally };
  beforeAll(async () => {
    charts = { samples: await chartsOf(SAMPLES), intensive: await chartsOf(INTENSIVE_CARE) };
    tallies = { samples: tally(charts.samples), intensive: tally(charts.intensive) };
  }, 60_000);

  it('are all there and read, as the published tables say (node test/engine/facts/charts-read.ts)', () => {
    expect([tallies.samples.charts, tallies.intensive.charts]).toEqual([57, 100]);
    expect(document(tallies.samples, tallies.intensive)).toBe(readFileSync('docs/charts-read.md', 'utf8'));
  });

  it('give at least 98 % of the laboratory results asked for', () => {
    for (const { laboratory } of [tallies.samples, tallies.intensive])
      expect(laboratory.part / laboratory.of).toBeGreaterThan(0.98);
  });

  it('give the ingredients of 99 % of the coded medicines and of 85 % of those in words, packaging counted against us', () => {
    expect(tallies.samples.coded.part / tallies.samples.coded.of).toBeGreaterThanOrEqual(0.99);
    const { freeText, packaging } = tallies.intensive;
    expect(freeText.part / (freeText.of + packaging)).toBeGreaterThanOrEqual(0.85);
  });

  it('give not one number outside its limits, in another unit, or that the chart does not say as a number', () => {
    const wrong: unknown[] = [];
    for (const { facts, resources } of [...charts.samples, ...charts.intensive]) {
      const bySource = new Map<string, Json>(
        resources.filter(isObject).map((resource) => [`${resource.resourceType}/${resource.id}`, resource] as const),
      );
      for (const [key, list] of Object.entries(facts.observation))
        for (const fact of list) if (!isSound(fact, key, bySource.get(fact.source))) wrong.push(fact);
    }
    expect(wrong).toEqual([]);
  });

  it('give no eGFR of a creatinine of 138 mg/dL, not even if the patient lived', async () => {
    const found: { patient: string; bundle: unknown; source: string }[] = [];
    for await (const read of readBundles([INTENSIVE_CARE], async () => '')) {
      if ('problem' in read) throw new Error(read.problem);
      const { resources } = contentsOf(read.bundle);
      const error = resources.find(
        (each) => isObject(each) && isCreatinine(each) && (each.valueQuantity as Json | undefined)?.value === 138,
      );
      if (!isObject(error)) continue;
      // The dates of births and results stay as they are; only the death is left out, and every other creatinine.
      const kept = resources
        .filter((each) => each === error || !isObject(each) || !isCreatinine(each))
        .map((each) =>
          isObject(each) && each.resourceType === 'Patient' ? { ...each, deceasedDateTime: undefined } : each,
        );
      const bundle = { resourceType: 'Bundle', entry: kept.map((resource) => ({ resource })) };
      found.push({ patient: read.source, bundle, source: `Observation/${error.id}` });
    }
    expect(found).toHaveLength(1);
    const lines = await evaluated('-', JSON.stringify(found[0]?.bundle));
    const paths = lines.flatMap(({ facts }) => facts.map(({ path }) => path));
    expect(paths).toContain('patient.age');
    expect(paths).not.toContain('derived.egfr');
    expect(paths).not.toContain('observation.creatinine');
    expect(lines[0]?.unread).toContainEqual({ source: found[0]?.source, reason: 'implausible', text: '138 mg/dL' });
  });

  it.each([
    // Three patients share one Bundle and two another; two Bundles hold none and say so.
    ['sample charts', SAMPLES, 59],
    ['intensive-care charts', INTENSIVE_CARE, 100],
  ])(
    'pass through the command line, folder and all: the %s',
    async (_name, folder, patients) => {
      expect(await evaluated(folder)).toHaveLength(patients);
    },
    60_000,
  );
});

interface Line {
  readonly facts: readonly { readonly path: string }[];
  readonly unread: readonly unknown[];
}

async function evaluated(source: string, stdin = ''): Promise<readonly Line[]> {
  const lines: string[] = [];
  const problems: string[] = [];
  const code = await run(['evaluate', source, '--now', 'last'], {
    out: (line) => lines.push(line),
    err: (line) => problems.push(line),
    stdin: async () => stdin,
  });
  expect([code, problems]).toEqual([0, []]);
  return lines.map((line) => JSON.parse(line) as Line);
}

function isCreatinine(resource: Json): boolean {
  return resource.resourceType === 'Observation' && JSON.stringify(resource.code).includes('"2160-0"');
}

/** Judged from the resource itself: the very number stands in it, and the fact lies within the limits in the one unit. */
function isSound(fact: ObservationFact, key: string, resource: Json | undefined): boolean {
  const analyte = ANALYTE_BY_KEY.get(key);
  if (analyte === undefined || resource === undefined || fact.unit !== analyte.unit) return false;
  const [low, high] = analyte.plausible;
  if (fact.value > high || (fact.value < low && fact.comparator?.startsWith('<') !== true)) return false;
  const said = fact.original?.value ?? fact.value;
  const parts = [resource, ...(Array.isArray(resource.component) ? (resource.component as Json[]) : [])];
  return parts.some((part) => {
    const quantity = part.valueQuantity;
    if (isObject(quantity)) return quantity.value === said;
    if (typeof part.valueInteger === 'number') return part.valueInteger === said;
    const words = String(
      part.valueString ?? (isObject(part.valueCodeableConcept) ? part.valueCodeableConcept.text : ''),
    );
    return /^\W*(?:less than|greater than|lt|gt)?\W*[\d.,]+/i.test(words) && words.includes(String(said));
  });
}
