/** What a trial means for a way of writing: usable, or not, and why in words that IT can act on. */
import type { RehearsedRung } from './report.ts';
import type { Kept, Trial } from './trial.ts';

/** Why a way of writing was not tried although it might have been. */
export const SESSION_ENDED = 'the session ended first';
export const INTERRUPTED = 'the rehearsal was interrupted first';

type Verdict = Pick<RehearsedRung, 'verdict' | 'why' | 'remarks'>;

/** Pure. A critical field that was lost, a copy too many or a search that hides what is there closes the rung. */
export function verdictOf(trial: Trial): Verdict {
  if (!trial.written) return untold(trial);
  const obstacle = obstacleOf(trial);
  if (obstacle !== undefined) return { verdict: 'unusable', why: obstacle, remarks: [] };
  return { verdict: 'usable', why: 'every critical field came back', remarks: remarksOf(trial) };
}

function untold({ why, doubtful }: Extract<Trial, { written: false }>): Verdict {
  if (why === 'not-sent') return { verdict: 'not-tried', why: SESSION_ENDED, remarks: [] };
  const said = doubtful
    ? `the EHR did not say whether it took it (${why}), and no search showed it: look in the chart for REHEARSAL`
    : `the EHR refused it (${why.replace('refused-', '')})`;
  return { verdict: 'unusable', why: said, remarks: [] };
}

function obstacleOf(trial: Kept): string | undefined {
  const { write, readBack, lost, hidden, conditionalCreate } = trial;
  if (readBack === 'several') return 'the EHR made more than one of it';
  if (readBack === 'absent' || readBack === 'unseen') return 'it could not be read back';
  if (lost.length > 0) return `the EHR did not keep ${lost.join(', ')}`;
  // Looked for and not found reads as "not written", and the clinician would be asked to send it again (X3).
  if (hidden) return 'a search does not show it: an answer that is lost could end in two';
  if (write === 'Bundle' && conditionalCreate !== 'deduplicates')
    return 'the EHR announces conditional creates and did not keep its word';
  return undefined;
}

function remarksOf(trial: Kept): string[] {
  const { named, keptIdentifier, keptLabel, foundBy, conditionalCreate, withdrawn, searches } = trial;
  const said: readonly (readonly [boolean, string])[] = [
    [!named, 'the EHR does not say where it put it: every save is in doubt until it is found by a search'],
    [!keptIdentifier, 'the key is dropped; the text carries it'],
    [!keptLabel, 'the AI label is dropped; the text carries it'],
    [foundBy === 'nothing', 'no search may be made: an answer that is lost stays in doubt until somebody looks'],
    [foundBy === 'fingerprint', `found again by its words, not by its key (${WORDS[searches.identifier]})`],
    [conditionalCreate === 'duplicates', 'conditional creates are announced and make two: not relied on'],
    [conditionalCreate === 'unclear', 'whether conditional creates work did not show'],
    [!withdrawn, 'the app could not mark it as entered in error'],
  ];
  return said.flatMap(([applies, words]) => (applies ? [words] : []));
}

const WORDS = {
  finds: 'a search by key finds it',
  'finds-nothing': 'a search by key finds nothing',
  ignored: 'a search by key is not narrowed by it',
  refused: 'a search by key is refused',
  unclear: 'a search by key gave no clear answer',
} as const;
