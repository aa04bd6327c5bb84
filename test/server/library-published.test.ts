/** The library in the files that a page reads: nothing is lost, nothing is judged differently, nothing is larger than it need be. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inFull, isShort, withoutWords } from '../../models/engine/citation-words.ts';
import { evaluate } from '../../models/engine/evaluate.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Library } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { prioritise } from '../../models/engine/prioritise.ts';
import { factsOf } from '../../server/commands/chart.ts';
import { canonical, sha256 } from '../../server/library/canonical.ts';
import { brotliOf, takeCompressed, writeCompressed } from '../../server/library/compressed.ts';
import { publishedOf } from '../../server/library/published.ts';
import { loadLibrary } from '../../server/library.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const noRuntime = { predict: () => Promise.reject(new Error('not here')) };
const loaded = await loadLibrary({ dir: 'models' });
const published = publishedOf(loaded);
const textOf = (url: string) => Buffer.from(published.files.get(url)?.bytes ?? []).toString('utf8');
const judging = JSON.parse(textOf(published.library.url)) as Library;
const words = JSON.parse(textOf(published.library.citations?.url ?? '')) as readonly string[];

/** Every citation below a value, in full. */
function full<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, held: unknown) => (isCitation(held) ? inFull(held, words) : held)) as T;
}

function isCitation(held: unknown): held is Citation {
  return typeof held === 'object' && held !== null && 'text' in held && 'basis' in held && isShort(held as Citation);
}

describe('The words of citations travel apart', () => {
  it('and with them the library is again what its digest was made of', () => {
    const { digest, ...content } = full(judging);
    expect(`sha256:${sha256(canonical(content))}`).toBe(digest);
    expect(digest).toBe(loaded.library.digest);
  });

  it('under a digest of their own, which the launch names', () => {
    expect(sha256(textOf(published.library.citations?.url ?? ''))).toBe(published.library.citations?.sha256);
  });

  it('so that what a page reads before Today is a tenth smaller', () => {
    expect(textOf(published.library.url).length).toBeLessThan(textOf(published.whole).length * 0.92);
    expect(textOf(published.library.url)).not.toContain('https://');
  });

  for (const patient of ['potassium-raised', 'warfarin-fluconazole', 'simvastatin-clarithromycin', 'long-qt'])
    it(`and of ${patient} the page says what the command line says, with the same sources`, async () => {
      const bundle: unknown = JSON.parse(readFileSync(`fixtures/patients/${patient}/bundle.json`, 'utf8'));
      const drugs = decodeDrugTable(loaded.drugTable);
      const patientId = String(
        (bundle as { entry: { resource: { resourceType: string; id: string } }[] }).entry.find(
          ({ resource }) => resource.resourceType === 'Patient',
        )?.resource.id,
      );
      const facts = factsOf({ bundle, patientId, drugs, now: NOW });
      const { genes, exposure } = loaded.library;
      const apart = { ...(genes && { genes }), ...(exposure && { exposure }) };
      const said = async (library: Library) => prioritise(await evaluate(facts, library, noRuntime, NOW), facts);
      const page = await said({ ...judging, ...apart });
      expect(page.today.length).toBeGreaterThan(0);
      expect(page.today.flatMap(({ finding }) => finding.citations).some(isShort)).toBe(true);
      expect(full(page)).toEqual(JSON.parse(JSON.stringify(await said(loaded.library))));
    });

  it('never into another library', () => {
    const { knowledge } = withoutWords({ text: 'Label', basis: 'recalled' as const });
    expect(knowledge.text).toBe('~0');
    expect(() => inFull(knowledge, [])).toThrow(RangeError);
    expect(inFull({ text: 'In full already', basis: 'recalled' }, [])).toEqual({
      text: 'In full already',
      basis: 'recalled',
    });
  });
});

describe('A file of the library, compressed', () => {
  const file = () => ({
    bytes: Buffer.from(canonical([judging.drugClasses, judging.valueSets])),
    contentType: 'application/json',
  });

  it('is what the build made of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'compressed-'));
    try {
      const built = file();
      await writeCompressed(folder, [built]);
      const served = file();
      await takeCompressed(folder, [served]);
      const unbuilt = await brotliOf(file());
      const bytes = await brotliOf(served);
      expect(bytes.length).toBeLessThan(unbuilt.length);
      expect(brotliDecompressSync(bytes).equals(served.bytes)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of a site, which no build saw, comes quickly and later smaller', async () => {
    const site = file();
    const quick = await brotliOf(site);
    await expect.poll(async () => (await brotliOf(site)).length, { timeout: 5_000 }).toBeLessThan(quick.length);
    expect(brotliDecompressSync(await brotliOf(site)).equals(site.bytes)).toBe(true);
  });
});
