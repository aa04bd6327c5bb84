/** Smoking status in one of four words: `current`, `former`, `never`, `unknown`. */
import type { CodedQuestion } from './coded.ts';

/**
 * SNOMED codes: project bindings table (449868002, 428041000124106, 77176002, 8517006, 266919005); the rest, and the
 * LOINC answers of list LL2201-3, recalled. "Unknown if ever smoked" and passive smoking are `unknown`.
 */
export const SMOKING: CodedQuestion = {
  key: 'smoking-status',
  loinc: ['72166-2'],
  answers: {
    '449868002': 'current',
    '428041000124106': 'current',
    '77176002': 'current',
    '428071000124103': 'current',
    '428061000124105': 'current',
    '230059006': 'current',
    '65568007': 'current',
    '8517006': 'former',
    '266919005': 'never',
    '266927001': 'unknown',
    'LA18976-3': 'current',
    'LA18977-1': 'current',
    'LA18979-7': 'current',
    'LA18981-3': 'current',
    'LA18982-1': 'current',
    'LA15920-4': 'former',
    'LA18978-9': 'never',
    'LA18980-5': 'unknown',
  },
  words: {
    'current every day smoker': 'current',
    'current some day smoker': 'current',
    'current smoker': 'current',
    'every day smoker': 'current',
    'some days smoker': 'current',
    'heavy smoker': 'current',
    'light smoker': 'current',
    smoker: 'current',
    'former smoker': 'former',
    'ex-smoker': 'former',
    'never smoker': 'never',
    'never smoked': 'never',
    'never smoked tobacco': 'never',
  },
};
