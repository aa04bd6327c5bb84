/**
 * The one way from a fact path to a value: newest usable, in the unit asked for, dated, with its sources;
 * or the face of absence that it has. Risk models, interactions and rules all ask here.
 *
 * Paths: `patient.age` (a), `patient.sex`, `observation.<key>`, `condition.<valueSetId>` (active: `yes`/`no`),
 * `history.<valueSetId>` (active or past: `yes`/`no`),
 * `medication.<drugClassId or rxcui>` (`yes`/`no`), `derived.<name>` (from the risk model that provides it),
 * `gene.<symbol>` (a diplotype), `taking.<drugClassId or rxcui>` (days since the start),
 * `asked.<name>` (the clinician's answer), `site.<name>` (a setting of the site).
 */
import type { Input, Missing } from './evaluation.ts';
import type { Facts } from './facts/facts.ts';
import type { Library } from './library.ts';
import { type Binding, missing } from './resolve/absence.ts';
import { resolveAsked, resolveSite } from './resolve/asked.ts';
import { resolveCondition } from './resolve/condition.ts';
import { resolveDerived } from './resolve/derived.ts';
import { resolveGene } from './resolve/gene.ts';
import { resolveMedication } from './resolve/medication.ts';
import { resolveObservation } from './resolve/observation.ts';
import { resolvePatient } from './resolve/patient.ts';
import { resolveTaking } from './resolve/taking.ts';

export type { Binding } from './resolve/absence.ts';

/**
 * A fact resolved. A known value may carry a comparator (`input.comparator`): it is then a bound, not a number,
 * and only a threshold that the bound settles may use it.
 */
export type Resolved =
  | { readonly state: 'known'; readonly value: number | string; readonly input: Input }
  | { readonly state: 'absent'; readonly missing: Missing };

export interface Resolver {
  resolve(binding: Binding): Resolved;
}

/** What a resolver reads: one patient's facts, the library in force, and the clock (ms since the epoch). */
export interface Scene {
  readonly facts: Facts;
  readonly library: Library;
  readonly now: number;
}

/** Makes the resolver of one patient at one moment. Derived facts are computed once. */
export function createResolver(scene: Scene): Resolver {
  const memo = new Map<string, Resolved>();
  const resolver: Resolver = {
    resolve(binding) {
      const key = keyOf(binding);
      const known = memo.get(key);
      if (known) return known;
      // A derived fact that needs itself meets this entry instead of looping.
      memo.set(key, { state: 'absent', missing: missing(binding, 'failed', 'it is derived from itself') });
      const resolved = dispatch(scene, resolver, binding);
      memo.set(key, resolved);
      return resolved;
    },
  };
  return resolver;
}

// The library's own bindings are asked for of every patient.
const keys = new WeakMap<Binding, string>();

function keyOf(binding: Binding): string {
  const known = keys.get(binding);
  if (known !== undefined) return known;
  const key = [binding.fact, binding.label, binding.unit, binding.maxAge, binding.required].join('|');
  keys.set(binding, key);
  return key;
}

function dispatch(scene: Scene, resolver: Resolver, binding: Binding): Resolved {
  const dot = binding.fact.indexOf('.');
  const name = binding.fact.slice(dot + 1);
  switch (binding.fact.slice(0, dot)) {
    case 'patient':
      return resolvePatient(scene, binding, name);
    case 'observation':
      return resolveObservation(scene, binding, name);
    case 'condition':
      return resolveCondition(scene, binding, { id: name, ever: false });
    case 'history':
      return resolveCondition(scene, binding, { id: name, ever: true });
    case 'medication':
      return resolveMedication(scene, binding, name);
    case 'gene':
      return resolveGene(scene, binding, name);
    case 'taking':
      return resolveTaking(scene, binding, name);
    case 'derived':
      return resolveDerived(scene, resolver, binding);
    case 'asked':
      return resolveAsked(scene, binding, name);
    case 'site':
      return resolveSite(scene, binding, name);
    default:
      return { state: 'absent', missing: missing(binding, 'not-asked', 'no such kind of fact') };
  }
}
