/** From a recommendation on the screen to a note in the chart: preview, approve, and what became of it. */
import type { AcceptedRecommendation, NoteInput, Preview, WriteOutcome } from '../launch/api.ts';
import type { Evaluation, Input, Outcome, Recommendation } from '../models/engine/evaluation.ts';
import type { Library } from '../models/engine/library.ts';
import type { Citation } from '../models/engine/measured.ts';
import type { Score } from '../models/engine/proposals/proposal.ts';
import type { Api } from './api.ts';
import { citationText } from './evidence/citation.ts';
import { withParts } from './evidence/parts.ts';
import { sourcesOf } from './evidence/sources.ts';
import { proseText, valueText } from './ui/measured.tsx';

/** A note but for its sources, whose words may still be on their way. */
export type Unsourced = Omit<AcceptedRecommendation, 'citations'>;

/** What a recommendation is made into for the note: everything it rests on, with units and dates. */
export function acceptedOf(options: {
  recommendation: Recommendation;
  evaluations: readonly Evaluation[];
  library: Pick<Library, 'version' | 'digest'>;
  comment?: string;
}): Unsourced {
  const { recommendation, evaluations, library, comment } = options;
  const { finding } = recommendation;
  const from = evaluations.find(({ id }) => id === recommendation.from[0]);
  const score = from?.kind === 'risk' ? finding.outcomes?.[0] : undefined;
  return {
    id: recommendation.id,
    ...(from && { kind: from.kind }),
    ...(from && score && { score: { model: from.id, ...scoreOf(score) } }),
    indicator: recommendation.indicator,
    summary: plain(proseText(finding.summary)),
    detail: plain(proseText(finding.detail)),
    action: plain(proseText(finding.action?.text ?? finding.summary)),
    inputs: withParts(finding.basis.used).map(noteInput),
    missing: [
      ...finding.basis.missing.map(({ text }) => plain(proseText(text))),
      ...finding.basis.excluded.map((input) => plain(`${input.label} ${valueText(input)} not used: ${input.reason}`)),
    ],
    limitation: finding.limitation,
    from: recommendation.from.map((id) => {
      const { version, title } = evaluations.find((evaluation) => evaluation.id === id) ?? {
        version: 'unknown',
        title: id,
      };
      return { id, version, title };
    }),
    libraryVersion: library.version,
    libraryDigest: library.digest,
    ...(comment?.trim() ? { comment: comment.trim() } : {}),
  };
}

/** The whole note. Rejects with `ApiFailure` when the words of its sources cannot be had. */
export async function withSources(note: Unsourced, citations: readonly Citation[]): Promise<AcceptedRecommendation> {
  const full = await sourcesOf(citations);
  return { ...note, citations: [...new Set(full.map(citationText))] };
}

/** The number as it may be written: with its unit and how far ahead it looks. */
function scoreOf({ title, value, unit, horizon }: Outcome): Omit<Score, 'model'> {
  return { title: plain(title), value, unit, ...(horizon && { horizon }) };
}

function noteInput(input: Input): NoteInput {
  const note = input.note ?? (input.effective ? undefined : 'no date applies to it');
  return {
    label: input.label,
    value: plain(valueText(input)),
    effective: input.effective?.text ?? null,
    ...(input.sources[0] ? { source: input.sources[0] } : {}),
    ...(note ? { note } : {}),
  };
}

/** No-break spaces are for the screen; a note is searched and copied. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

/** Approves exactly the preview that was shown: its id and the digest of its bytes. */
export function approve(api: Pick<Api, 'approve'>, preview: Preview): Promise<WriteOutcome> {
  return api.approve({ approvalId: preview.approvalId, hash: preview.hash });
}

/** How an outcome is shown. Only a write that was read back and compared equal is ever `saved`, and only one read back as taken back is `withdrawn`. */
export function outcomeFace({
  state,
}: Pick<WriteOutcome, 'state'>): 'saved' | 'proposed' | 'doubt' | 'kept' | 'withdrawn' {
  switch (state) {
    case 'confirmed':
      return 'saved';
    case 'proposed':
    case 'withdrawn':
      return state;
    case 'approved':
    case 'sending':
    case 'unknown':
    case 'withdrawal-in-doubt':
      return 'doubt';
    case 'rejected':
    case 'expired':
      return 'kept';
  }
}

/** What is in this chart from here, was, or is proposed for it: the rest never arrived, or nobody knows. */
export function writtenOf(outcomes: Iterable<WriteOutcome>): readonly WriteOutcome[] {
  return [...outcomes].filter(({ state }) =>
    ['confirmed', 'withdrawal-in-doubt', 'withdrawn', 'proposed'].includes(state),
  );
}
