/**
 * A site's own codes and units in the words that everyone shares: configuration, versioned, written by an informaticist.
 * A LOINC code in the chart goes before the map; the map speaks only where the chart gives none.
 */
import type { UcumUnit } from '../measured.ts';
import { ANALYTE_BY_LOINC, type AnalyteMatch } from './analytes.ts';

/** One tenant's map. Checked by `server/code-map.ts` before anything is read with it. */
export interface CodeMap {
  /** Said wherever a mapped value is explained; changes with every edit. */
  readonly version: string;
  /** How numbers are written in results given as text: `true`: `1.234,5`; `false`: `1,234.5`; absent: only what is clear either way. */
  readonly decimalComma?: boolean;
  readonly codes: readonly LocalCode[];
  readonly units: readonly LocalUnit[];
}

/** One local code that means exactly what a LOINC code of this app means. */
export interface LocalCode {
  readonly system: string;
  readonly code: string;
  readonly loinc: string;
  /** The unit of results that come without one. A unit in the chart always goes before it. */
  readonly defaultUnit?: UcumUnit;
}

/** A way of writing a unit that this app does not know, or that means something else elsewhere. */
export interface LocalUnit {
  readonly text: string;
  readonly ucum: UcumUnit;
}

/** What a mapped code means. */
export interface LocalMatch extends AnalyteMatch {
  readonly defaultUnit?: UcumUnit;
}

/** A map ready for reading. */
export interface CodeMapIndex {
  readonly decimalComma?: boolean;
  match(system: string, code: string): LocalMatch | undefined;
  unit(text: string): UcumUnit | undefined;
}

/** Looks a map up by code and by unit text (spaces and case do not count). Codes of measurements not read here are left out. */
export function indexCodeMap({ codes, units, decimalComma }: CodeMap): CodeMapIndex {
  const matches = new Map<string, LocalMatch>();
  for (const { system, code, loinc, defaultUnit } of codes) {
    const match = ANALYTE_BY_LOINC.get(loinc);
    if (match !== undefined)
      matches.set(`${system}|${code}`, defaultUnit === undefined ? match : { ...match, defaultUnit });
  }
  const byText = new Map(units.map(({ text, ucum }) => [folded(text), ucum]));
  return {
    ...(decimalComma === undefined ? {} : { decimalComma }),
    match: (system, code) => matches.get(`${system}|${code}`),
    unit: (text) => byText.get(folded(text)),
  };
}

function folded(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}
