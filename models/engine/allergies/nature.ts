/** How an entry of the allergy list reads. What a patient could not stomach is no allergy, whatever the list calls it. */
import type { AllergyFact } from '../facts/facts.ts';
import type { AllergyNature } from '../library.ts';

/** Signs of a grave reaction: anaphylaxis, airway, severe skin and organ reactions, heparin's thrombocytopenia. */
const SEVERE =
  /anaphyla|angio-?o?edema|stevens|\bsjs\b|epidermal necrolysis|\bten\b|\bdress\b|drug reaction with eosinophilia|exfoliat|bronchospasm|wheez|dyspn|short(?:ness)? of breath|breath|airway|laryng|throat|swell\w* of (?:the )?(?:tongue|face|lips?|mouth)|(?:tongue|facial|face|lip|mouth|throat) swell|shock|hepat|thrombocytop|agranulocyt|serum sickness|malignant hyperthermia/;
const ALLERGIC = /rash|hives|urticaria|erupt|exanthem|itch|prurit|swell|o?edema|erythema|blister|allerg/;
/** What a drug does by its own action, a bleed under aspirin too, is no allergy. */
const INTOLERANCE =
  /nausea|vomit|diarrh|constipat|stomach|abdom|\bgi\b|upset|cramp|heartburn|dyspeps|headache|dizz|drows|sleep|somnol|sedat|fatigue|tired|weak|cough|myalg|muscle|joint|arthralg|insomnia|dry mouth|palpit|constip|taste|appetite|weight|intoleran|side effect|bleed|h(?:a)?emorrhag|bruis|ulcer|hypoglyc|renal|kidney/;

/** Read from the reactions; where none are given, from the kind and criticality of the entry. */
export function natureOf({ reactions = [], kind, criticality }: AllergyFact): AllergyNature {
  const told = reactions.map(({ text, severity }) => ({ text: text.toLowerCase(), severity }));
  const grave = told.some(
    ({ text, severity }) => SEVERE.test(text) || (severity === 'severe' && !INTOLERANCE.test(text)),
  );
  if (grave) return 'severe';
  if (told.some(({ text }) => ALLERGIC.test(text))) return 'allergy';
  if (told.length > 0 && told.every(({ text }) => INTOLERANCE.test(text))) return 'intolerance';
  if (criticality === 'high') return 'severe';
  if (kind === 'allergy') return 'allergy';
  return kind === 'intolerance' ? 'intolerance' : 'unstated';
}

/** Does the chart name one of these reactions? */
export function reactedWith({ reactions = [] }: AllergyFact, words: readonly string[]): boolean {
  return reactions.some(({ text }) => words.some((word) => text.toLowerCase().includes(word)));
}
