/**
 * Label limits on a medicine by kidney and liver function, in the metric that the label names. Silent where the kidney
 * does not hold still; a dose is named only where the row was opened, and never as an order.
 */
import { steadiness } from '../dosing/steady-creatinine.ts';
import type { Evaluation, Finding, Indicator, Input, Judgement, Missing } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import { clipped, SUMMARY } from '../headline.ts';
import type { DosedMedicine, DoseRow, Library } from '../library.ts';
import type { Citation } from '../measured.ts';
import type { Resolver } from '../resolve.ts';
import { listedInput } from '../rules/basis.ts';

/** What the evaluation works on. `now` in ms since the epoch. */
export interface DoseScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  readonly now: number;
}

/** One evaluation for each medicine of the patient that the library has rows for. */
export function evaluateDoses(scene: DoseScene): Evaluation[] {
  const { patient } = scene.facts;
  if (patient.deceased || patient.replaced) return [];
  const known = knownIn(scene.library);
  const asked = new Map<DosedMedicine, MedicationFact[]>();
  for (const medicine of scene.facts.medication)
    if (isTaken(medicine))
      for (const { rxcui } of medicine.ingredients) {
        const entry = known.get(rxcui);
        if (entry) asked.set(entry, [...(asked.get(entry) ?? []), medicine]);
      }
  const state = stateOf(scene);
  return [...asked].map(([entry, medicines]) => ({
    id: `dose/${entry.rxcui}`,
    kind: 'dose',
    title: `${entry.name}: dose by kidney and liver`,
    version: scene.library.version,
    ...told({ entry, medicines, state }, scene),
  }));
}

const indexes = new WeakMap<Library, ReadonlyMap<string, DosedMedicine>>();

function knownIn(library: Library): ReadonlyMap<string, DosedMedicine> {
  const made = indexes.get(library);
  if (made) return made;
  const index = new Map(
    (library.doses ?? []).flatMap(({ medicines }) => medicines.map((medicine) => [medicine.rxcui, medicine] as const)),
  );
  indexes.set(library, index);
  return index;
}

function isTaken({ state, route }: MedicationFact): boolean {
  return (state === 'active' || state === 'planned') && (route === 'systemic' || route === 'unknown');
}

/** What is known of the organs, looked up once. */
interface OrganState {
  readonly crcl: Metric;
  readonly egfr: Metric;
  readonly dialysis: Input | undefined;
  readonly liver: Input | undefined;
  /** Why no kidney function can be told today. */
  readonly moving: string | undefined;
}

type Metric = { readonly value: number; readonly input: Input } | { readonly missing: Missing };

function stateOf({ facts, resolver, now }: DoseScene): OrganState {
  const metric = (fact: string, label: string, unit: string): Metric => {
    const resolved = resolver.resolve({ fact, label, unit, maxAge: 'P1Y', required: true });
    if (resolved.state === 'absent') return { missing: resolved.missing };
    return { value: Number(resolved.value), input: resolved.input };
  };
  const present = (fact: string, label: string) => {
    const resolved = resolver.resolve({ fact, label, required: false });
    return resolved.state === 'known' && resolved.value === 'yes' ? resolved.input : undefined;
  };
  const kidney = steadiness(facts.observation.creatinine ?? [], now);
  const injury = present('condition.acute-kidney-injury', 'Acute kidney injury');
  return {
    crcl: metric('derived.creatinine-clearance', 'Creatinine clearance', 'mL/min'),
    egfr: metric('derived.egfr', 'eGFR', 'mL/min/{1.73_m2}'),
    dialysis: present('condition.dialysis', 'Dialysis'),
    liver: present('condition.cirrhosis', 'Cirrhosis'),
    moving:
      kidney.is === 'moving'
        ? `Creatinine is moving (${kidney.from.value} to ${kidney.to.value} mg/dL by ${kidney.to.effective.text}): no dose can be told from it`
        : injury && 'Acute kidney injury is on the problem list: no dose can be told from creatinine',
  };
}

interface Question {
  readonly entry: DosedMedicine;
  readonly medicines: readonly MedicationFact[];
  readonly state: OrganState;
}

