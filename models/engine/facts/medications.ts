/** Orders, statements, dispenses and administrations in every shape → one fact a drug and route, every source kept. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { periodOf } from './dates.ts';
import { readDosage } from './dosage.ts';
import type { DrugTable } from './drug-table.ts';
import type { MedicationFact } from './facts.ts';
import { type Json, object, string } from './json.ts';
import { type Entry, mergeByDrug } from './medication-merge.ts';
import { identify } from './medication-name.ts';

type State = MedicationFact['state'];

/** Ended this recently, a drug may still act or be resumed: 90 days. */
const RECENT = 90 * 24 * 3_600_000;

const REQUEST_STATES: Readonly<Record<string, State>> = {
  active: 'active',
  'on-hold': 'on-hold',
  draft: 'planned',
  completed: 'stopped',
  stopped: 'stopped',
  cancelled: 'stopped',
  ended: 'stopped',
  unknown: 'unknown',
};
const STATEMENT_STATES: Readonly<Record<string, State>> = {
  active: 'active',
  intended: 'planned',
  'on-hold': 'on-hold',
  completed: 'stopped',
  stopped: 'stopped',
  'not-taken': 'stopped',
  unknown: 'unknown',
};
/** Intents that are therapy; the others (`plan`, `proposal`, `option`) are not taken unless reported as taken. */
const THERAPY: ReadonlySet<string> = new Set([
  'order',
  'original-order',
  'reflex-order',
  'instance-order',
  'filler-order',
]);

/** Every medicine; one that cannot be resolved stays in the list under the chart's own words, and is said in `chart.unread`. */
export function readMedicationFacts(chart: Chart, drugs: DrugTable | undefined): readonly MedicationFact[] {
  const entries: Entry[] = [];
  readEach(chart, 'MedicationRequest', 'subject', (resource) => {
    const entry = readRequest(chart, resource, drugs);
    if (entry !== undefined) entries.push(entry);
  });
  readEach(chart, 'MedicationStatement', 'subject', (resource) => {
    const entry = readStatement(chart, resource, drugs);
    if (entry !== undefined) entries.push(entry);
  });
  for (const [type, read] of GIVEN) {
    readEach(chart, type, 'subject', (resource) => {
      const entry = read(chart, resource, drugs);
      if (entry !== undefined) entries.push(entry);
    });
  }
  for (const { resolution, source, text } of entries) {
    if (resolution === 'unresolved') chart.unread.push({ source, reason: 'unresolved-medication', text });
  }
  return mergeByDrug(entries);
}

function readRequest(chart: Chart, resource: Json, drugs: DrugTable | undefined): Entry | undefined {
  const status = string(resource.status);
  if (status === 'entered-in-error') return erroneous(chart, resource);
  if (resource.doNotPerform !== undefined && resource.doNotPerform !== false) {
    chart.unread.push({ source: sourceOf(resource), reason: 'status-not-final', text: 'an order not to give it' });
    return undefined;
  }
  const reported = resource.reportedBoolean === true || object(resource.reportedReference) !== undefined;
  const authored = dateOf(chart, resource.authoredOn);
  const bounds = boundsOf(chart, resource.dosageInstruction);
  const intent = string(resource.intent) ?? '';
  const named = status === undefined ? 'unknown' : (REQUEST_STATES[status] ?? 'unknown');
  // Self-reported medicines come as `plan` with `reported` (US Core); any other plan is not taken yet.
  const therapy = THERAPY.has(intent) || (intent === 'plan' && reported);
  const planned: State = named === 'stopped' ? 'stopped' : 'planned';
  const state = therapy ? named : intent === '' ? 'unknown' : planned;
  return entryOf(chart, resource, drugs, {
    state,
    reported,
    dosage: resource.dosageInstruction,
    start: bounds?.start ?? authored,
    end: bounds?.end,
  });
}

function readStatement(chart: Chart, resource: Json, drugs: DrugTable | undefined): Entry | undefined {
  const status = string(resource.status);
  if (status === 'entered-in-error') return erroneous(chart, resource);
  const period = object(resource.effectivePeriod);
  return entryOf(chart, resource, drugs, {
    state: status === undefined ? 'unknown' : (STATEMENT_STATES[status] ?? 'unknown'),
    reported: true,
    dosage: resource.dosage,
    start: dateOf(chart, period?.start ?? resource.effectiveDateTime),
    end: dateOf(chart, period?.end),
  });
}

type ReadEntry = (chart: Chart, resource: Json, drugs: DrugTable | undefined) => Entry | undefined;

const GIVEN: readonly (readonly [string, ReadEntry])[] = [
  ['MedicationDispense', readDispense],
  ['MedicationAdministration', readAdministration],
];

/** An administration acts today and tomorrow; later the drug counts as recently stopped. The limit is ours. */
const AFTER_GIVING = 48 * 3_600_000;

