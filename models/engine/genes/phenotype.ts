/** Diplotype → activity score → phenotype, by the rules of the allele tables. */
import type { GeneAlleles } from './knowledge.ts';

/** What two alleles mean. Absent parts are not known; `Indeterminate` is a phenotype of its own. */
export interface Reading {
  readonly phenotype: string;
  /** `2.0`, `0.25`, `≥3.0`; `n/a` when an allele's activity is not known. */
  readonly score?: string;
}

const INDETERMINATE = 'Indeterminate';

/** `undefined`: not two alleles that the table knows. */
export function readDiplotype(diplotype: string, table: GeneAlleles): Reading | undefined {
  const alleles = split(diplotype);
  if (alleles.length !== 2) return undefined;
  const [a, b] = alleles.map((allele) => activityIn(allele, table));
  if (a === undefined || b === undefined) return undefined;
  return table.by === 'activity' ? byActivity(a, b, table) : byFunction(a, b, table);
}

/** The phenotype of an activity score, by the table's bands. */
export function phenotypeOfScore(score: number, table: GeneAlleles): string | undefined {
  return table.phenotypes?.find(([highest]) => score <= highest)?.[1];
}

/** Scores as CPIC's tables write them: `2.0`, `0.25`. */
export function spelledScore(score: number): string {
  return Number.isInteger(score) ? score.toFixed(1) : String(score);
}

function split(diplotype: string): readonly string[] {
  // HGVS names (`c.1905+1G>A`) hold no slash; hybrids (`*36+*10`) hold a plus.
  return diplotype.split(/[/|;]/).map((allele) => allele.replace(/[[\]\s]/g, ''));
}

interface Lookup {
  readonly exact: ReadonlyMap<string, string>;
}
const lookups = new WeakMap<GeneAlleles, Lookup>();

function lookupOf(table: GeneAlleles): Lookup {
  const known = lookups.get(table);
  if (known) return known;
  const exact = new Map<string, string>();
  for (const [value, alleles] of Object.entries(table.alleles))
    for (const allele of alleles.split(' ; ')) for (const name of namesOf(allele)) exact.set(name, value);
  const made = { exact };
  lookups.set(table, made);
  return made;
}

/** `c.1905+1G>A (*2A)` is found by either name; `Reference` also as `*1` and `=`. */
function namesOf(allele: string): readonly string[] {
  if (allele === 'Reference') return ['Reference', '*1', '='];
  const both = /^(.+?) \((.+)\)$/.exec(allele);
  const names = both ? [both[1] ?? '', both[2] ?? '', ...(both[1] ?? '').split(', ')] : [allele];
  return names.flatMap((name) => [name.replace(/\s/g, ''), name.replace(/^c\./, '').replace(/\s/g, '')]);
}

function activityIn(allele: string, table: GeneAlleles): string | undefined {
  const { exact } = lookupOf(table);
  // Suballeles (`*1.001`) have the function of their core allele.
  const name = allele.replace(/\.\d{3}(?=$|x|\+)/g, '');
  const known = exact.get(name) ?? exact.get(name.replace(/x(\d+|N)$/i, (_, times: string) => copies(times)));
  if (known !== undefined) return known;
  const times = /^(\*\d+[A-Z]?)x(\d+|N)$/i.exec(name);
  if (times && table.by === 'activity') return multiplied(exact.get(times[1] ?? ''), times[2] ?? '');
  // A tandem such as `*36+*10` does what its parts do together.
  const parts = name.split('+').map((part) => exact.get(part));
  if (name.startsWith('*') && parts.length > 1 && table.by === 'activity') return summed(parts);
  return /^\*\d+[A-Z]$/.test(name) ? exact.get(name.slice(0, -1)) : undefined;
}

function copies(times: string): string {
  return /^n$/i.test(times) || Number(times) >= 3 ? 'x≥3' : `x${times}`;
}

/** An unstated number of copies (`xN`) means three or more of an active allele. */
function multiplied(value: string | undefined, times: string): string | undefined {
  const single = Number(value);
  if (value === undefined) return undefined;
  if (Number.isNaN(single)) return 'n/a';
  if (single === 0) return '0.0';
  return /^n$/i.test(times) ? `≥${spelledScore(single * 3)}` : spelledScore(single * Number(times));
}

function summed(parts: readonly (string | undefined)[]): string | undefined {
  const values = parts.map((part) => (part === undefined ? Number.NaN : Number(part)));
  if (parts.includes(undefined)) return undefined;
  return values.some(Number.isNaN) ? 'n/a' : spelledScore(values.reduce((sum, value) => sum + value, 0));
}

function byActivity(a: string, b: string, table: GeneAlleles): Reading {
  if (a === 'n/a' || b === 'n/a') return { phenotype: INDETERMINATE, score: 'n/a' };
  const atLeast = a.startsWith('≥') || b.startsWith('≥');
  const sum = Number(a.replace('≥', '')) + Number(b.replace('≥', ''));
  const phenotype = phenotypeOfScore(sum, table) ?? INDETERMINATE;
  return { phenotype, score: `${atLeast ? '≥' : ''}${spelledScore(sum)}` };
}

function byFunction(a: string, b: string, { rules = {} }: GeneAlleles): Reading {
  const phenotype = rules[`${a} + ${b}`] ?? rules[`${b} + ${a}`] ?? INDETERMINATE;
  return { phenotype };
}
