/** Burdens, duplicates and companions: what they name must exist, and a `critical` must rest on an opened document. */
import type { Burden } from '../../models/engine/burdens/burden.ts';
import type { Library, Participant } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import type { Problem } from './problem.ts';

/** How a fact path, a drug class (`medication.<id>`) and a selector are checked, and where problems go. */
export interface Checks {
  readonly check: (file: string, fact: string) => void;
  readonly selector: (file: string, selector: string) => void;
  readonly report: (problem: Problem) => void;
}

/** Reports every reference that leads nowhere, and every `critical` without a document under it. */
export function checkTogether(
  { burdens = [], duplicates = [], companions = [] }: Pick<Library, 'burdens' | 'duplicates' | 'companions'>,
  checks: Checks,
): void {
  for (const burden of burdens) checkBurden(burden, checks);
  for (const { id, groups, repeats = [], daily = [], citations } of duplicates) {
    const file = `duplicates/${id}.json`;
    for (const { group, with: other } of groups)
      for (const participant of other ? [group, other] : [group]) checkParticipant(file, participant, checks);
    for (const { only, except } of repeats)
      for (const participant of [only, except]) if (participant) checkParticipant(file, participant, checks);
    for (const words of [
      ...groups,
      ...repeats.map((repeat, index) => ({ id: `repeats.${index}`, ...repeat })),
      ...daily,
    ]) {
      const at = { file, path: words.id };
      checkKeys({ ...at, keys: words.cite, known: Object.keys(citations) }, checks);
      if (words.indicator === 'critical') checkOpened(at, cited(citations, words.cite), checks);
    }
  }
  for (const companion of companions) {
    const file = `companions/${companion.id}.json`;
    for (const participant of [...companion.for.map(({ medicine }) => medicine), companion.without])
      checkParticipant(file, participant, checks);
    for (const fact of companion.needs ?? []) checks.check(file, fact);
    if (companion.indicator === 'critical') checkOpened({ file, path: 'indicator' }, companion.citations, checks);
  }
}

function checkBurden(burden: Burden, checks: Checks): void {
  const file = `burdens/${burden.id}.json`;
  const facts = burden.facts.map(({ id }) => id);
  const contributors = burden.contributors.map(({ id }) => id);
  const known = Object.keys(burden.citations);
  for (const participant of burden.contributors) {
    checkParticipant(file, participant, checks);
    checkKeys(
      { file, path: `contributors.${participant.id}`, keys: Object.values(participant.named ?? {}), known },
      checks,
    );
  }
  for (const { id, needs, cites = [] } of burden.facts) {
    for (const fact of needs) checks.check(file, fact);
    checkKeys({ file, path: `facts.${id}`, keys: cites, known }, checks);
  }
  checkKeys({ file, path: 'cites', keys: burden.cites, known }, checks);
  for (const { id, of = {}, all = [], any = [], unless = [], indicator, cites = [] } of burden.tiers) {
    const at = { file, path: `tiers.${id}` };
    checkKeys({ ...at, keys: [...all, ...any, ...unless], known: facts }, checks);
    checkKeys({ ...at, keys: Object.keys(of), known: contributors }, checks);
    checkKeys({ ...at, keys: cites, known }, checks);
    if (indicator === 'critical') checkOpened(at, cited(burden.citations, cites), checks);
  }
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function checkParticipant(file: string, { classes = [], traits = [] }: Participant, { check, selector }: Checks): void {
  for (const id of classes) check(file, `medication.${id}`);
  for (const trait of traits) selector(file, trait);
}

function checkKeys(
  { file, path, keys, known }: Place & { readonly keys: readonly string[]; readonly known: readonly string[] },
  { report }: Checks,
): void {
  for (const key of keys)
    if (!known.includes(key))
      report({
        file,
        line: 1,
        path,
        expected: `one of ${known.join(', ')}`,
        found: key,
        advice: 'correct it, or add it',
      });
}

function checkOpened({ file, path }: Place, citations: readonly Citation[], { report }: Checks): void {
  if (citations.some(({ basis, grade }) => basis === 'opened' || (basis === 'shared' && grade === 'A'))) return;
  report({
    file,
    line: 1,
    path,
    expected: 'a citation that was opened, or shared with grade A, under a critical',
    found: citations.map(({ basis }) => basis).join(', ') || 'none',
    advice: 'open the source and cite its place and the day, or lower the indicator',
  });
}

function cited(citations: Readonly<Record<string, Citation>>, keys: readonly string[]): readonly Citation[] {
  return keys.flatMap((key) => citations[key] ?? []);
}
