/**
 * Concentration after infusions in one or two compartments, in closed form: a sum of exponentials for each dose.
 * Hours, mg, L, mg/L. Doses add up, since the system is linear.
 */

/** One person's disposition. Without `q` and `v2` there is one compartment. */
export interface Disposition {
  /** clearance, L/h */
  readonly cl: number;
  /** central volume, L */
  readonly v1: number;
  /** flow between the compartments, L/h */
  readonly q?: number;
  /** peripheral volume, L */
  readonly v2?: number;
}

/** A dose given at a constant rate. */
export interface Infusion {
  /** start, h */
  readonly at: number;
  readonly mg: number;
  /** duration, h; more than 0 */
  readonly hours: number;
}

/** The same infusion again and again. */
export interface Regimen {
  readonly mg: number;
  readonly hours: number;
  /** interval between starts, h */
  readonly every: number;
}

/** Concentration after a unit impulse is Σ weight·e^(−rate·t). */
interface Phase {
  /** 1/h */
  readonly rate: number;
  /** 1/L */
  readonly weight: number;
}

function phasesOf({ cl, v1, q, v2 }: Disposition): readonly Phase[] {
  if (q === undefined || v2 === undefined) return [{ rate: cl / v1, weight: 1 / v1 }];
  const [out, over, back] = [cl / v1, q / v1, q / v2];
  const sum = out + over + back;
  const root = Math.sqrt(sum * sum - 4 * out * back);
  const [fast, slow] = [(sum + root) / 2, (sum - root) / 2];
  return [
    { rate: fast, weight: (fast - back) / (v1 * (fast - slow)) },
    { rate: slow, weight: (back - slow) / (v1 * (fast - slow)) },
  ];
}

/** Concentration (mg/L) at `time` h after all infusions begun before it. */
export function concentrationAt(disposition: Disposition, infusions: readonly Infusion[], time: number): number {
  const phases = phasesOf(disposition);
  let sum = 0;
  for (const { at, mg, hours } of infusions) {
    const since = time - at;
    if (since <= 0) continue;
    const during = Math.min(since, hours);
    for (const { rate, weight } of phases)
      sum += (mg / hours) * (weight / rate) * -Math.expm1(-rate * during) * Math.exp(-rate * (since - during));
  }
  return sum;
}

/** Concentration (mg/L) `time` h after the start of a dose, when every dose before it was given on time for ever. */
export function steadyStateAt(disposition: Disposition, { mg, hours, every }: Regimen, time: number): number {
  let sum = 0;
  for (const { rate, weight } of phasesOf(disposition)) {
    const during = Math.min(time, hours);
    const own = -Math.expm1(-rate * during) * Math.exp(-rate * (time - during));
    const before = (-Math.expm1(-rate * hours) * Math.exp(-rate * (time + every - hours))) / -Math.expm1(-rate * every);
    sum += (mg / hours) * (weight / rate) * (own + before);
  }
  return sum;
}

/** Area under the curve (mg·h/L) between two times, exact. */
export function areaBetween(
  disposition: Disposition,
  infusions: readonly Infusion[],
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const phases = phasesOf(disposition);
  const until = (time: number): number =>
    infusions.reduce((sum, { at, mg, hours }) => {
      const since = time - at;
      if (since <= 0) return sum;
      const during = Math.min(since, hours);
      return phases.reduce((total, { rate, weight }) => {
        const risen = during + Math.expm1(-rate * during) / rate;
        const falling = (-Math.expm1(-rate * during) * -Math.expm1(-rate * (since - during))) / rate;
        return total + (mg / hours) * (weight / rate) * (risen + falling);
      }, sum);
    }, 0);
  return until(to) - until(from);
}

/** Area under the curve of 24 h (mg·h/L) at steady state: what is given in a day over clearance. */
export function dailyAreaAtSteadyState({ cl }: Disposition, { mg, every }: Regimen): number {
  return (mg * (24 / every)) / cl;
}
