/** What the engine costs, in Node: reading a large chart, the whole library, many medicines, one what-if step. */
import { resolve } from 'node:path';
import { evaluateAllergies } from '../../models/engine/allergies/evaluate.ts';
import { evaluateBurdens } from '../../models/engine/burdens/evaluate.ts';
import { evaluateCautions } from '../../models/engine/cautions/evaluate.ts';
import { evaluateCompanions } from '../../models/engine/duplicates/companions.ts';
import { evaluateDuplicates } from '../../models/engine/duplicates/evaluate.ts';
import { evaluate } from '../../models/engine/evaluate.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import { type DrugTable, decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts, MedicationFact } from '../../models/engine/facts/facts.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import { evaluateInteractions, type InteractionScene } from '../../models/engine/interactions/evaluate.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';
import { largeChart } from './large-chart.ts';
import { type Row, timed } from './table.ts';

const now = Date.UTC(2026, 10, 20, 9);

/** Rows of the contract's table that need no browser. */
export async function engineRows(): Promise<Row[]> {
  const { library, files, drugTable } = await loadLibrary({ dir: resolve(import.meta.dirname, '../../models') });
  const runtime = await createNodeRuntime({
    load: async (url) => {
      const file = files.get(url);
      if (!file) throw new Error(`no graph at ${url}`);
      return file.bytes;
    },
  });
  const drugs = decodeDrugTable(drugTable);
  const text = JSON.stringify(largeChart(10_000, now));
  const contents = contentsOf(JSON.parse(text));
  const read = (): Facts => readFacts({ patientId: 'large', ...contents, drugs, now });
  const facts = read();
  const checks = (medicines: string) => {
    const taking: Facts = { ...facts, medication: medicinesOf(medicines, drugs) };
    return () => allChecks({ facts: taking, library, resolver: createResolver({ facts: taking, library, now }), now });
  };
  const prevent = library.risk.find(({ id }) => id === 'prevent-base-10yr') as RegressionModel;
  const values = {
    age: 58,
    sex: 1,
    total_c: 205,
    hdl: 46,
    sbp: 146,
    dm: 1,
    smoking: 0,
    egfr: 58,
    bmi: 31,
    bp_tx: 1,
    statin: 0,
  };

  return [
    {
      what: '10,000 Observations into facts, after JSON.parse',
      measured: await timed(20, 5, read),
      budget: 40,
      unit: 'ms',
    },
    {
      what: 'whole library on those facts, trained models included',
      measured: await timed(50, 5, () => evaluate(facts, library, runtime, now)),
      budget: 20,
      unit: 'ms',
    },
    {
      what: 'all checks of 30 medicines of intensive care, after 300 runs',
      measured: await timed(200, 300, checks(INTENSIVE_CARE)),
      budget: 2,
      unit: 'ms',
    },
    {
      what: 'all checks of 30 medicines that make more than 50 findings',
      measured: await timed(200, 300, checks(BADLY_TREATED)),
      budget: 2,
      unit: 'ms',
    },
    {
      what: 'one what-if step of PREVENT, five outcomes',
      measured: await timed(200, 20, () => scoreRegression(prevent, values)),
      budget: 16,
      unit: 'ms',
    },
  ];
}

/** Thirty medicines as an intensive care unit gives them. */
const INTENSIVE_CARE =
  'vancomycin;cefepime;metronidazole;pantoprazole;heparin;insulin regular;metoprolol;furosemide;potassium chloride;magnesium sulfate;calcium gluconate;acetaminophen;morphine;propofol;fentanyl;midazolam;norepinephrine;albuterol;ipratropium;docusate;senna;bisacodyl;ondansetron;aspirin;atorvastatin;lisinopril;levothyroxine;famotidine;lorazepam;haloperidol';

/** Thirty medicines of one badly treated patient: they meet in more than fifty interactions. */
const BADLY_TREATED =
  'warfarin;amiodarone;digoxin;furosemide;lisinopril;spironolactone;metoprolol;atorvastatin;aspirin;omeprazole;metformin;glipizide;insulin glargine;sertraline;trazodone;quetiapine;lorazepam;oxycodone;gabapentin;levothyroxine;prednisone;allopurinol;ciprofloxacin;fluconazole;ondansetron;albuterol;tamsulosin;ibuprofen;potassium chloride;acetaminophen';

/** Everything that is said of medicines together and of medicines in this patient. */
function allChecks(scene: InteractionScene): readonly Evaluation[] {
  return [
    ...evaluateInteractions(scene),
    ...evaluateBurdens(scene),
    ...evaluateDuplicates(scene),
    ...evaluateCompanions(scene),
    ...evaluateAllergies(scene),
    ...evaluateCautions(scene),
  ];
}

function medicinesOf(names: string, drugs: DrugTable): MedicationFact[] {
  return names.split(';').map((text, index) => {
    const ingredients = drugs.byName(text);
    if (!ingredients) throw new Error(`no drug is called ${text}`);
    return {
      text,
      ingredients,
      resolution: 'coded',
      state: 'active',
      reported: false,
      asNeeded: false,
      route: 'systemic',
      sources: [`MedicationRequest/${index}`],
    };
  });
}
