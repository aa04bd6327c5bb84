/**
 * A model card as a CHAI Applied Model Card, v0.2: elements and their order from `v0.2/schema.xsd` of
 * coalition-for-health-ai/mc-schema (opened 2026-11-23). Every element is there; what our card does not hold is said to be absent.
 */
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { fileText } from './card-markdown.ts';
import { attribute } from './source-attributes.ts';

/** The element's own text, or its children in order. */
type Element = readonly [name: string, content: string | readonly Element[]];

const ABSENT = 'Not stated';
const NAMESPACE = 'https://mc.chai.org/v0.2/schema.xsd';

/** The document. */
export function chaiOf(model: RiskModel, card: ModelCard): string {
  const of = (predictive: string, evidence?: string) =>
    card.kind === 'predictive' ? attribute(card, predictive) : evidence ? attribute(card, evidence) : ABSENT;
  const release = (card.release ?? {}) as { readonly stage?: string; readonly date?: string };
  const root: readonly Element[] = [
    [
      'BasicInfo',
      [
        ['ModelName', card.name],
        ['ModelDeveloper', of('P1', 'E2')],
        ['DeveloperContact', of('P1')],
      ],
    ],
    [
      'ReleaseInfo',
      [
        ['ReleaseStage', release.stage ?? ABSENT],
        ['ReleaseDate', release.date ?? of('', 'E4')],
        ['ReleaseVersion', card.version],
        ['GlobalAvailability', ABSENT],
        ['RegulatoryApproval', 'None'],
      ],
    ],
    [
      'ModelSummary',
      [
        ['Summary', `${stated(card.purpose, of('P5'))} ${fileText(model)}`],
        ['Keywords', [['Keyword', model.id]]],
      ],
    ],
    [
      'UsesAndDirections',
      [
        ['IntendedUseAndWorkflow', stated(card.purpose, of('P5'))],
        ['PrimaryIntendedUsers', of('P7')],
        ['HowToUse', of('P8')],
        ['TargetedPatientPopulation', model.population.text],
        ['CautionedOutOfScopeSettings', Array.isArray(card.cautions) ? card.cautions.join('; ') : of('P9')],
      ],
    ],
    [
      'Warnings',
      [
        ['KnownRisksAndLimitations', model.limitation],
        [
          'KnownBiasesOrEthicalConsiderations',
          card.kind === 'predictive' ? of('P22') : `${of('', 'E5')}; ${of('', 'E6')}`,
        ],
        ['ClinicalRiskLevel', ABSENT],
      ],
    ],
    ['TrustIngredients', trust(model, of)],
    [
      'KeyMetrics',
      [
        [
          'UsefulnessUsabilityEfficacy',
          metric(card, { statement: stated(card.validation, of('P21')), process: of('P20'), subgroups: 'all' }),
        ],
        ['FairnessEquity', metric(card, { statement: of('P22'), process: of('P15'), subgroups: 'parts' })],
        ['SafetyReliability', metric(card, { statement: of('P10'), process: of('P26'), subgroups: 'none' })],
      ],
    ],
    [
      'Resources',
      [
        ['PeerReviewedPublications', of('P25', 'E1')],
        ['PatientConsentOrDisclosure', ABSENT],
      ],
    ],
    ['Bibliography', bibtex(model)],
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<AppliedModelCard xmlns="${NAMESPACE}">\n${root.map((element) => xml(element, 1)).join('')}</AppliedModelCard>\n`;
}

function trust(model: RiskModel, of: (predictive: string, evidence?: string) => string): readonly Element[] {
  const inputs = model.inputs.map(({ label, unit }) => (unit ? `${label} (${unit})` : label)).join(', ');
  return [
    [
      'AISystemFacts',
      [
        ['OutcomesAndOutputs', model.outcomes.map(({ title, unit }) => `${title} (${unit})`).join('; ')],
        ['ModelType', model.kind],
        ['InputDataSource', 'The chart of the EHR, by FHIR R4, and what the clinician answers'],
        ['OutputAndInputDataTypes', `Inputs: ${inputs}`],
        ['DevelopmentDataCharacterization', of('P11', 'E1')],
        ['BiasMitigationApproaches', of('P16')],
        ['OngoingMaintenance', of('P30', 'E4')],
      ],
    ],
    [
      'TransparencyInformation',
      [
        ['FundingSource', of('P2', 'E3')],
        ['StakeholdersConsulted', ABSENT],
      ],
    ],
  ];
}

function metric(
  card: ModelCard,
  about: { readonly statement: string; readonly process: string; readonly subgroups: 'all' | 'parts' | 'none' },
): readonly Element[] {
  const rows = (Array.isArray(card.performance) ? card.performance : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const wanted = rows.filter(({ subgroup }) =>
    about.subgroups === 'all' ? subgroup === 'all' : about.subgroups === 'parts' && subgroup !== 'all',
  );
  const results: readonly Element[] = wanted.map(({ source, subgroup, weighting, metric: name, ...figures }) => [
    'MetricResult',
    [
      ['Label', `${source}, ${subgroup}, ${weighting}: ${name}`],
      ['ValueJson', JSON.stringify(figures)],
    ],
  ]);
  const none: readonly Element[] = [
    [
      'MetricResult',
      [
        ['Label', about.statement],
        ['ValueJson', 'null'],
      ],
    ],
  ];
  return [
    ['MetricGoal', 'No floor was set: the figures are given as they came out'],
    ['Results', results.length > 0 ? results : none],
    ['Interpretation', about.statement],
    [
      'TestType',
      card.kind === 'predictive'
        ? 'Internal, later cycles of the same survey where figures are given'
        : 'Conformance with the publication',
    ],
    ['TestingDataDescription', attribute(card, card.kind === 'predictive' ? 'P19' : 'E1')],
    ['ValidationProcessAndJustification', about.process],
  ];
}

function bibtex({ id, citations }: RiskModel): string {
  return citations
    .map(({ text, doi, url }, index) => {
      const fields = [
        ['note', text],
        ['doi', doi],
        ['url', url],
      ].filter(([, value]) => value !== undefined);
      return `@misc{${id}-${index + 1}, ${fields.map(([name, value]) => `${name} = {${value}}`).join(', ')}}`;
    })
    .join('\n');
}

function stated(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function xml([name, content]: Element, depth: number): string {
  const indent = '  '.repeat(depth);
  if (typeof content === 'string') return `${indent}<${name}>${escaped(content)}</${name}>\n`;
  return `${indent}<${name}>\n${content.map((child) => xml(child, depth + 1)).join('')}${indent}</${name}>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
