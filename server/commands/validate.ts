/** `validate DIR`: everything wrong in a library folder, one line each. */
import { lineOfProblem, validateLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';

/** Exit 1 when there is anything to put right. */
export const validateCommand: Command = async ({ args, terminal }) => {
  const [dir, ...rest] = args;
  if (!dir || rest.length > 0 || dir.startsWith('-')) throw new UsageError('validate takes one library folder');
  const problems = await validateLibrary({ dir });
  for (const problem of problems) terminal.out(lineOfProblem(problem));
  terminal.err(problems.length === 0 ? 'the library is valid' : `${problems.length} to put right`);
  return problems.length === 0 ? 0 : 1;
};
