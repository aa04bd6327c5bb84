/** A citation in words: what it is, where in it, and how far it may be trusted. */
import type { Citation } from '../../models/engine/measured.ts';

/** Words for how a statement came into the library. */
export function basisText({ basis, opened, grade }: Citation): string {
  const graded = grade ? `, grade ${grade}` : '';
  switch (basis) {
    case 'opened':
      return `checked against the source${opened ? ` ${opened}` : ''}${graded}`;
    case 'shared':
      return `taken from a checked collection${opened ? ` ${opened}` : ''}${graded}`;
    case 'recalled':
      return 'not verified against source';
  }
}

/** One line for a note: text, place, identifier, and the basis last. */
export function citationText(citation: Citation): string {
  const link = citation.doi ? `doi:${citation.doi}` : citation.url;
  return [citation.text, citation.place, link, `(${basisText(citation)})`].filter(Boolean).join(' ');
}

/** Where a citation can be opened, if it names an address of the web. */
export function citationUrl({ doi, url }: Citation): string | undefined {
  if (doi) return `https://doi.org/${encodeURI(doi)}`;
  return url && /^https:\/\//.test(url) ? url : undefined;
}
