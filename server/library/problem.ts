/** What is wrong with a knowledge file, said so that it can be put right: `file:line  path  expected … found … try …`. */

/** One thing wrong in one file. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  /** Where in the file: `coefficients.female.ascvd.age`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
}

/** A library that must not be used. */
export class LibraryError extends Error {
  readonly code = 'library-invalid';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(
      `the library has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}\n${problems.map(lineOfProblem).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** The problem in one line. */
export function lineOfProblem({ file, line, path, expected, found, advice }: Problem): string {
  return `${file}:${line}  ${path || '(whole file)'}  expected ${expected}; found ${found}; try ${advice}`;
}

/** The line (from 1) on which the value at `path` stands in well-formed JSON text; its nearest parent's when it is absent. */
export function lineAt(text: string, path: readonly (string | number)[]): number {
  const lines = new Map<string, number>();
  let at = 0;
  const skip = () => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const string = (): string => {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const value = (here: readonly (string | number)[]): void => {
    skip();
    lines.set(JSON.stringify(here), at);
    if (text[at] === '{' || text[at] === '[') members(here, text[at] === '{');
    else if (text[at] === '"') string();
    else while (at < text.length && !/[,\]}\s]/.test(text[at] ?? '')) at++;
  };
  const members = (here: readonly (string | number)[], keyed: boolean): void => {
    at++;
    for (let index = 0; ; index++) {
      skip();
      if (at >= text.length || text[at] === '}' || text[at] === ']') break;
      const key = keyed ? string() : index;
      if (keyed) {
        skip();
        at++;
      }
      value([...here, key]);
      skip();
      if (text[at] === ',') at++;
    }
    at++;
  };
  value([]);
  for (let length = path.length; length >= 0; length--) {
    const offset = lines.get(JSON.stringify(path.slice(0, length)));
    if (offset !== undefined) return text.slice(0, offset).split('\n').length;
  }
  return 1;
}
