/**
 * Questions to the patient's facts: older than 65, a potassium above 5.5, on a proton pump inhibitor. Many pieces of the
 * library ask the same; one patient at one moment gives one answer, so each is worked out once.
 */
import type { FactPath } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import type { Binding, Resolver } from '../resolve.ts';
import { type Truth, truthOf } from './fhirpath.ts';
import { bindingOf, look, type Seen } from './view.ts';

/** An expression, the facts it needs, and how old each may be (ISO 8601 duration). Without an expression it always holds. */
export interface Question {
  readonly when: string | undefined;
  readonly needs: readonly FactPath[];
  readonly maxAge?: Readonly<Record<FactPath, string>> | undefined;
}

/** What the expression saw and what it says of that. */
export interface Answer {
  readonly seen: Seen;
  readonly truth: Truth;
}

/** What an expression may look at beside the patient's facts: more of the view, and `%name` variables. */
export interface Beside {
  readonly view?: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, unknown>>;
}

/** Who is asked. */
export interface QuestionScene {
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * The answer for this patient.
 * @param owner the piece of the library that asks; what its question needs is laid out once for it
 * @throws as `truthOf` does
 */
export function ask(owner: object, question: Question, scene: QuestionScene, beside?: Beside): Answer {
  const { bindings, needs, whole } = preparedOf(owner, question, scene.library);
  const { seen: looked, answers } = askedOf(scene.resolver);
  const seen = once(looked, needs, () => look(bindings, scene.resolver, scene.now));
  const { when } = question;
  if (when === undefined) return { seen, truth: 'met' };
  if (!beside)
    return once(answers, whole, () => ({ seen, truth: isBlank(seen) ? 'unknown' : truthOf(when, seen.view) }));
  const view = beside.view ? { ...seen.view, ...beside.view } : seen.view;
  return { seen, truth: truthOf(when, view, beside.environment) };
}

/** Where nothing that it needs is there, the answer is unknown, whatever the expression. */
function isBlank({ resolved }: Seen): boolean {
  return resolved.length > 0 && resolved.every(({ state }) => state === 'absent');
}

interface Prepared {
  readonly of: Library;
  readonly bindings: readonly Binding[];
  /** Tells what is looked at. */
  readonly needs: string;
  /** Tells what is looked at and what is asked of it. */
  readonly whole: string;
}

const prepared = new WeakMap<object, Prepared>();

function preparedOf(owner: object, { when, needs, maxAge = {} }: Question, library: Library): Prepared {
  const known = prepared.get(owner);
  if (known?.of === library) return known;
  const bindings = needs.map((fact) => bindingOf(fact, library, maxAge[fact]));
  const key = bindings.map((binding) => `${binding.fact} ${binding.maxAge ?? ''}`).join('\n');
  const made = { of: library, bindings, needs: key, whole: `${when}\n${key}` };
  prepared.set(owner, made);
  return made;
}

interface Asked {
  readonly seen: Map<string, Seen>;
  readonly answers: Map<string, Answer>;
}

const asked = new WeakMap<Resolver, Asked>();

function askedOf(resolver: Resolver): Asked {
  const known = asked.get(resolver);
  if (known) return known;
  const made = { seen: new Map<string, Seen>(), answers: new Map<string, Answer>() };
  asked.set(resolver, made);
  return made;
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
