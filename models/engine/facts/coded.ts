/** Coded observations (smoking, pregnancy): the codes that ask for them, and their answers in one word. */
import { type Chart, readEach, sourceOf } from './chart.ts';
import { absenceIn, codingsOf, LOINC, textOf } from './codings.ts';
import { effectiveOf } from './dates.ts';
import type { CodedFact, Coding, UnreadReason } from './facts.ts';
import { object, objects, string } from './json.ts';
import { PREGNANCY, pregnancyFromConditions } from './pregnancy.ts';
import { SMOKING } from './smoking.ts';

/** A question with a closed set of answers. */
export interface CodedQuestion {
  /** Last segment of the path. */
  readonly key: string;
  readonly loinc: readonly string[];
  /** Answer code (SNOMED or LOINC answer) → word. */
  readonly answers: Readonly<Record<string, string>>;
  /** Answer given as text, lower case → word. */
  readonly words: Readonly<Record<string, string>>;
}

/** LOINC codes of smoking status. */
export const SMOKING_STATUS_CODES: readonly string[] = SMOKING.loinc;

/** LOINC codes of pregnancy status. */
export const PREGNANCY_STATUS_CODES: readonly string[] = PREGNANCY.loinc;

const QUESTIONS: readonly CodedQuestion[] = [SMOKING, PREGNANCY];

/** Coded observations by key, newest first. An answer that is not understood is `unknown`, never the nearest word. */
export function readCoded(chart: Chart): Readonly<Record<string, readonly CodedFact[]>> {
  const found = new Map<string, CodedFact[]>();
  const add = (key: string, fact: CodedFact): void => {
    found.set(key, [...(found.get(key) ?? []), fact]);
  };
  readEach(chart, 'Observation', 'subject', (resource) => {
    // Only the few that ask one of our questions are looked at closely.
    const question = questionOf(resource.code);
    if (question === undefined) return;
    const path = `observation.${question.key}`;
    const refuse = (reason: UnreadReason, text?: string): void => {
      chart.unread.push({ source: sourceOf(resource), reason, path, ...(text === undefined ? {} : { text }) });
    };
    const status = string(resource.status);
    if (status === 'entered-in-error' || status === 'cancelled') return refuse('entered-in-error', status);
    if (status !== 'final' && status !== 'amended' && status !== 'corrected') return refuse('status-not-final', status);
    const concept = object(resource.valueCodeableConcept);
    if (concept === undefined) {
      const absent = object(resource.dataAbsentReason);
      return refuse(absent === undefined ? 'no-value' : (absenceIn(codingsOf(absent)) ?? 'data-absent'));
    }
    const effective = effectiveOf(resource, chart.dates);
    if (effective === undefined) return refuse('no-date');
    if (chart.dates.isFuture(effective.when, chart.now)) return refuse('future-date');
    const codings = codingsOf(concept);
    const text = textOf(concept);
    const value = answerOf(question, codings, text);
    add(question.key, {
      path,
      value,
      codings,
      ...(text === undefined ? {} : { text }),
      effective: effective.when,
      source: sourceOf(resource),
    });
  });
  for (const fact of pregnancyFromConditions(chart)) add(PREGNANCY.key, fact);
  return Object.fromEntries(
    [...found].map(([key, facts]) => [key, facts.sort((a, b) => b.effective.start - a.effective.start)]),
  );
}

const QUESTION_CODES: ReadonlySet<unknown> = new Set(QUESTIONS.flatMap(({ loinc }) => loinc));

function questionOf(code: unknown): CodedQuestion | undefined {
  const concept = object(code);
  // Most observations of a chart ask something else; those are passed over without reading their codings.
  if (!objects(concept?.coding).some((coding) => QUESTION_CODES.has(coding.code))) return undefined;
  const codings = codingsOf(concept);
  return QUESTIONS.find(({ loinc }) =>
    codings.some((coding) => coding.system === LOINC && loinc.includes(coding.code ?? '')),
  );
}

function answerOf(question: CodedQuestion, codings: readonly Coding[], text: string | undefined): string {
  const answers = new Set(codings.flatMap(({ code }) => (code === undefined ? [] : (question.answers[code] ?? []))));
  // Two codings that say different things say nothing.
  if (answers.size > 1) return 'unknown';
  const [answer] = answers;
  return answer ?? question.words[text?.trim().toLowerCase() ?? ''] ?? 'unknown';
}
