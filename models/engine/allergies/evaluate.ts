/** Medicines against the allergy list: the drug itself, and those that provoke the same reaction as the evidence has it. */
import type { Evaluation, EvaluationBasis, Indicator, Input, Missing } from '../evaluation.ts';
import type { AllergyFact, Facts } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { findingOf } from './finding.ts';
import { hitsOf, isUnderstood } from './match.ts';

/** What the check of allergies works on. */
export interface AllergyScene {
  readonly facts: Facts;
  readonly library: Library;
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };
const HEAD = { id: 'allergies', kind: 'allergy', title: 'Allergies', version: '1.0.0' } as const;

/** A finding for each medicine and entry that do not go together, the entries nobody understood, and one for the list as a whole. */
export function evaluateAllergies({ facts, library }: AllergyScene): Evaluation[] {
  const { patient } = facts;
  if (patient.deceased) return [silent('deceased', 'The patient has died.')];
  if (patient.replaced) return [silent('record-replaced', 'This record was replaced by another.')];
  const found = facts.allergy.flatMap((allergy) => hitsOf(allergy, facts, library).map((hit) => findingOf(hit)));
  return [...unique(found), ...notUnderstood(facts, library), list(facts, found.length)];
}

const TIER: Readonly<Record<Indicator, number>> = { info: 0, warning: 1, critical: 2 };

/** The same medicine listed twice, or an allergy entered twice, is one finding: the gravest. */
function unique(evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const rising = [...evaluations].sort((a, b) => tierOf(a) - tierOf(b));
  return [...new Map(rising.map((each) => [each.id, each])).values()];
}

function tierOf(evaluation: Evaluation): number {
  return evaluation.status === 'finding' ? TIER[evaluation.finding.indicator] : 0;
}

function silent(code: 'deceased' | 'record-replaced' | 'other', text: string, basis = NOTHING): Evaluation {
  return { ...HEAD, status: 'not-applicable', because: { code, text }, basis };
}

/** An entry that is neither a medicine nor a class of the library was not checked, and is listed. */
function notUnderstood({ allergy }: Facts, library: Library): readonly Evaluation[] {
  const texts = allergy.filter((each) => !isUnderstood(each, library)).map(({ text }) => text);
  if (texts.length === 0) return [];
  const title = `Allergy to ${[...new Set(texts)].sort().join(', ')}`;
  const missing: Missing = {
    path: 'allergy',
    label: 'Allergy',
    absence: 'unread',
    text: 'not recognised as a medicine or a class of medicines, so not checked against the medication list',
    required: true,
  };
  const basis = { ...NOTHING, missing: [missing] };
  return [{ ...HEAD, id: 'allergies/not-recognised', title, status: 'data-required', missing: [missing], basis }];
}

/** "No allergy" is said only of two lists that were read in full. */
function list({ allergy, sources }: Facts, found: number): Evaluation {
  const missing = [
    { fact: 'allergy', label: 'Allergies', ids: ['allergies'] },
    { fact: 'medication', label: 'Medication list', ids: ['medications'] },
  ].flatMap(({ fact, label, ids }) => {
    const state = worstState(sources, ids);
    return readInFull(state) ? [] : [absentBySource({ fact, label, required: true }, state)];
  });
  const basis = { ...NOTHING, used: allergy.map(inputOf), missing };
  if (missing.length > 0) return { ...HEAD, status: 'data-required', missing, basis };
  const text =
    found > 0
      ? 'No other entry of the allergy list concerns a listed medicine.'
      : 'No entry of the allergy list concerns a listed medicine.';
  return silent('other', text, basis);
}

function inputOf({ text, source }: AllergyFact, index: number): Input {
  return { path: `allergy[${index}]`, label: 'Allergy', value: text, sources: [source] };
}
