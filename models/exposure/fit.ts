/**
 * Fits the parameters of predicted exposure to published AUC ratios and says how well it does on rows it has not seen.
 *
 * Maximum a posteriori: every parameter is drawn to its source's value as strongly as the source's grade deserves, every
 * row by Student's t (4 degrees of freedom), so that one odd study bends nothing far. Deterministic: no random start, no
 * random order. Only parameters that some row touches are moved; the source's own value is kept beside the fitted one.
 *
 * Run: node models/exposure/fit.ts [--write] < ../shared/gold/auc_ratios_sample.json
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ExposureKnowledge, Grade, Parameter } from '../engine/exposure/knowledge.ts';
import { stageOf } from '../engine/exposure/model.ts';
import { type Question, questionOf, ratioOf, type TrialRow } from '../engine/exposure/trial-row.ts';

type Row = TrialRow & { readonly aucr_obs: number };
type Mutable = [value: number, grade: Grade, prior?: number];

const FILE = 'models/exposure/parameters.json';
const REPORT = 'models/exposure/fit-report.json';
/** SD of a parameter around its source's value: on the logit scale for ratios, on the log scale for induction. */
const SPREAD: Readonly<Record<Grade, number>> = { A: 0.4, B: 0.6, C: 1, R: 0.7 };
const INDUCTION_SPREAD: Readonly<Record<Grade, number>> = { A: 0.3, B: 0.4, C: 0.7, R: 0.6 };
/** SD of the log ratio of a row, and the degrees of freedom of its tails. */
const ROW_SD = 0.3;
const DEGREES = 4;
const STEPS = 400;
const RATE = 0.05;

const { rows } = JSON.parse(readFileSync(0, 'utf8')) as { rows: readonly Row[] };
const source = JSON.parse(readFileSync(FILE, 'utf8')) as ExposureKnowledge;

const prior = fitted(source, []);
const everything = fitted(source, rows);
const report = {
  rows: rows.length,
  'sources only, nothing fitted': score(rows, () => prior),
  'fitted to all rows': score(rows, () => everything),
  'five folds by row': crossValidated((row) => row.id),
  'five folds by object': crossValidated((row) => row.victim),
  'five folds by precipitant or genotype': crossValidated((row) => row.perpetrator ?? row.genotype ?? ''),
  'held out: rows with SHA-256(id) mod 5 = 0': heldOut((row) => fold(row.id) === 0),
  'held out: YEUNG2015 and LIT genotype rows': heldOut(
    (row) => row.set === 'YEUNG2015' || (row.set === 'LIT' && Boolean(row.genotype)),
  ),
  'held out, parameters of the shared table alone': heldOut((row) => fold(row.id) === 0, sharedOnly(source)),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
if (process.argv.includes('--write')) {
  writeFileSync(FILE, text(rounded(everything)));
  writeFileSync(REPORT, `${JSON.stringify(report, null, 1)}\n`);
}

/** Each row by a fit to the rows of the other folds. */
function crossValidated(group: (row: Row) => string) {
  const models = [0, 1, 2, 3, 4].map((left) =>
    fitted(
      source,
      rows.filter((row) => fold(group(row)) !== left),
    ),
  );
  return score(rows, (row) => models[fold(group(row))] ?? prior);
}

function heldOut(isHeld: (row: Row) => boolean, from: ExposureKnowledge = source) {
  const model = fitted(
    from,
    rows.filter((row) => !isHeld(row)),
  );
  return score(rows.filter(isHeld), () => model);
}

function fold(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % 5;
}

/** Without what was added from general knowledge, which was written with these rows in view. */
function sharedOnly(knowledge: ExposureKnowledge): ExposureKnowledge {
  const graded = (record: Readonly<Record<string, Parameter>> | undefined) =>
    Object.fromEntries(Object.entries(record ?? {}).filter(([, [, grade]]) => grade !== 'R'));
  const objects = knowledge.objects.map((object) => ({ ...object, cr: graded(object.cr) }));
  const precipitants = knowledge.precipitants.map((each) => ({ ...each, ir: graded(each.ir), ic: graded(each.ic) }));
  return {
    ...knowledge,
    objects: objects.filter(({ cr }) => Object.keys(cr).length > 0),
    precipitants: precipitants.filter(({ ir, ic }) => Object.keys(ir).length + Object.keys(ic).length > 0),
  };
}

function score(of: readonly Row[], model: (row: Row) => ExposureKnowledge) {
  const errors = of.flatMap((row) => {
    const knowledge = model(row);
    const asked = questionOf(row, knowledge);
    return 'declined' in asked ? [] : [Math.abs(Math.log(ratioOf(asked, knowledge) / row.aucr_obs))];
  });
  const within = (factor: number) => errors.filter((error) => error <= Math.log(factor)).length;
  const gmfe = Math.exp(errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length));
  return {
    rows: of.length,
    predicted: errors.length,
    within2: within(2),
    within2Share: Number((within(2) / Math.max(1, errors.length)).toFixed(3)),
    within1_5: within(1.5),
    gmfe: Number(gmfe.toFixed(3)),
  };
}

/** A parameter with the place it is kept in, on the scale it is moved on. */
interface Knob {
  readonly at: Mutable;
  readonly start: number;
  readonly spread: number;
  readonly scale: 'logit' | 'log';
  x: number;
}

