/** The drug table in two parts says what the whole says, and asks for the names where only they can tell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeDrugCodes, joinDrugTable, splitDrugTable } from '../../../models/engine/facts/drug-codes.ts';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import { factsOf, patientsIn } from '../../../server/commands/chart.ts';
import { NOW, PATIENTS, patientFolders } from '../../golden/golden.ts';

const json = JSON.parse(readFileSync('models/drugs/rxnorm.json', 'utf8')) as { products: Record<string, string> };
const whole = decodeDrugTable(json);
const { codes, names } = splitDrugTable(json);

describe('The codes of the drug table', () => {
  it('answer every product as the whole table does, and want no names for it', () => {
    const { table, namesWanted } = decodeDrugCodes(codes);
    for (const rxcui of ['861007', '855332', '197361', '6809', '11289', '313782'])
      expect(table.ingredientsOf(rxcui), rxcui).toEqual(whole.ingredientsOf(rxcui));
    expect(table.ingredientsOf('861007')).toMatchObject([{ name: 'metformin' }]);
    expect(namesWanted()).toBe(false);
  });

  it('answer no name at all, not even one they hold: the other words might name a second drug', () => {
    const { table, namesWanted } = decodeDrugCodes(codes);
    expect(whole.byName('oxycodone')).toHaveLength(1);
    expect(table.byName('oxycodone')).toBeUndefined();
    expect(namesWanted()).toBe(true);
  });

  it('want the names for a code they do not know, which may be a brand’s', () => {
    const { table, namesWanted } = decodeDrugCodes(codes);
    const lescol = String(Number.parseInt('399g', 36));
    expect(whole.ingredientsOf(lescol)).toMatchObject([{ name: 'fluvastatin' }]);
    expect(table.ingredientsOf(lescol)).toBeUndefined();
    expect(namesWanted()).toBe(true);
  });

  it('leave out a quarter of what travels', () => {
    expect(JSON.stringify(names).length).toBeGreaterThan(100_000);
  });
});

it('a chart that wants no names reads the same without them; with them every chart reads as with the whole table', () => {
  const joined = joinDrugTable(codes, names);
  let without = 0;
  for (const name of patientFolders()) {
    const bundle: unknown = JSON.parse(readFileSync(join(PATIENTS, name, 'bundle.json'), 'utf8'));
    const [patientId = ''] = patientsIn(bundle);
    const read = (drugs: typeof whole) => factsOf({ bundle, patientId, drugs, now: NOW });
    const known = read(whole);
    expect(read(joined), name).toEqual(known);
    const part = decodeDrugCodes(codes);
    const facts = read(part.table);
    if (part.namesWanted()) continue;
    without += 1;
    expect(facts, name).toEqual(known);
  }
  expect(without).toBeGreaterThan(3);
});

it('what is no drug table is not split', () => {
  expect(() => splitDrugTable({ asOf: '2026-11-02' })).toThrow(TypeError);
});