function told({ entry, medicines, state }: Question, { facts }: DoseScene): Judgement {
  const inputs = medicines.map((medicine) => listedInput(medicine, facts));
  const basis = { used: inputs, stale: [], missing: [], excluded: [] };
  const rows = entry.rows.filter((row) => applies(row, state));
  if (rows.length > 0) {
    const within = rows.every((row) => isWithin(row, medicines));
    const seen = [...new Set(rows.map((row) => measureOf(row, state)))].filter((input) => input !== undefined);
    const shown = { ...basis, used: [...inputs, ...seen] };
    if (within)
      return {
        status: 'not-applicable',
        because: {
          code: 'threshold-not-met',
          text: `The daily dose is within the label’s limit (${rows.map(inWords).join('; ')}).`,
        },
        basis: shown,
      };
    return { status: 'finding', finding: findingOf({ entry, medicines, state }, rows, shown) };
  }
  const renal = entry.rows.some(({ metric }) => metric === 'crcl' || metric === 'egfr');
  if (renal && !state.dialysis && state.moving)
    return { status: 'not-applicable', because: { code: 'excluded-condition', text: `${state.moving}.` }, basis };
  const missing = state.dialysis ? [] : missingFor(entry, state);
  if (missing.length > 0) return { status: 'data-required', missing, basis: { ...basis, missing } };
  return {
    status: 'not-applicable',
    because: { code: 'threshold-not-met', text: 'No limit of the label applies.' },
    basis,
  };
}

/** On dialysis only what the label says of dialysis holds: a clearance means nothing then. */
function applies({ metric, ...row }: DoseRow, state: OrganState): boolean {
  switch (metric) {
    case 'dialysis':
      return state.dialysis !== undefined;
    case 'child-pugh':
      return state.liver !== undefined;
    case 'crcl':
    case 'egfr': {
      const known = state[metric];
      if (state.dialysis || state.moving || 'missing' in known) return false;
      // A censored value ("> 60") settles nothing here.
      return known.input.comparator === undefined && isBetween(row, known.value);
    }
  }
}

function isBetween({ from, below, fromExclusive, belowInclusive }: Omit<DoseRow, 'metric'>, value: number): boolean {
  const high = from === undefined || (fromExclusive ? value > from : value >= from);
  const low = below === undefined || (belowInclusive ? value <= below : value < below);
  return high && low;
}

function missingFor({ rows }: DosedMedicine, state: OrganState): readonly Missing[] {
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  return metrics.flatMap((metric) => {
    if (metric !== 'crcl' && metric !== 'egfr') return [];
    const known = state[metric];
    return 'missing' in known ? [known.missing] : [];
  });
}

/** Only a ceiling can be met: a dose to reduce has no number that a chart could be held to. */
function isWithin({ cap, action }: DoseRow, medicines: readonly MedicationFact[]): boolean {
  if (!cap || action !== 'max-dose') return false;
  const doses = medicines.map(({ dailyDose }) => dailyDose);
  if (doses.some((dose) => dose?.unit !== cap.unit)) return false;
  return doses.reduce((sum, dose) => sum + (dose?.value ?? 0), 0) <= cap.value;
}

function measureOf({ metric }: DoseRow, state: OrganState): Input | undefined {
  switch (metric) {
    case 'dialysis':
      return state.dialysis;
    case 'child-pugh':
      return state.liver;
    case 'crcl':
    case 'egfr': {
      const known = state[metric];
      return 'missing' in known ? undefined : known.input;
    }
  }
}

function findingOf({ entry, state }: Question, rows: readonly DoseRow[], basis: Finding['basis']): Finding {
  const ranked = [...rows].sort((a, b) => TIER[tierOf(a, entry)] - TIER[tierOf(b, entry)]);
  const [lead] = ranked;
  if (!lead) throw new RangeError('no row applies');
  const indicator = tierOf(lead, entry);
  const measure = measureOf(lead, state);
  const at = measure ? shown(measure, lead) : '';
  return {
    indicator,
    summary: headline({ lead, name: entry.name, at }),
    detail: `The label’s limits that hold here: ${ranked.map(inWords).join('; ')}.`,
    because: measure ? [measure] : [],
    ...(indicator === 'info'
      ? {}
      : {
          action: {
            kind: 'note',
            text: `${VERBS[lead.action]} ${entry.name}: ${ranked.map(inWords).join('; ')}. Not an order.`,
          },
        }),
    logic: ranked.map((row) => ({ text: inWords(row), held: 'met', ...(measure ? { value: at } : {}) })),
    basis,
    limitation:
      'The indication is not read from the chart: rows for several are listed. The dose taken is known only where the order could be read in full.',
    citations: distinct(ranked.map((row) => citationOf(entry, row))),
    mergeKey: entry.rxcui === '6809' ? 'metformin-kidney' : `dose/${entry.rxcui}`,
  };
}

