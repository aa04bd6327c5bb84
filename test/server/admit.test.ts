/** What of an answer may pass: the same verdict for small answers and for large ones, which are judged apart (I-2, D-1, H-01). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admitted, type Asked, admit } from '../../server/admit.ts';
import { createJudge, type Full } from '../../server/admit-apart.ts';

const fhirBase = 'https://ehr.example/fhir';
const searched: Asked = {
  plan: { resourceType: 'Observation', interaction: 's', compartment: true, method: 'GET', path: 'Observation' },
  patientId: 'alba',
  fhirBase,
};
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const said = (admitted: Admitted | Full) =>
  'whole' in admitted
    ? String(Buffer.from(admitted.whole))
    : 'next' in admitted
      ? `${Buffer.from(admitted.before)}"${admitted.next}"${Buffer.from(admitted.after)}`
      : admitted.refused;

const entry = (subject: string, id = 'o') => ({
  resource: { resourceType: 'Observation', id, subject: { reference: subject } },
});
const page = (entries: readonly object[], next?: string) => ({
  resourceType: 'Bundle',
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
  entry: entries,
});
/** Blanks do not change what a text says, and make it large. */
const large = (text: string) => `${text}${' '.repeat(300 * 1024)}`;

describe('A large answer is judged apart, and as a small one is', () => {
  const judge = createJudge({ threads: 1 });
  const subject = fc.constantFrom('Patient/alba', `${fhirBase}/Patient/alba`, 'Patient/bruno', 'Group/alba', 'urn:x');
  const next = fc.constantFrom(undefined, `${fhirBase}/Observation?page=2`, 'https://evil.example/next', 'page=2');

  it('whoever its entries are about and wherever its next page is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(subject, { maxLength: 5 }),
        next,
        fc.string({ unit: 'grapheme' }),
        async (about, link, note) => {
          const text = JSON.stringify({
            ...page(
              about.map((reference) => entry(reference)),
              link,
            ),
            note,
          });
          const apart = said(await judge(searched, bytesOf(large(text)))).trim();
          expect(apart).toBe(said(admit(searched, bytesOf(text))));
          expect(apart).not.toContain('bruno');
          expect(apart).not.toContain('evil');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('several at a time, each for its own patient', async () => {
    const patients = ['alba', 'bruno', 'carla', 'dora', 'emil', 'flora'];
    const both = large(JSON.stringify(page(patients.map((id) => entry(`Patient/${id}`, id)))));
    const verdicts = await Promise.all(patients.map((patientId) => judge({ ...searched, patientId }, bytesOf(both))));
    for (const [index, verdict] of verdicts.entries())
      expect(said(verdict).match(/Patient\/\w+/g)).toEqual([`Patient/${patients[index]}`]);
  });

  it('and beyond what can be held at a time refused for the moment, not for good', async () => {
    const narrow = createJudge({ threads: 1, mostHeld: 1024 * 1024 });
    const text = large(JSON.stringify(page([entry('Patient/alba')])));
    const verdicts = await Promise.all([1, 2, 3, 4].map(() => narrow(searched, bytesOf(text))));
    expect(verdicts.map((verdict) => ('refused' in verdict ? verdict.refused : 'passed'))).toEqual([
      'passed',
      'passed',
      'passed',
      'full',
    ]);
    expect(said(await narrow(searched, bytesOf(text)))).toBe(text);
  });

  it('unreadable, cut off, too deep or no FHIR at all: refused', async () => {
    for (const text of [
      '{"resourceType":"Bundle","entry":[',
      '[]',
      '<html>',
      `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    ])
      expect(await judge(searched, bytesOf(large(text)))).toEqual({ refused: 'unreadable' });
  });
});

describe('20 MB of the costliest JSON (D-1)', () => {
  const judge = createJudge({ threads: 1 });
  const someone = JSON.stringify(entry('Patient/bruno'));
  const fill = (unit: string) => unit.repeat(Math.floor((20 * 1024 * 1024 - 300) / unit.length));
  it.each<[string, () => string]>([
    ['nothing but empty objects', () => `"x":[${fill('{},')}0],"entry":[${someone}]`],
    ['entries that hold nothing', () => `"entry":[${fill('{},')}${someone}]`],
  ])(
    '%s: judged, and this process lives',
    async (_, costly) => {
      const verdict = await judge(searched, bytesOf(`{"resourceType":"Bundle",${costly()}}`));
      expect(said(verdict).includes('bruno')).toBe(false);
    },
    60_000,
  );
});

describe('What passes is what was judged', () => {
  it('bytes that are no UTF-8 reach the browser as they were read here', () => {
    const text = JSON.stringify(page([entry('Patient/alba', 'name-??')]));
    const latin = bytesOf(text.replaceAll('?', '\u0000'));
    const answer = latin.map((byte) => (byte === 0 ? 0xfc : byte));
    const passed = said(admit(searched, answer));
    expect(passed).toBe(text.replaceAll('?', '\ufffd'));
  });

  it('of a name that stands twice, the last one counts, as it will in the browser', () => {
    const twice = (first: string, last: string) =>
      `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","subject":{"reference":"Patient/${first}"},"\\u0073ubject":{"reference":"Patient/${last}"}}}]}`;
    expect(said(admit(searched, bytesOf(twice('alba', 'bruno'))))).not.toContain('bruno');
    expect(said(admit(searched, bytesOf(twice('bruno', 'alba'))))).toBe(twice('bruno', 'alba'));
  });

  it('a next page that stands twice, or not plainly, is replaced all the same', () => {
    const url = `${fhirBase}/Observation?page=2`;
    const noted = { ...page([entry('Patient/alba')], url), note: url };
    const escaped = JSON.stringify(page([entry('Patient/alba')], url)).replaceAll('/', '\\/');
    for (const text of [JSON.stringify(noted), escaped]) {
      const admitted = admit(searched, bytesOf(text));
      if (!('next' in admitted)) throw new Error('no next page');
      expect(admitted.next).toBe(url);
      const { link } = JSON.parse(`${Buffer.from(admitted.before)}"ours"${Buffer.from(admitted.after)}`);
      expect(link).toEqual([{ relation: 'next', url: 'ours' }]);
    }
  });
});
