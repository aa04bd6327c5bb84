/** To whom a model or rule speaks. Silence has a reason; what could not be checked is named. */
import type { Missing, Reason } from '../evaluation.ts';
import type { Facts } from '../facts/facts.ts';
import type { OnlyWith, Population } from '../library.ts';
import type { Resolved, Resolver } from '../resolve.ts';

/**
 * Whether a piece of knowledge applies to this patient: `no` with the reason; `unknown` when a fact that decides
 * it is missing; else `yes`, with the exclusions that nobody could check.
 */
export type Applicability =
  | { readonly applies: 'yes'; readonly unchecked: readonly Missing[] }
  | { readonly applies: 'no'; readonly because: Reason }
  | { readonly applies: 'unknown'; readonly missing: readonly Missing[] };

/** Completed years from which a patient is an adult; knowledge without an age range of its own is for adults. */
const ADULT = 18;
/** A pregnancy status older than this says nothing about today. */
const PREGNANCY_STATUS_AGE = 'P10M';
/** Value sets the engine itself asks about. */
const PREGNANCY = 'pregnancy';
const COMFORT_CARE = 'comfort-care';

type Step = (population: Population, facts: Facts, resolver: Resolver) => Reason | readonly Missing[] | undefined;

/** Checks, in order: the record, life, age, sex, pregnancy, comfort care, required and excluded conditions, facts that make it pointless, and facts it waits for. */
export function applicability(population: Population, facts: Facts, resolver: Resolver): Applicability {
  const decisive: readonly Step[] = [record, age, sex, started, required];
  const exclusions: readonly Step[] = [pregnancy, comfortCare, excluded, pointless, waiting];
  const unknown: Missing[] = [];
  const unchecked: Missing[] = [];
  for (const [steps, doubts] of [
    [decisive, unknown],
    [exclusions, unchecked],
  ] as const) {
    for (const step of steps) {
      const result = step(population, facts, resolver);
      if (result === undefined) continue;
      if ('code' in result) return { applies: 'no', because: result };
      doubts.push(...result);
    }
  }
  return unknown.length > 0 ? { applies: 'unknown', missing: unknown } : { applies: 'yes', unchecked };
}

function record(_: Population, { patient }: Facts): Reason | undefined {
  if (patient.replaced) return { code: 'record-replaced', text: 'This record was replaced by another' };
  if (patient.deceased) return { code: 'deceased', text: 'The patient has died' };
  return undefined;
}

function age(population: Population, _: Facts, resolver: Resolver): Reason | readonly Missing[] | undefined {
  const [from, to] = population.age ?? [ADULT, Number.POSITIVE_INFINITY];
  const resolved = resolver.resolve({ fact: 'patient.age', label: 'Age', unit: 'a', required: true });
  if (resolved.state === 'absent') return [resolved.missing];
  const years = Number(resolved.value);
  if (years < ADULT && from >= ADULT)
    return { code: 'child', text: `Made for adults; the patient is ${years}`, path: 'patient.age' };
  if (years < from || years > to) {
    const range = Number.isFinite(to) ? `${from} to ${to}` : `${from} and older`;
    return {
      code: 'age-outside-population',
      text: `Made for ages ${range}; the patient is ${years}`,
      path: 'patient.age',
    };
  }
  return undefined;
}

function sex(population: Population, _: Facts, resolver: Resolver): Reason | readonly Missing[] | undefined {
  if (!population.sex) return undefined;
  const resolved = resolver.resolve({ fact: 'patient.sex', label: 'Sex', required: true });
  if (resolved.state === 'absent') return [resolved.missing];
  if (resolved.value === population.sex) return undefined;
  return { code: 'sex-outside-population', text: `Made for ${population.sex} patients`, path: 'patient.sex' };
}

