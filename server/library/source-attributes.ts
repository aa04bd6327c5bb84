/** The HTI-1 source attributes (45 CFR 170.315(b)(11)) by their short numbers: 13 evidence-based, 31 predictive. */

/** Number → what is asked. */
export const SOURCE_ATTRIBUTES: Readonly<Record<'evidence-based' | 'predictive', Readonly<Record<string, string>>>> = {
  'evidence-based': {
    E1: 'Bibliographic citation',
    E2: 'Developer',
    E3: 'Funding of the technical implementation',
    E4: 'Release and revision dates',
    E5: 'Use of race',
    E6: 'Use of ethnicity',
    E7: 'Use of language',
    E8: 'Use of sexual orientation',
    E9: 'Use of gender identity',
    E10: 'Use of sex',
    E11: 'Use of date of birth',
    E12: 'Use of social determinants of health',
    E13: 'Use of health status assessments',
  },
  predictive: {
    P1: 'Developer and contact',
    P2: 'Funding',
    P3: 'Value produced',
    P4: 'Type of output',
    P5: 'Intended use',
    P6: 'Intended patient population',
    P7: 'Intended users',
    P8: 'Role in the decision',
    P9: 'Cautioned against',
    P10: 'Known risks and limitations',
    P11: 'Inclusion and exclusion in the training data',
    P12: 'Use of the sensitive variables as inputs',
    P13: 'Demographic representativeness of the training data',
    P14: 'Relevance of the training data to the setting',
    P15: 'Approach to fair output',
    P16: 'Approaches to reduce bias',
    P17: 'External validation: data source and setting',
    P18: 'External validation: who tested',
    P19: 'External validation: demographic representativeness',
    P20: 'External validation: process',
    P21: 'Validity, internal test',
    P22: 'Fairness, internal test',
    P23: 'Validity, external test',
    P24: 'Fairness, external test',
    P25: 'References on outcomes',
    P26: 'Monitoring of validity',
    P27: 'Validity in local data',
    P28: 'Monitoring of fairness',
    P29: 'Fairness in local data',
    P30: 'Updates',
    P31: 'Correction when risks are found',
  },
};

/** What a card says under a number; what is absent is said to be. */
export function attribute(card: Readonly<Record<string, unknown>>, name: string): string {
  const held = (card.attributes as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof held === 'string' && held.trim() !== '' ? held : 'Not stated';
}
