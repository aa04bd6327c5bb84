/** The library as the browser gets it: in files that come when they are needed, each at a path that carries a digest. */
import type { LaunchContext, ServedPart } from '../../launch/context.ts';
import { withoutWords } from '../../models/engine/citation-words.ts';
import { splitDrugTable } from '../../models/engine/facts/drug-codes.ts';
import type { LoadedLibrary, ServedFile } from '../library.ts';
import { sha256 } from './canonical.ts';
import { parsedExpressions } from './expressions.ts';
import { firstKnowledge } from './first.ts';

/** What a launch names of the library, and every file that it leads to. */
export interface Published {
  readonly library: LaunchContext['library'];
  readonly files: ReadonlyMap<string, ServedFile>;
  /** The path of the library in one piece: what the digest is made of, for whoever checks it; no page reads it. */
  readonly whole: string;
}

/** In the order in which a page reads them: first number, judging, FHIRPath, drug codes; then the words of citations, and drug names where a chart needs them. */
export function publishedOf({ library, files: own, drugTable }: LoadedLibrary): Published {
  const { genes: _, exposure: __, ...travelling } = library;
  const hex = library.digest.replace(/^sha256:/, '');
  const files = new Map(own);
  const publish = (name: string, content: unknown): ServedPart => {
    const bytes = Buffer.from(JSON.stringify(content));
    const url = `/library/${hex}/${name}.json`;
    files.set(url, { bytes, contentType: 'application/json; charset=utf-8' });
    return { url, sha256: sha256(bytes) };
  };
  const { knowledge, words } = withoutWords(travelling);
  const drugs = splitDrugTable(drugTable);
  return {
    library: {
      version: library.version,
      digest: library.digest,
      first: publish('first', firstKnowledge(library)).url,
      url: publish('judging', knowledge).url,
      expressions: publish('expressions', parsedExpressions(library)).url,
      drugs: { codes: publish('drug-codes', drugs.codes), names: publish('drug-names', drugs.names) },
      citations: publish('citations', words),
    },
    files,
    whole: `/library/${hex}.json`,
  };
}
