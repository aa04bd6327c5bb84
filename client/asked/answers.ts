/** Giving and taking back an answer. Nothing is assumed before one is given, and nothing is left of one taken back. */
import type { FactPath } from '../../models/engine/facts/facts.ts';
import type { Library } from '../../models/engine/library.ts';
import { questionsOf } from '../../models/engine/risk/questions.ts';
import { answersNow, asked, context, running } from '../state.ts';

/** The key of `asked.<key>`. */
export function keyOf(path: FactPath): string {
  return path.slice(path.indexOf('.') + 1);
}

/** Keeps the answer for this launch, stamped with its time (ms since the epoch), and has everything judged again. */
export function answer(path: FactPath, value: number | string, at: number): void {
  replace({ ...answersNow(), [keyOf(path)]: { value, at } });
}

/** As if it had never been answered. */
export function takeBack(path: FactPath): void {
  const { [keyOf(path)]: _, ...others } = answersNow();
  replace(others);
}

function replace(answers: ReturnType<typeof answersNow>): void {
  const now = context.value;
  if (!now) return;
  asked.value = { launchId: now.launchId, patientId: now.patientId, answers };
  void running.value?.reconsider();
}

/** The words of an answer as they stood on the button; the value itself where there were none. */
export function answerText(library: Library | undefined, path: FactPath, value: number | string): string {
  const questions = (library?.risk ?? []).flatMap(questionsOf).filter((question) => question.path === path);
  const choice = questions.flatMap(({ choices = [] }) => choices).find((candidate) => candidate.value === value);
  return choice?.label ?? String(value);
}
