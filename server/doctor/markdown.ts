/** A diagnosis as tables for a page that people read. */
import type { Diagnosis } from './diagnosis.ts';

/** Three tables under one heading; `title` names the EHR. */
export function diagnosisMarkdown(title: string, { verdict, checks, features, writeBack }: Diagnosis): string {
  return [
    `## ${title}: ${verdict}`,
    '',
    ...table(
      ['check', '', ''],
      checks.filter(({ status }) => status !== 'not-checked').map(({ id, status, text }) => [id, status, text]),
    ),
    '',
    ...table(
      ['feature', '', 'scope', 'why'],
      features.map(({ title: name, status, scope, why }) => [name, status, code(scope), why]),
    ),
    '',
    ...table(
      ['rung', 'way to write', '', 'why'],
      writeBack.map(({ rung, title: name, status, why }) => [rung, name, status, why]),
    ),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)];
}

function code(scope: string): string {
  return scope === '' ? '' : `\`${scope}\``;
}
