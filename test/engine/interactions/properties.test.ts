/** What must hold of any list of medicines. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import { type DrugTable, decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { Facts, MedicationFact } from '../../../models/engine/facts/facts.ts';
import { evaluateInteractions } from '../../../models/engine/interactions/evaluate.ts';
import type { Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { factsOf, NOW } from '../interactions-chart.ts';

const NAMES =
  'warfarin amiodarone digoxin furosemide lisinopril losartan spironolactone metoprolol simvastatin atorvastatin aspirin omeprazole metformin glipizide sertraline fluoxetine trazodone quetiapine haloperidol lorazepam oxycodone tramadol gabapentin levothyroxine prednisone allopurinol azathioprine ciprofloxacin clarithromycin fluconazole rifampin ondansetron ibuprofen naproxen clopidogrel apixaban lithium phenytoin carbamazepine cyclosporine tacrolimus colchicine methotrexate trimethoprim sildenafil nitroglycerin theophylline tizanidine phenelzine linezolid verapamil diltiazem ritonavir'.split(
    ' ',
  );

let library: Library;
let drugs: DrugTable;
beforeAll(async () => {
  const loaded = await loadLibrary({ dir: 'models' });
  library = loaded.library;
  drugs = decodeDrugTable(loaded.drugTable);
});

function medicine(name: string): MedicationFact {
  const ingredients = drugs.byName(name);
  if (!ingredients) throw new Error(`no drug is called ${name}`);
  return {
    text: name,
    ingredients,
    resolution: 'coded',
    state: 'active',
    reported: false,
    asNeeded: false,
    route: 'systemic',
    sources: [`MedicationRequest/${name}`],
  };
}

function said(names: readonly string[]): readonly Evaluation[] {
  const facts: Facts = { ...factsOf({ age: 70, medicines: [] }), medication: names.map(medicine) };
  return evaluateInteractions({ facts, library, resolver: createResolver({ facts, library, now: NOW }), now: NOW });
}

/** Id → the medicines it names. */
function named(evaluations: readonly Evaluation[], names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    evaluations.flatMap((each) => {
      if (each.status !== 'finding') return [];
      const places = each.finding.basis.used.flatMap(({ path }) => /^medication\[(\d+)\]$/.exec(path)?.[1] ?? []);
      return [[each.id, places.map((place) => names[Number(place)] ?? '')] as const];
    }),
  );
}

const lists = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 14 });

test('adding a medicine never removes a finding that does not name it', () => {
  fc.assert(
    fc.property(lists, fc.constantFrom(...NAMES), (names, added) => {
      fc.pre(!names.includes(added));
      const before = named(said(names), names);
      const after = named(said([...names, added]), [...names, added]);
      for (const [id, medicines] of before) {
        expect([...after.keys()]).toContain(id);
        expect(after.get(id)).toEqual(expect.arrayContaining([...medicines]));
      }
    }),
    { numRuns: 60 },
  );
});

test('the order of the medicines never matters', () => {
  const words = (evaluations: readonly Evaluation[]) =>
    evaluations
      .flatMap((each) =>
        each.status === 'finding'
          ? [[each.id, each.finding.indicator, each.finding.summary, each.finding.detail, each.finding.limitation]]
          : [],
      )
      .map((line) => line.join(' | '))
      .sort();
  fc.assert(
    fc.property(
      lists.chain((names) => fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length }))),
      ([names, shuffled]) => {
        expect(words(said(shuffled))).toEqual(words(said(names)));
      },
    ),
    { numRuns: 40 },
  );
});
