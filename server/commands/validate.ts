/** `validate DIR`: everything wrong in a library folder, one line each. A site's own folder is judged as it is used: over ours. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lineOfProblem, validateLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';

const OURS = fileURLToPath(new URL('../../models', import.meta.url));

/** Exit 1 when there is anything to put right. */
export const validateCommand: Command = async ({ args, terminal }) => {
  const [dir, ...rest] = args;
  if (!dir || rest.length > 0 || dir.startsWith('-')) throw new UsageError('validate takes one library folder');
  if (!existsSync(dir)) throw new UsageError(`there is no folder ${dir}`);
  const whole = existsSync(join(dir, 'drugs/rxnorm.json'));
  const problems = await validateLibrary(whole ? { dir } : { dir: OURS, overlay: dir });
  for (const problem of problems) terminal.out(lineOfProblem(problem));
  terminal.err(problems.length === 0 ? 'the library is valid' : `${problems.length} to put right`);
  return problems.length === 0 ? 0 : 1;
};
