/**
 * The words of citations apart from the knowledge they stand in: nothing is judged by them, so they may travel after it.
 * Equal words become equal numbers, so that what compares citations compares them alike; basis, date and grade stay.
 */
import type { Citation } from './measured.ts';

/** What stands in the place of words: `~17` is the eighteenth of the list. */
const PLACE = /^~(\d+)$/;
const WORDS = ['text', 'url', 'doi', 'place'] as const;

/** `knowledge` with a number for each word of its citations, and the words in the order of their numbers. */
export function withoutWords<T>(knowledge: T): { readonly knowledge: T; readonly words: readonly string[] } {
  const places = new Map<string, number>();
  const placeOf = (text: string) => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return `~${place}`;
  };
  const shortened: unknown = JSON.parse(JSON.stringify(knowledge), (_, value: unknown) => {
    if (!isCitation(value)) return value;
    return { ...value, ...mapped(value, placeOf) };
  });
  // Same shape: strings for strings.
  return { knowledge: shortened as T, words: [...places.keys()] };
}

/** Whether its words are elsewhere. */
export function isShort({ text }: Citation): boolean {
  return PLACE.test(text);
}

/** The citation as it was written. @throws RangeError when `words` is not the list it was taken from */
export function inFull(citation: Citation, words: readonly string[]): Citation {
  if (!isShort(citation)) return citation;
  return {
    ...citation,
    ...mapped(citation, (place) => {
      const word = words[Number(PLACE.exec(place)?.[1] ?? Number.NaN)];
      if (word === undefined) throw new RangeError('a citation of another library');
      return word;
    }),
  };
}

function mapped(citation: Citation, map: (word: string) => string): Partial<Citation> {
  return Object.fromEntries(
    WORDS.flatMap((name) => {
      const word = citation[name];
      return word === undefined ? [] : [[name, map(word)]];
    }),
  );
}

/** Nothing else in knowledge has both a text and a basis. */
function isCitation(value: unknown): value is Citation {
  if (typeof value !== 'object' || value === null) return false;
  const { text, basis } = value as Partial<Record<keyof Citation, unknown>>;
  return typeof text === 'string' && (basis === 'opened' || basis === 'shared' || basis === 'recalled');
}
