/** A model card as Markdown: who it is, the file it is of, and every source attribute under its number. */
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { attribute, SOURCE_ATTRIBUTES } from './source-attributes.ts';

/** The whole text, ending in a newline. Tables of performance only where the card has them. */
export function markdownOf(model: RiskModel, card: ModelCard): string {
  return [
    `# ${card.name} ${card.version}`,
    `Model \`${model.id}\`, ${card.kind}. ${fileText(model)}`,
    `**For whom.** ${model.population.text}`,
    `**Limits.** ${model.limitation}`,
    '## Source attributes',
    table(
      ['', 'Attribute', 'Statement'],
      Object.entries(SOURCE_ATTRIBUTES[card.kind]).map(([name, title]) => [name, title, attribute(card, name)]),
    ),
    ...performance(card),
    '## Sources',
    model.citations
      .map(
        ({ text, doi, url, place, basis }) =>
          `- ${[text, doi && `doi:${doi}`, url, place, `(${basis})`].filter(Boolean).join('; ')}`,
      )
      .join('\n'),
    '',
  ].join('\n\n');
}

/** The file behind the number with its digest. */
export function fileText(model: RiskModel): string {
  switch (model.kind) {
    case 'onnx':
      return `Runs ${model.file}, SHA-256 ${model.sha256}.`;
    case 'regression':
      return model.twin
        ? `Published equation; its ONNX twin has SHA-256 ${model.twin.sha256}.`
        : 'Published equation; no ONNX twin.';
    case 'points':
      return 'Published score, added up; there is no file.';
  }
}

interface PerformanceRow {
  readonly metric: string;
  readonly subgroup: string;
  readonly weighting: string;
  readonly n: number;
  readonly events: number;
  readonly tooFew: boolean;
  readonly value: number;
  readonly ci95: readonly [number, number];
  readonly source: string;
}

function performance({ performance: rows }: ModelCard): readonly string[] {
  if (!Array.isArray(rows) || rows.length === 0) return [];
  const cells = (rows as readonly PerformanceRow[]).map((row) => [
    row.source,
    row.subgroup,
    row.weighting,
    `${row.n} (${row.events})${row.tooFew ? ', too few to say' : ''}`,
    row.metric,
    String(row.value),
    row.ci95.join(' to '),
  ]);
  return ['## Performance', table(['Data', 'Who', 'Weights', 'n (found)', 'Figure', 'Value', '95 % interval'], cells)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
