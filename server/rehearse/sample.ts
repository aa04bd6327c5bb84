/** What a rehearsal writes: recommendations about nobody, that say so in every place a reader could look, and that are hard to keep whole. */
import type { AcceptedRecommendation } from '../../launch/api.ts';
import type { About, RungSetting } from '../../models/engine/proposals/ladder.ts';

/** What the samples carry of this installation. */
export interface Installation {
  /** Of the app. */
  readonly version: string;
  readonly library: { readonly version: string; readonly digest: string };
}

const MARK = 'REHEARSAL, not about a patient';
/** Signs, letters and line ends that real notes have and that a careless interface spoils. */
const AWKWARD =
  'eGFR < 30 mL/min/1.73 m², K⁺ ≥ 5.5 mmol/L, “30–45 %”, Peña-Núñez & Ångström, µg/L, 中文\n\tindented; 1 > 0';
/** As long as the longest notes of ours: an EHR that cuts texts off is found out. */
const LONG = Array.from(
  { length: 60 },
  (_, line) => `Line ${line + 1} of 60: this text is as long as a long note, to see whether all of it is kept.`,
).join('\n');

const KINDS = { medicine: 'interaction', test: 'monitoring', score: 'risk' } as const;

/** The recommendation to rehearse with. About a score, the first one that the site agreed on a code for. */
export function sampleOf(
  about: About,
  setting: RungSetting,
  { version, library }: Installation,
): AcceptedRecommendation {
  const [model] = Object.keys(setting.scores ?? {});
  return {
    id: `rehearsal/${setting.write}/${about}`,
    kind: KINDS[about],
    indicator: 'info',
    summary: `${MARK}: Attune tries how this EHR keeps what it is given`,
    detail: `${MARK}. ${AWKWARD}\n${LONG}`,
    action: `${MARK}: do nothing`,
    inputs: [{ label: 'Invented value', value: '24.50 mL/min/{1.73_m2}', effective: '2000-02-29', note: AWKWARD }],
    missing: [`nothing: ${MARK}`],
    limitation: `${MARK}. It is taken back at once; what an EHR lets no app take back is answered by a note that says so.`,
    citations: ['Attune, docs/write-back.md'],
    from: [{ id: 'rehearsal', version, title: 'Rehearsal of write-back' }],
    libraryVersion: library.version,
    libraryDigest: library.digest,
    ...(about === 'score' &&
      model !== undefined && { score: { model, title: `${MARK}: score`, value: 0.125, unit: '1', horizon: 'P10Y' } }),
  };
}

/** The note that takes back in words what could not be taken back otherwise (interop WB8). */
export function correctionOf(
  references: readonly string[],
  { version, library }: Installation,
): AcceptedRecommendation {
  return {
    id: 'rehearsal/correction',
    indicator: 'info',
    summary: `${MARK}: entries of a rehearsal are void`,
    detail: `Void, written by a technical rehearsal and about nobody: ${references.join(', ')}. This EHR let the app not mark them as entered in error.`,
    action: 'Disregard them, and have them taken out of this test chart.',
    inputs: [],
    missing: [],
    limitation: `${MARK}. This note stays too.`,
    citations: ['Attune, docs/write-back.md'],
    from: [{ id: 'rehearsal', version, title: 'Rehearsal of write-back' }],
    libraryVersion: library.version,
    libraryDigest: library.digest,
  };
}
