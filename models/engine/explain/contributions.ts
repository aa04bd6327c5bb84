/**
 * Why this number: the difference between a patient and a reference person, split among the inputs in which they
 * differ. Shapley values over all 2ⁿ mixtures of the two persons: exact, and independent of any order.
 */
import type { RegressionModel } from '../library.ts';
import { equationOf, isChangeable, isTreatment, type Values } from './equation.ts';

/** One part of the difference, in the outcome's own unit: positive raises. */
export interface Contribution {
  readonly name: string;
  /** Every input of the line: one, or those that measure one thing. */
  readonly names: readonly string[];
  readonly label: string;
  readonly value: number;
  /** A person can change it, or one of them; a treatment is never said to be changeable. */
  readonly changeable: boolean;
}

/** The difference in full: `reference` + every line + `treatment` + `others` = `patient`. */
export interface Contributions {
  readonly patient: number;
  readonly reference: number;
  /** At most five, those that can be changed first, then by size. */
  readonly lines: readonly Contribution[];
  /** Treatment terms together: associations in the data, not effects of treating. */
  readonly treatment?: { readonly labels: readonly string[]; readonly value: number };
  /** What does not fit into five lines. */
  readonly others?: { readonly labels: readonly string[]; readonly value: number };
}

/** Lines shown; more would not be read. */
const SHOWN = 5;
/** Mixtures grow as 2ⁿ. */
const MOST_PLAYERS = 14;

/** More inputs than can be split exactly; no approximation is made in their place. */
export class TooManyInputsError extends Error {
  readonly code = 'too-many-inputs';
}

interface Player {
  readonly names: readonly string[];
  readonly treatment: boolean;
}

/**
 * Splits the difference from `reference` (by input name; what it does not name stays the patient's own).
 * The treatments are one player, so that their line is one number.
 * @throws TooManyInputsError beyond fourteen players; otherwise as `scoreRegression`
 */
export function contributions(asked: {
  readonly model: RegressionModel;
  readonly values: Values;
  readonly reference: Values;
  readonly outcome: string;
  /** Inputs that measure one thing and share a line, such as diabetes and HbA1c. */
  readonly together?: readonly (readonly string[])[];
}): Contributions {
  const { model } = asked;
  const players = playersOf(asked);
  if (players.length > MOST_PLAYERS)
    throw new TooManyInputsError(`${model.id}: more than ${MOST_PLAYERS} inputs differ`);
  const mixtures = mixturesOf(players, asked);
  const shares = players.map((_, index) => shapley(mixtures, players.length, index));
  return arranged(model, players, shares, {
    patient: mixtures[mixtures.length - 1] ?? Number.NaN,
    reference: mixtures[0] ?? Number.NaN,
  });
}

/** The inputs in which the two persons differ, treatments together, and those of one thing; who they are (age, sex) is never one. */
function playersOf({
  model,
  values,
  reference,
  together = [],
}: Parameters<typeof contributions>[0]): readonly Player[] {
  const differing = model.inputs.filter(
    ({ name, fact }) =>
      !fact.startsWith('patient.') &&
      values[name] !== undefined &&
      reference[name] !== undefined &&
      values[name] !== reference[name],
  );
  const treatments = differing.filter(isTreatment).map(({ name }) => name);
  const plain = differing.filter((binding) => !isTreatment(binding)).map(({ name }) => name);
  const alike = (name: string) => together.find((names) => names.includes(name)) ?? [name];
  return [
    ...plain
      .filter((name, index) => !plain.slice(0, index).some((before) => alike(before).includes(name)))
      .map((name) => ({ names: plain.filter((other) => alike(name).includes(other)), treatment: false })),
    ...(treatments.length > 0 ? [{ names: treatments, treatment: true }] : []),
  ];
}

/** The outcome for every mixture; bit i of the index says that player i is the patient's, else the reference's. */
function mixturesOf(
  players: readonly Player[],
  { model, values, reference, outcome }: Parameters<typeof contributions>[0],
): Float64Array {
  const number = equationOf(model, outcome);
  const results = new Float64Array(2 ** players.length);
  for (let mask = 0; mask < results.length; mask += 1) {
    const mixed: Record<string, number> = { ...values };
    for (const [index, { names }] of players.entries()) {
      if (mask & (1 << index)) continue;
      for (const name of names) mixed[name] = reference[name] ?? Number.NaN;
    }
    results[mask] = number(mixed);
  }
  return results;
}

/** Mean marginal difference of one player over all orders in which the n could be changed. */
function shapley(mixtures: Float64Array, n: number, player: number): number {
  const weights = orderWeights(n);
  const bit = 1 << player;
  let sum = 0;
  for (let mask = 0; mask < mixtures.length; mask += 1) {
    if (mask & bit) continue;
    sum += (weights[ones(mask)] ?? 0) * ((mixtures[mask | bit] ?? Number.NaN) - (mixtures[mask] ?? Number.NaN));
  }
  return sum;
}

/** s!(n−1−s)!/n! for each number s of players already changed. */
function orderWeights(n: number): readonly number[] {
  const weights = [1 / n];
  for (let s = 1; s < n; s += 1) weights.push(((weights[s - 1] ?? 0) * s) / (n - s));
  return weights;
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function arranged(
  model: RegressionModel,
  players: readonly Player[],
  shares: readonly number[],
  ends: { readonly patient: number; readonly reference: number },
): Contributions {
  const binding = (name: string) => model.inputs.find((input) => input.name === name);
  const labels = ({ names }: Player) => names.map((name) => binding(name)?.label ?? name);
  const ranked = players
    .flatMap((player, index): Contribution[] => {
      const [name] = player.names;
      if (player.treatment || name === undefined) return [];
      const changeable = player.names.some((one) => {
        const input = binding(one);
        return input !== undefined && isChangeable(input);
      });
      return [
        { name, names: player.names, label: labels(player).join(' and '), value: shares[index] ?? 0, changeable },
      ];
    })
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const kept = new Set(ranked.slice(0, SHOWN));
  const rest = ranked.slice(SHOWN);
  const treated = players.findIndex(({ treatment }) => treatment);
  const treatment = players[treated];
  return {
    ...ends,
    lines: [...ranked.filter(({ changeable }) => changeable), ...ranked.filter(({ changeable }) => !changeable)].filter(
      (line) => kept.has(line),
    ),
    ...(treatment ? { treatment: { labels: labels(treatment), value: shares[treated] ?? 0 } } : {}),
    ...(rest.length > 0
      ? { others: { labels: rest.map(({ label }) => label), value: rest.reduce((sum, { value }) => sum + value, 0) } }
      : {}),
  };
}
