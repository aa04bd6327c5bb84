/** What an EHR says it offers, for the browser: its CapabilityStatement cut down to reading, remembered for ten minutes. */
import type { Launched } from './launched.ts';

const KEPT_MS = 600_000;

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

/**
 * Real statements run to megabytes; what decides how a chart is read fits in a few kilobytes. The result is a
 * CapabilityStatement still. Throws `SyntaxError` for anything that is none.
 */
export function readingPart(statement: unknown, isRead: (type: string) => boolean): string {
  if (!isJson(statement) || statement.resourceType !== 'CapabilityStatement')
    throw new SyntaxError('not a CapabilityStatement');
  const { resourceType, status, date, kind, fhirVersion, format } = statement;
  const server = listOf(statement.rest).find(({ mode }) => mode === 'server');
  const resource = listOf(server?.resource)
    .filter(({ type }) => typeof type === 'string' && isRead(type))
    .map(({ type, interaction, searchParam }) => ({
      type,
      interaction: listOf(interaction).map(({ code }) => ({ code })),
      searchParam: listOf(searchParam).map(({ name, type: kindOf }) => ({ name, type: kindOf })),
    }));
  return JSON.stringify({
    resourceType,
    status,
    date,
    kind,
    fhirVersion,
    format,
    rest: server ? [{ mode: 'server', resource }] : [],
  });
}

/** One statement per FHIR server. It holds nothing of any patient, so launches of one EHR share it; a failure is not kept. */
export function createOfferCache<T extends { readonly status: number }>(now: () => number) {
  const kept = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return (launched: Launched, read: () => Promise<T>): Promise<T> => {
    const known = kept.get(launched.fhirBase);
    if (known && known.until > now()) return known.answer;
    const answer = read();
    const forget = () => void kept.delete(launched.fhirBase);
    answer.then(({ status }) => (status === 200 ? undefined : forget()), forget);
    kept.set(launched.fhirBase, { until: now() + KEPT_MS, answer });
    return answer;
  };
}
