/** A report as tables for people. */
import type { RehearsalReport, RehearsedRung } from './report.ts';

const LABEL: Readonly<Record<RehearsedRung['verdict'], string>> = {
  usable: 'usable',
  unusable: '**unusable**',
  'not-tried': 'not tried',
};

const CORRECTION = {
  confirmed: (reference: string | null) => `A note in the chart says that it is void: ${reference}.`,
  unconfirmed: (reference: string | null) =>
    `A note that says so was sent and is not confirmed${reference ? `: ${reference}` : ''}.`,
  'not-written': () => 'The EHR did not take a note that says so.',
} as const;

/** Verdicts, what was seen, and what has to be taken out by hand. */
export function reportMarkdown(report: RehearsalReport): string {
  const { tenant, ehr, at, app, rungs, remains, doubtful, correction } = report;
  const shown = rungs.filter((rung) => rung.shown !== null);
  return [
    `## Rehearsal at ${tenant}, ${at.slice(0, 10)}`,
    '',
    `${ehr.host}: ${ehr.software ?? 'software not named'}. Attune ${app.version}, library ${app.libraryDigest}.`,
    '',
    ...table(
      ['way of writing', 'about', '', 'why'],
      rungs.map((rung) => [nameOf(rung), rung.about.join(', '), LABEL[rung.verdict], reasons(rung)]),
    ),
    ...(shown.length === 0
      ? []
      : [
          '',
          ...table(
            [
              'what was seen',
              'create',
              'key',
              'AI label',
              'search by key',
              'shown after',
              'conditional create',
              'taken back',
            ],
            shown.map((rung) => [nameOf(rung), ...seenOf(rung)]),
          ),
        ]),
    '',
    `Still in the chart: ${remains.join(', ') || 'nothing'}.${stays(remains)}`,
    ...(correction === null ? [] : [CORRECTION[correction.state](correction.reference)]),
    ...(doubtful.length === 0 ? [] : [`Perhaps in the chart, look for REHEARSAL: ${doubtful.join(', ')}.`]),
    '',
  ].join('\n');
}

/** It cannot be marked, and need not be. */
function stays(remains: readonly string[]): string {
  const some = remains.some((reference) => reference.startsWith('Provenance/'));
  return some ? ' A Provenance has no status; it tells of what is marked.' : '';
}

/** `Bundle (RiskAssessment)`: the types that tell one shape from another. */
export function nameOf({ write, types }: Pick<RehearsedRung, 'write' | 'types'>): string {
  return types.length > 1 ? `${write} (${types.join(', ')})` : write;
}

function reasons({ why, remarks }: RehearsedRung): string {
  return [why, ...remarks].join('; ');
}

/** Create, key, label, search by key, lag, conditional create, taking back. */
export function seenOf({ shown }: RehearsedRung): string[] {
  if (shown === null) return ['–', '–', '–', '–', '–', '–', '–'];
  const { status, keptIdentifier, keptSecurityLabel, searches, lagMs, conditionalCreate, entries } = shown;
  const back = entries.filter(({ withdrawn }) => withdrawn).length;
  return [
    String(status ?? '–'),
    keptIdentifier ? 'kept' : 'dropped',
    keptSecurityLabel ? 'kept' : 'dropped',
    searches.identifier,
    lagMs === null ? 'not found' : lagMs === 0 ? 'at once' : `${lagMs / 1000} s`,
    conditionalCreate,
    `${back} of ${entries.length}`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)];
}