/** The label's dose stands in the headline whole or not at all: half a dose is another dose. */
function headline({ lead, name, at }: { readonly lead: DoseRow; readonly name: string; readonly at: string }): string {
  const about = `${VERBS[lead.action]} ${name}${lead.for ? ` (${lead.for})` : ''}: ${at}`;
  const whole = lead.regimen ? `${about}; label ${lead.regimen}` : about;
  return whole.length <= SUMMARY ? whole : clipped(about);
}

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

const VERBS: Readonly<Record<DoseRow['action'], string>> = {
  contraindicated: 'Stop',
  avoid: 'Avoid',
  'no-start': 'Do not start',
  reduce: 'Reduce',
  'max-dose': 'Check the dose of',
  'extend-interval': 'Space out',
  monitor: 'Watch',
};

/** `critical` only where the label forbids it outright, for every use, and the row was opened in a label itself. */
function tierOf({ action, cite, for: indication, metric, regimen }: DoseRow, { citations }: DosedMedicine): Indicator {
  const citation = citations[cite];
  // A starting dose says nothing of one that is long found.
  if (regimen && /^(?:consider )?start/i.test(regimen)) return 'info';
  if (!citation || citation.basis === 'recalled' || metric === 'child-pugh') return 'info';
  switch (action) {
    case 'contraindicated':
      return citation.grade === 'A' && indication === undefined ? 'critical' : 'warning';
    case 'monitor':
    case 'no-start':
      return 'info';
    default:
      return 'warning';
  }
}

/** `CrCl below 30 mL/min: 75 mg twice daily (AF)` */
function inWords({ metric, from, below, classes, action, regimen, for: indication }: DoseRow): string {
  const range =
    metric === 'dialysis'
      ? 'on dialysis'
      : metric === 'child-pugh'
        ? `Child-Pugh ${classes?.join(' or ') ?? 'any'}`
        : `${metric === 'crcl' ? 'CrCl' : 'eGFR'} ${limits(from, below)} ${metric === 'crcl' ? 'mL/min' : 'mL/min/1.73 m²'}`;
  const what = regimen ?? WHAT[action];
  return `${range}: ${what}${indication ? ` (${indication})` : ''}`;
}

const WHAT: Readonly<Record<DoseRow['action'], string>> = {
  contraindicated: 'contraindicated',
  avoid: 'avoid',
  'no-start': 'do not start',
  reduce: 'a lower dose',
  'max-dose': 'a ceiling on the dose',
  'extend-interval': 'a longer interval',
  monitor: 'watch closely',
};

function limits(from: number | undefined, below: number | undefined): string {
  if (from === undefined) return `below ${below}`;
  return below === undefined ? `from ${from}` : `${from} to ${below}`;
}

function shown({ label, value, unit }: Input, { metric }: DoseRow): string {
  if (metric === 'dialysis') return 'on dialysis';
  if (metric === 'child-pugh') return 'cirrhosis on the problem list';
  const number = typeof value === 'number' ? Math.round(value) : value;
  return `${metric === 'crcl' ? 'CrCl' : metric === 'egfr' ? 'eGFR' : label} ${number}${unit ? ` ${unit.replace('{1.73_m2}', '1.73 m²')}` : ''}`;
}

function citationOf({ citations, name }: DosedMedicine, { cite }: DoseRow): Citation {
  const found = citations[cite];
  if (!found) throw new RangeError(`${name} has no citation ${cite}`);
  return found;
}

function distinct(citations: readonly Citation[]): readonly Citation[] {
  return citations.filter(
    (one, index) => citations.findIndex(({ text, url }) => text === one.text && url === one.url) === index,
  );
}