/** A copy of the knowledge, moved towards the rows. */
function fitted(from: ExposureKnowledge, to: readonly Row[]): ExposureKnowledge {
  const knowledge = structuredClone(from);
  const knobs = new Map<Parameter, Knob>();
  for (const { cr } of knowledge.objects) for (const at of Object.values(cr)) addKnob(knobs, at, 'logit');
  for (const { ir = {}, ic = {} } of knowledge.precipitants) {
    for (const at of Object.values(ir)) addKnob(knobs, at, 'logit');
    for (const at of Object.values(ic)) addKnob(knobs, at, 'log');
  }
  const asked = to.flatMap((row) => {
    const question = questionOf(row, knowledge);
    return 'declined' in question
      ? []
      : [{ question, target: Math.log(row.aucr_obs), touched: touchedBy(question, knobs) }];
  });
  const used = new Set(asked.flatMap(({ touched }) => touched));
  for (let step = 0; step < STEPS; step++) descend(asked, used, knowledge, RATE / (1 + (4 * step) / STEPS));
  for (const knob of knobs.values()) if (used.has(knob)) knob.at[2] = onScale(knob.start, knob.scale);
  return knowledge;
}

function addKnob(knobs: Map<Parameter, Knob>, parameter: Parameter, scale: Knob['scale']): void {
  const at = parameter as unknown as Mutable;
  const [value, grade, before] = at;
  if (value === 0) return;
  // A second run starts from the sources again.
  const start = scale === 'logit' ? logit(before ?? value) : Math.log(before ?? value);
  at.length = 2;
  at[0] = onScale(start, scale);
  knobs.set(parameter, { at, start, scale, x: start, spread: (scale === 'logit' ? SPREAD : INDUCTION_SPREAD)[grade] });
}

function touchedBy({ object, precipitant }: Question, knobs: ReadonlyMap<Parameter, Knob>): readonly Knob[] {
  const pathways = Object.keys(object.cr);
  const parameters = [
    ...Object.values(object.cr),
    ...pathways.flatMap((pathway) => [precipitant?.ir?.[pathway], precipitant?.ic?.[pathway]]),
  ];
  return parameters.flatMap((parameter) => (parameter && knobs.get(parameter)) || []);
}

interface Asked {
  readonly question: Question;
  readonly target: number;
  readonly touched: readonly Knob[];
}

/** One step down the gradient, each parameter in units of its spread. */
function descend(asked: readonly Asked[], used: ReadonlySet<Knob>, knowledge: ExposureKnowledge, rate: number): void {
  const slope = new Map<Knob, number>();
  for (const { question, target, touched } of asked) {
    const error = Math.log(ratioOf(question, knowledge)) - target;
    const weight = (DEGREES + 1) / (DEGREES * ROW_SD ** 2 + error ** 2);
    for (const knob of touched) {
      const change = (probe(knob, 0.01, question, knowledge) - probe(knob, -0.01, question, knowledge)) / 0.02;
      slope.set(knob, (slope.get(knob) ?? 0) + weight * error * change);
    }
  }
  for (const knob of used) {
    const pull = (knob.x - knob.start) / knob.spread ** 2;
    const step = ((slope.get(knob) ?? 0) + pull) * knob.spread ** 2 * rate;
    knob.x -= Math.max(-0.1, Math.min(0.1, step));
    knob.at[0] = onScale(knob.x, knob.scale);
  }
  // A drug is not eliminated by more than all of it.
  for (const { cr } of knowledge.objects) {
    const parts = Object.entries(cr).filter(([pathway]) => stageOf(pathway) === 'elimination');
    const sum = parts.reduce((total, [, [value]]) => total + value, 0);
    if (sum > 0.985) for (const [, parameter] of parts) (parameter as unknown as Mutable)[0] *= 0.985 / sum;
  }
}

function probe(knob: Knob, by: number, question: Question, knowledge: ExposureKnowledge): number {
  const kept = knob.at[0];
  knob.at[0] = onScale((knob.scale === 'logit' ? logit(kept) : Math.log(kept)) + by, knob.scale);
  const value = Math.log(ratioOf(question, knowledge));
  knob.at[0] = kept;
  return value;
}

function onScale(x: number, scale: Knob['scale']): number {
  return scale === 'logit' ? 1 / (1 + Math.exp(-x)) : Math.exp(x);
}

function logit(value: number): number {
  return Math.log(value / (1 - value));
}

function rounded(knowledge: ExposureKnowledge): ExposureKnowledge {
  const round = (value: number) => Number(value.toPrecision(3));
  const copy = structuredClone(knowledge);
  const all = [
    ...copy.objects.flatMap(({ cr }) => Object.values(cr)),
    ...copy.precipitants.flatMap(({ ir = {}, ic = {} }) => [...Object.values(ir), ...Object.values(ic)]),
  ] as unknown as Mutable[];
  for (const parameter of all) {
    parameter[0] = round(parameter[0]);
    if (parameter[2] !== undefined) parameter[2] = round(parameter[2]);
    if (parameter[2] === parameter[0]) parameter.length = 2;
  }
  return copy;
}

/** One drug a line. */
function text(knowledge: ExposureKnowledge): string {
  const members = Object.entries(knowledge).map(([key, value]) => {
    const body = Array.isArray(value)
      ? `[\n${value.map((each) => `  ${JSON.stringify(each)}`).join(',\n')}\n ]`
      : JSON.stringify(value);
    return ` ${JSON.stringify(key)}: ${body}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
