/** One number of a model, with its unit, horizon and the word of its published band. */
import type { Outcome } from '../evaluation.ts';
import type { OutcomeDefinition } from '../library.ts';

/** The outcome as defined, with its value; the word is that of the first band the value lies below. */
export function outcomeOf({ bands, ...definition }: OutcomeDefinition, value: number): Outcome {
  const word = bands?.find(({ below }) => value < below)?.word;
  return {
    id: definition.id,
    title: definition.title,
    value,
    unit: definition.unit,
    ...(definition.horizon ? { horizon: definition.horizon } : {}),
    ...(word ? { word } : {}),
  };
}

/** A value as a clinician reads it, unit included: `12.3 %`, `3 points`, `24 mL/min/1.73 m²`. */
export function inWords({ value, unit, word }: Outcome): string {
  const band = word ? ` (${word})` : '';
  switch (unit) {
    case '1':
      return `${(value * 100).toFixed(1)} %${band}`;
    case '{score}':
      return `${value} ${value === 1 ? 'point' : 'points'}${band}`;
    case 'mL/min/{1.73_m2}':
      return `${Math.round(value)} mL/min/1.73 m²${band}`;
    case '{index}':
      return `${value.toFixed(2)}${band}`;
    default:
      return `${Number(value.toPrecision(3))} ${unit}${band}`;
  }
}
