/** What interrupts a clinician must rest on a document that somebody opened: `recalled` never makes a `critical`. */
import type { Library } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import type { Report } from './read.ts';

/** Reports every `critical` that has no opened citation and none shared with grade A. */
export function checkCriticals(
  library: Pick<Library, 'rules' | 'interactions' | 'risk' | 'cautions' | 'allergies'>,
  report: Report,
): void {
  const check = (file: string, path: string, citations: readonly Citation[]) => {
    if (citations.some(({ basis, grade }) => basis === 'opened' || (basis === 'shared' && grade === 'A'))) return;
    report({
      file,
      line: 1,
      path,
      expected: 'a citation that was opened, or shared with grade A, under a critical',
      found: citations.map(({ basis }) => basis).join(', ') || 'none',
      advice: 'open the source and cite its place and the day, or lower the indicator',
    });
  };
  for (const rule of library.rules)
    for (const [index, tier] of rule.tiers.entries())
      if (tier.indicator === 'critical')
        check(`rules/${rule.id}.json`, `tiers[${index}]`, [...tier.citations, ...rule.citations]);
  for (const { id, indicator, citations, modifiers } of library.interactions) {
    const file = `interactions/${id}.json`;
    if (indicator === 'critical') check(file, 'indicator', citations);
    for (const modifier of modifiers)
      if (modifier.indicator === 'critical') check(file, `modifiers.${modifier.id}`, modifier.citations ?? citations);
  }
  for (const { id, advice, citations } of library.risk)
    for (const [index, { indicator }] of (advice ?? []).entries())
      if (indicator === 'critical') check(`risk/${id}/manifest.json`, `advice[${index}]`, citations);
  const cited = (citations: Readonly<Record<string, Citation>>, cite: readonly string[]) =>
    cite.flatMap((key) => citations[key] ?? []);
  for (const { id, citations, cautions } of library.cautions ?? [])
    for (const { id: caution, indicator, cite } of cautions)
      if (indicator === 'critical') check(`cautions/${id}.json`, caution, cited(citations, cite));
  for (const { id, citations, crosses } of library.allergies ?? [])
    for (const { id: cross, indicator, cite } of crosses)
      if (Object.values(indicator).includes('critical')) check(`allergies/${id}.json`, cross, cited(citations, cite));
}