/** Handed over: taken as long as the supply lasts, where no order says otherwise. */
function readDispense(chart: Chart, resource: Json, drugs: DrugTable | undefined): Entry | undefined {
  const status = string(resource.status);
  if (status === 'entered-in-error') return erroneous(chart, resource);
  if (status !== 'completed' && status !== 'in-progress') return undefined;
  const given = dateOf(chart, resource.whenHandedOver ?? resource.whenPrepared);
  const supply = object(resource.daysSupply);
  const days = typeof supply?.value === 'number' ? supply.value : undefined;
  const until = given && days !== undefined ? given.end + days * 86_400_000 : undefined;
  return givenEntry(chart, resource, drugs, { given, until, dosage: resource.dosageInstruction });
}

function readAdministration(chart: Chart, resource: Json, drugs: DrugTable | undefined): Entry | undefined {
  const status = string(resource.status);
  if (status === 'entered-in-error') return erroneous(chart, resource);
  // Not done, on hold, unknown: nothing is known to have been given.
  if (status !== 'completed' && status !== 'in-progress' && status !== 'stopped') return undefined;
  const period = object(resource.effectivePeriod);
  const given = dateOf(chart, resource.effectiveDateTime ?? period?.end ?? period?.start);
  const dosage = object(resource.dosage);
  const until = status === 'in-progress' ? chart.now : given && given.end + AFTER_GIVING;
  return givenEntry(chart, resource, drugs, { given, until, dosage: dosage && [dosage] });
}

function givenEntry(
  chart: Chart,
  resource: Json,
  drugs: DrugTable | undefined,
  { given, until, dosage }: { given: ReturnType<typeof dateOf>; until: number | undefined; dosage: unknown },
): Entry | undefined {
  const lasting = until !== undefined && until >= chart.now;
  // Without a date or a supply nothing tells whether it is still taken.
  const state: State = lasting ? 'active' : until === undefined ? 'unknown' : 'stopped';
  const entry = entryOf(chart, resource, drugs, { state, reported: false, dosage, start: given, end: undefined });
  return entry && { ...entry, given: true, ...(given === undefined ? {} : { lastGiven: given }) };
}

function erroneous(chart: Chart, resource: Json): undefined {
  chart.unread.push({ source: sourceOf(resource), reason: 'entered-in-error' });
  return undefined;
}

interface Course {
  readonly state: State;
  readonly reported: boolean;
  readonly dosage: unknown;
  readonly start: ReturnType<typeof dateOf>;
  readonly end: ReturnType<typeof dateOf>;
}

function entryOf(chart: Chart, resource: Json, drugs: DrugTable | undefined, course: Course): Entry | undefined {
  const identity = identify(chart, resource, drugs);
  if (identity.packaging) {
    chart.unread.push({ source: sourceOf(resource), reason: 'not-a-medicine', text: identity.text });
    return undefined;
  }
  const dosage = readDosage(course.dosage, identity.text);
  return {
    text: identity.text,
    ingredients: identity.ingredients,
    resolution: identity.resolution,
    state: stateNow(course, chart.now),
    reported: course.reported,
    asNeeded: dosage.asNeeded,
    route: dosage.route ?? identity.route ?? 'unknown',
    ...(dosage.text === undefined ? {} : { dosageText: dosage.text }),
    ...(dosage.dailyDose === undefined ? {} : { dailyDose: dosage.dailyDose }),
    ...(course.start === undefined ? {} : { start: course.start }),
    ...(course.end === undefined ? {} : { end: course.end }),
    source: sourceOf(resource),
  };
}

/** An active entry whose end has passed is over; a stopped one is recent when it ended, or began, within 90 days. */
function stateNow({ state, start, end }: Course, now: number): State {
  const over =
    state === 'stopped' || ((state === 'active' || state === 'on-hold') && end !== undefined && end.end < now);
  if (!over) return state;
  const last = end?.end ?? start?.end;
  return last !== undefined && now - last <= RECENT ? 'recently-stopped' : 'stopped';
}

function dateOf(chart: Chart, value: unknown) {
  const text = string(value);
  return text === undefined ? undefined : chart.dates.when(text);
}

/** `timing.repeat.boundsPeriod` of the only instruction; several instructions have no one end. */
function boundsOf(chart: Chart, instructions: unknown): Pick<Course, 'start' | 'end'> | undefined {
  if (!Array.isArray(instructions) || instructions.length !== 1) return undefined;
  const bounds = object(object(object(object(instructions[0])?.timing)?.repeat)?.boundsPeriod);
  if (bounds === undefined || periodOf(bounds, chart.dates) === undefined) return undefined;
  return { start: dateOf(chart, bounds.start), end: dateOf(chart, bounds.end) };
}
