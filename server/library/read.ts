/** Reads one knowledge file and holds it to its schema; problems are collected, so that all are seen at once. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { lineAt, type Problem } from './problem.ts';

/** A file as read: its text is kept to say on which line something is wrong. */
export interface SourceFile {
  /** Path as shown in problems, relative to the library folder. */
  readonly file: string;
  readonly text: string;
}

/** Where problems are put. */
export type Report = (problem: Problem) => void;

/** A problem at `path` of `source`. */
export function problemAt<W extends Pick<Problem, 'expected' | 'found'>>(
  { file, text }: SourceFile,
  path: readonly (string | number)[],
  words: W,
): W & Pick<Problem, 'file' | 'line' | 'path'> {
  return { file, line: lineAt(text, path), path: path.join('.'), ...words };
}

/** The file's content in the schema's shape, or `undefined` with its problems reported. */
export async function readKnowledge<S extends z.ZodType>(
  request: {
    readonly absolute: string;
    readonly file: string;
    readonly schema: S;
    /** What to try where the schema itself does not say; the files beside it unless given. */
    readonly advice?: string;
  },
  report: Report,
): Promise<{ readonly value: z.infer<S>; readonly source: SourceFile } | undefined> {
  const source = { file: request.file, text: await readFile(request.absolute, 'utf8') };
  let json: unknown;
  try {
    json = JSON.parse(source.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? lineOfPosition(source.text, message));
    report({
      file: source.file,
      line,
      path: '',
      expected: 'JSON',
      found: message,
      advice: 'look for a missing comma or quote just before',
    });
    return undefined;
  }
  const parsed = request.schema.safeParse(json, { reportInput: true });
  if (parsed.success) return { value: parsed.data, source };
  const advice = request.advice ?? 'compare with a file of the same folder';
  for (const issue of parsed.error.issues) reportIssue(source, issue, (problem) => report({ advice, ...problem }));
  return undefined;
}

function lineOfPosition(text: string, message: string): number {
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
  return text.slice(0, position).split('\n').length;
}

function reportIssue(
  source: SourceFile,
  issue: z.core.$ZodIssue,
  report: (problem: Omit<Problem, 'advice'> & { readonly advice?: string }) => void,
): void {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys)
        report(
          problemAt(source, [...path, key], {
            expected: 'only known fields',
            found: `“${key}”`,
            advice: 'check its spelling, or remove it',
          }),
        );
      return;
    case 'invalid_type':
      report(
        problemAt(source, path, {
          expected: issue.expected,
          found: foundOf(issue.input),
          advice: `give ${article(issue.expected)} here`,
        }),
      );
      return;
    case 'invalid_value':
      report(
        problemAt(source, path, {
          expected: `one of ${issue.values.map(String).join(', ')}`,
          found: foundOf(issue.input),
          advice: `“${String(issue.values[0])}”`,
        }),
      );
      return;
    default:
      report(
        problemAt(source, path, {
          expected: issue.message,
          found: foundOf(issue.input),
        }),
      );
  }
}

function foundOf(input: unknown): string {
  if (input === undefined) return 'nothing';
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}
