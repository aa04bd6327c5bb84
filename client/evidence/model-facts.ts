/** Model Facts: a card on one page, in the order of Sendak's label (npj Digital Medicine 2020). What a card does not say is said to be absent. */
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';

/** A heading of the page with its rows. */
export interface FactsSection {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly text: string }[];
}

/** The digest of the file behind the number, as the runtime checks it before every first use, and what the card says it is of. */
export interface FileThatRan {
  /** Lower-case hex; absent for a score that is added up, which has no file. */
  readonly sha256?: string;
  /** False when the card is of another file: its figures are then not this model's. */
  readonly sameAsCard: boolean;
}

const ABSENT = 'not stated';

/** The page. Attributes by their HTI-1 numbers, predictive (P) or evidence-based (E). */
export function modelFactsOf(model: RiskModel, card: ModelCard): readonly FactsSection[] {
  const of = attributesOf(card);
  const predictive = card.kind === 'predictive';
  return [
    section('Summary', [
      ['Version', `${card.version}, ${predictive ? of('P1') : of('E2')}`],
      ['Use', predictive ? of('P5') : text(card.purpose)],
      ['For whom', model.population.text],
      ['Role', predictive ? of('P8') : 'Informs: the clinician decides'],
    ]),
    section('How it works', [
      ['Gives', model.outcomes.map(({ title, horizon }) => (horizon ? `${title} (${horizon})` : title)).join('; ')],
      ['Kind', kindOf(model)],
      ['Needs', model.inputs.map(({ label }) => label).join(', ')],
      ['Made from', predictive ? of('P11') : of('E1')],
    ]),
    section('How well it does', [
      ['Validity', predictive ? of('P21') : text(card.validation)],
      ['Elsewhere', predictive ? of('P17') : text(card.externalValidation)],
      ['In groups', predictive ? of('P22') : ABSENT],
      ['Here', predictive ? of('P27') : ABSENT],
    ]),
    section('Warnings', [
      ['Not for', predictive ? of('P9') : list(card.cautions)],
      ['Limits', model.limitation],
    ]),
    section('More', [
      ['Race and ethnicity', predictive ? of('P12') : `${of('E5')}; ${of('E6')}`],
      ['Paid for by', predictive ? of('P2') : of('E3')],
      ['Changes', predictive ? of('P30') : of('E4')],
    ]),
  ];
}

/** Which file gave the number. */
export function fileThatRan(model: RiskModel, card: ModelCard): FileThatRan {
  switch (model.kind) {
    case 'onnx': {
      const artifact = card.artifact as { readonly sha256?: unknown } | undefined;
      return { sha256: model.sha256, sameAsCard: artifact?.sha256 === model.sha256 };
    }
    case 'regression':
      // The card is of the manifest, which the library's digest covers together with the card; the twin is made of both.
      return { ...(model.twin && { sha256: model.twin.sha256 }), sameAsCard: card.version === model.version };
    case 'points':
      return { sameAsCard: card.version === model.version };
  }
}

function kindOf(model: RiskModel): string {
  switch (model.kind) {
    case 'onnx':
      return 'Trained model, run in this browser';
    case 'regression':
      return 'Published equation, worked out twice in this browser';
    case 'points':
      return 'Published score, added up';
  }
}

function attributesOf(card: ModelCard): (name: string) => string {
  const attributes = (card.attributes ?? {}) as Readonly<Record<string, unknown>>;
  return (name) => text(attributes[name]);
}

function section(title: string, rows: readonly (readonly [string, string])[]): FactsSection {
  return { title, rows: rows.map(([name, value]) => ({ name, text: value })) };
}

function list(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.map(String).join('; ') : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' && value.trim() !== '' ? value : ABSENT;
}
