/** `asked.<name>` (what the clinician answered in this launch) and `site.<name>` (what the site set). Neither is ever guessed. */
import type { Resolved, Scene } from '../resolve.ts';
import { type Binding, missing } from './absence.ts';

/** The answer, dated; unanswered it is `not-asked`. The question is the manifest's to put. */
export function resolveAsked({ facts }: Scene, binding: Binding, name: string): Resolved {
  const answer = facts.asked?.[name];
  if (!answer) return { state: 'absent', missing: missing(binding, 'not-asked', 'to be asked') };
  const { value, at } = answer;
  const effective = { start: at, end: at, precision: 'instant', text: new Date(at).toISOString() } as const;
  const common = { path: binding.fact, label: binding.label, value, effective, sources: [], note: 'answered here' };
  return { state: 'known', value, input: binding.unit ? { ...common, unit: binding.unit } : common };
}

/** A setting of the site; without it the model has to wait for whoever runs this server. */
export function resolveSite({ library }: Scene, binding: Binding, name: string): Resolved {
  const value = library.site?.[name];
  if (value === undefined)
    return { state: 'absent', missing: missing(binding, 'not-asked', 'not set for this site (site.json)') };
  const input = { path: binding.fact, label: binding.label, value, sources: [], note: 'set for this site' };
  return { state: 'known', value, input };
}
