/** The clinical note of an accepted recommendation as plain text: what interop WB6 wants a reader of the chart to find. */
import type { Indicator } from '../evaluation.ts';
import type { AcceptedInput, ProposalRequest } from './proposal.ts';

const tier: Record<Indicator, string> = { critical: 'Critical', warning: 'Important', info: 'For information' };

/** Lines end in LF; sections that are empty say so, for an absent section reads like a forgotten one. */
export function noteText(request: ProposalRequest): string {
  const { recommendation: r, author, now, key } = request;
  return [
    `${tier[r.indicator]}: ${r.summary}`,
    '',
    `Recommended: ${r.action}`,
    'No order was placed. Anything to be ordered or changed must be entered in the EHR.',
    '',
    'Why',
    r.detail,
    '',
    'Values used',
    ...listed(r.inputs.map(inputLine), 'none'),
    '',
    'Missing or not usable',
    ...listed(r.missing, 'nothing that this recommendation asks for'),
    '',
    'Limits',
    r.limitation,
    '',
    'Knowledge',
    ...listed(
      r.from.map(({ id, version, title }) => `${title} (${id}, version ${version})`),
      'none named',
    ),
    `Library ${r.libraryVersion}, digest ${r.libraryDigest}`,
    '',
    'Sources',
    ...listed(r.citations, 'none named'),
    '',
    `Comment of the clinician: ${r.comment ?? 'none'}`,
    '',
    // The text is fixed when it is shown, so that what was read is what is sent; hence "shown", not "approved at".
    `Decision-support output reviewed by ${author.display} (${author.reference}); shown for approval ${now}.`,
    'AI-assisted: prepared by Attune decision-support software and written on that clinician’s approval.',
    ...(key ? [`Write-back key ${key}`] : []),
    '',
  ].join('\n');
}

function inputLine({ label, value, effective, source, note }: AcceptedInput): string {
  const when = effective ?? 'no date applies';
  return `${label}: ${value}, ${when}${source ? `, from ${source}` : ''}${note ? ` (${note})` : ''}`;
}

function listed(lines: readonly string[], whenNone: string): string[] {
  return lines.length === 0 ? [`- ${whenNone}`] : lines.map((line) => `- ${line}`);
}