function pregnancy(
  population: Population,
  { patient }: Facts,
  resolver: Resolver,
): Reason | readonly Missing[] | undefined {
  if (population.pregnant === 'allowed' || patient.sex === 'male') return undefined;
  const status = resolver.resolve({
    fact: 'observation.pregnancy-status',
    label: 'Pregnancy status',
    maxAge: PREGNANCY_STATUS_AGE,
    required: false,
  });
  if (status.state === 'known' && status.value === 'not-pregnant') return undefined;
  const because: Reason = { code: 'pregnant', text: 'Not made for pregnancy', path: `condition.${PREGNANCY}` };
  if (status.state === 'known' && status.value === 'pregnant') return because;
  const listed = condition(resolver, PREGNANCY, 'Pregnancy');
  return isYes(listed) ? because : doubt(listed);
}

function comfortCare(population: Population, _: Facts, resolver: Resolver): Reason | readonly Missing[] | undefined {
  if (!population.silentInComfortCare) return undefined;
  const listed = condition(resolver, COMFORT_CARE, 'Comfort care');
  if (!isYes(listed)) return doubt(listed);
  return {
    code: 'comfort-care',
    text: 'Quiet in comfort care: prevention is not the aim',
    path: `condition.${COMFORT_CARE}`,
  };
}

/** Equations for a first dose have nothing to say of one that is settled, nor where nobody knows which it is. */
function started({ starting }: Population, _: Facts, resolver: Resolver): Reason | undefined {
  if (!starting) return undefined;
  const path = `taking.${starting.medicine}`;
  const taking = resolver.resolve({ fact: path, label: starting.because, unit: 'd', required: false });
  if (taking.state === 'known' && Number(taking.value) <= starting.days) return undefined;
  return { code: 'medicine-not-starting', text: starting.because, path };
}

function required(population: Population, _: Facts, resolver: Resolver): Reason | readonly Missing[] | undefined {
  for (const { condition: id, because, ever } of population.require ?? []) {
    const listed = condition(resolver, id, because, ever);
    if (listed.state === 'absent') return [{ ...listed.missing, required: true }];
    if (!isYes(listed)) return { code: 'required-condition-absent', text: because, path: `condition.${id}` };
  }
  return undefined;
}

function excluded(population: Population, _: Facts, resolver: Resolver): Reason | readonly Missing[] | undefined {
  const doubts: Missing[] = [];
  for (const { condition: id, because, ever } of population.exclude ?? []) {
    const listed = condition(resolver, id, because, ever);
    if (isYes(listed)) return { code: 'excluded-condition', text: because, path: `condition.${id}` };
    doubts.push(...doubt(listed));
  }
  return doubts;
}

function pointless(population: Population, _: Facts, resolver: Resolver): Reason | undefined {
  const found = (population.unless ?? []).find(({ fact, because }) => {
    const resolved = resolver.resolve({ fact, label: because, required: false });
    return resolved.state === 'known' && resolved.value !== 'no';
  });
  return found && { code: 'value-already-on-file', text: found.because, path: found.fact };
}

function waiting(population: Population, _: Facts, resolver: Resolver): Reason | undefined {
  const lacking = population.onlyWith?.find((wanted) => countOf(wanted, resolver) < atLeast(wanted));
  const [path] = lacking?.facts ?? [];
  if (!lacking || !path) return undefined;
  const code = path.startsWith('asked.') ? 'on-request' : 'value-not-on-file';
  return { code, text: lacking.because, path };
}

function atLeast({ facts, atLeast: least = facts.length }: OnlyWith): number {
  return least;
}

function countOf({ facts, because, maxAge }: OnlyWith, resolver: Resolver): number {
  return facts.filter((fact) => {
    const resolved = resolver.resolve({ fact, label: because, required: false, ...(maxAge ? { maxAge } : {}) });
    return resolved.state === 'known' && resolved.value !== 'no' && !resolved.input.comparator;
  }).length;
}

function condition(resolver: Resolver, id: string, label: string, ever = false): Resolved {
  return resolver.resolve({ fact: `${ever ? 'history' : 'condition'}.${id}`, label, required: false });
}

function isYes(resolved: Resolved): boolean {
  return resolved.state === 'known' && resolved.value === 'yes';
}

function doubt(resolved: Resolved): readonly Missing[] {
  return resolved.state === 'absent' ? [resolved.missing] : [];
}
