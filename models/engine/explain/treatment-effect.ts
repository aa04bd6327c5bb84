/**
 * What a treatment would do to a number: the baseline risk times the ratio that randomised trials found, and nothing
 * else. A model's own treatment term is an association and is never toggled.
 */
import type { Finding, Input, Outcome } from '../evaluation.ts';
import type { Facts } from '../facts/facts.ts';
import type { EffectLimit, Library, RiskModel, TreatmentEffect } from '../library.ts';
import { createResolver, type Resolver } from '../resolve.ts';
import { applicability } from '../risk/applicability.ts';

/** A value with the two ends of its 95 % interval, `low` ≤ `value` ≤ `high`. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One effect on one number of a model. Probabilities have the outcome's unit and horizon. */
export interface TreatedRisk {
  readonly effect: TreatmentEffect;
  /** The baseline: what the model says of this patient, untreated. */
  readonly outcome: Outcome;
  readonly treated: Interval;
  /** Of 1,000 such people over the horizon. */
  readonly fewerPerThousand: Interval;
  /** What was checked against the limits of the trials, dated. */
  readonly on: readonly Input[];
}

/** An effect on a number of this model that is not shown, and why. */
export interface EffectSilence {
  readonly effect: TreatmentEffect;
  readonly because: string;
}

export interface TreatmentEffects {
  readonly shown: readonly TreatedRisk[];
  readonly silent: readonly EffectSilence[];
}

/**
 * Every effect of the library on the numbers of `model`: shown where the patient is whom the trials speak of and is not
 * treated yet; silent, with the reason, where not or where that cannot be told. `now` in ms since the epoch.
 */
export function treatmentEffects(asked: {
  readonly model: Pick<RiskModel, 'id'>;
  readonly finding: Pick<Finding, 'outcomes'>;
  readonly facts: Facts;
  readonly library: Library;
  readonly now: number;
}): TreatmentEffects {
  const { model, finding, facts, library, now } = asked;
  const resolver = createResolver({ facts, library, now });
  const shown: TreatedRisk[] = [];
  const silent: EffectSilence[] = [];
  for (const effect of library.effects ?? []) {
    const outcomes = fitting(effect, model.id, finding.outcomes ?? []);
    if (outcomes.length === 0) continue;
    const fit = fitOf(effect, facts, resolver);
    if (!fit.fits) silent.push({ effect, because: fit.because });
    else shown.push(...outcomes.map((outcome) => treatedRisk(effect, outcome, fit.on)));
  }
  return { shown, silent };
}

/** The numbers whose outcome the trials counted. */
function fitting(effect: TreatmentEffect, model: string, outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(
    ({ id, unit, horizon }) =>
      unit === '1' &&
      horizon !== undefined &&
      effect.fits.some(({ models, outcome }) => outcome === id && models.includes(model)),
  );
}

type Fit = { readonly fits: true; readonly on: readonly Input[] } | { readonly fits: false; readonly because: string };

/** Silent unless everything that the trials' population turns on is known: here an unknown is no "no". */
function fitOf({ population, limits }: TreatmentEffect, facts: Facts, resolver: Resolver): Fit {
  const applies = applicability(population, facts, resolver);
  if (applies.applies === 'no') return { fits: false, because: applies.because.text };
  const [unknown] = applies.applies === 'unknown' ? applies.missing : [];
  if (unknown) return { fits: false, because: unknown.text };
  for (const { fact, because } of population.unless ?? []) {
    const resolved = resolver.resolve({ fact, label: because, required: true });
    if (resolved.state === 'absent') return { fits: false, because: resolved.missing.text };
  }
  const on: Input[] = [];
  for (const limit of limits) {
    const within = withinLimit(limit, resolver);
    if ('because' in within) return { fits: false, because: within.because };
    on.push(within.input);
  }
  return { fits: true, on };
}

function withinLimit(limit: EffectLimit, resolver: Resolver): { input: Input } | { because: string } {
  const { fact, label, unit, maxAge, range, because } = limit;
  const resolved = resolver.resolve({ fact, label, unit, maxAge, required: true });
  if (resolved.state === 'absent') return { because: resolved.missing.text };
  const { value, input } = resolved;
  const inside = typeof value === 'number' && !input.comparator && value >= range[0] && value <= range[1];
  return inside ? { input } : { because };
}

function treatedRisk(effect: TreatmentEffect, outcome: Outcome, on: readonly Input[]): TreatedRisk {
  const [lowest, highest] = effect.interval;
  const treated = {
    value: riskTimes(effect, outcome.value, effect.ratio),
    low: riskTimes(effect, outcome.value, lowest),
    high: riskTimes(effect, outcome.value, highest),
  };
  const fewer = (risk: number) => 1000 * (outcome.value - risk);
  return {
    effect,
    outcome,
    treated,
    fewerPerThousand: { value: fewer(treated.value), low: fewer(treated.high), high: fewer(treated.low) },
    on,
  };
}

/**
 * A ratio of risks multiplies the risk. A ratio of rates or hazards multiplies the rate: with a constant ratio r the
 * share without an event is (1 − risk)^r, a little less benefit than risk × r.
 */
function riskTimes({ measure }: TreatmentEffect, risk: number, ratio: number): number {
  switch (measure) {
    case 'risk-ratio':
      return Math.min(risk * ratio, 1);
    case 'rate-ratio':
    case 'hazard-ratio':
      return 1 - (1 - risk) ** ratio;
  }
}
