/** Label facts of all files as they travel: every citation once, names left to the patient's own list. */
import type { z } from 'zod';
import type { Library } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import type { Report } from './read.ts';
import { checkSelector } from './references.ts';
import type { labelFacts } from './schema.ts';

/** The facts of all files, each pointing at its citation in one list. */
export function labelsOf(files: readonly z.infer<typeof labelFacts>[]): NonNullable<Library['labels']> {
  const places = new Map<string, number>();
  const sources: Citation[] = [];
  const placeOf = (citation: Citation): number => {
    const key = JSON.stringify(citation);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, sources.length);
    return sources.push(citation) - 1;
  };
  const facts = files.flatMap(({ citations, facts: list }) =>
    list.map(({ name: _, source, ...fact }) => {
      const citation = citations[source];
      // What has no citation is recalled; the check of references reports the key.
      return { ...fact, source: placeOf(citation ?? { text: `no citation ${source}`, basis: 'recalled' }) };
    }),
  );
  return { facts, sources };
}

/** Reports what a label fact names and the library lacks. */
export function checkLabels({ labels, drugClasses }: Omit<Library, 'digest'>, report: Report): void {
  const classes = new Set(drugClasses.map(({ id }) => id));
  const file = 'interactions/label';
  for (const { object, with: others, source } of labels?.facts ?? []) {
    const cited = labels?.sources[source]?.text ?? '';
    if (cited.startsWith('no citation'))
      report({
        file,
        line: 1,
        path: object,
        expected: 'a key of its file’s citations',
        found: cited,
        advice: 'add it',
      });
    for (const key of [object, ...others]) {
      if (/^\d+$/.test(key) || classes.has(key)) continue;
      if (key.includes(':')) checkSelector({ file, selector: key }, report);
      else report({ file, line: 1, path: key, expected: 'a drug class', found: key, advice: 'add its file' });
    }
  }
}
