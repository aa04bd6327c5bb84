/** The raw chart in order: one version of each resource, by type, the patient's own, everything else set aside with its reason. */
import type { Reference } from '../measured.ts';
import { type CodeMapIndex, indexCodeMap } from './code-map.ts';
import { type Calendar, calendar } from './dates.ts';
import type { Unread, UnreadReason } from './facts.ts';
import { isObject, type Json, Malformed, object } from './json.ts';
import type { ReadRequest } from './request.ts';

/** The chart while it is being read. Readers add to `unread` what they cannot use. */
export interface Chart {
  readonly patientId: string;
  readonly now: number;
  readonly dates: Calendar;
  /** The site's own codes and units, when it has a map. */
  readonly codeMap?: CodeMapIndex;
  readonly byType: ReadonlyMap<string, readonly Json[]>;
  readonly unread: Unread[];
  /** Says once that a whole resource is not used, however many readers meet it. */
  setAside(source: Reference, reason: UnreadReason, text?: string): void;
  /** The resource a reference points to, if it is among those pulled. */
  find(reference: string): Json | undefined;
  /** True when the reference names the launch's patient. */
  isPatient(reference: unknown): boolean;
}

/** Sorts the resources by type, keeping the newest version of each. Never throws. */
export function openChart(request: Omit<ReadRequest, 'drugs' | 'sources'>): Chart {
  const { patientId, now, fullUrls } = request;
  const unread: Unread[] = [];
  const newest = newestVersions(request.resources, unread);
  const byType = new Map([...newest].map(([type, byId]) => [type, [...byId.values()]] as const));
  const local = (reference: string): string => fullUrls?.get(reference) ?? localReference(reference);
  const setAside = new Set<Reference>();
  let accepted = '';
  return {
    patientId,
    now,
    dates: calendar(request.timeZone),
    ...(request.codeMap === undefined ? {} : { codeMap: indexCodeMap(request.codeMap) }),
    byType,
    unread,
    setAside: (source, reason, text) => {
      if (setAside.has(source)) return;
      setAside.add(source);
      unread.push({ source, reason, ...(text === undefined ? {} : { text }) });
    },
    find: (reference) => {
      const [type = '', id = ''] = local(reference).split('/');
      return newest.get(type)?.get(id);
    },
    isPatient: (reference) => {
      if (typeof reference !== 'string') return false;
      // One patient's chart says the same reference thousands of times.
      if (reference === accepted) return true;
      const same = local(reference) === `Patient/${patientId}` || reference === `urn:uuid:${patientId}`;
      if (same) accepted = reference;
      return same;
    },
  };
}

/** `https://ehr/r4/Patient/1/_history/2` → `Patient/1`. */
function localReference(reference: string): string {
  const parts = reference.split('/_history/', 1)[0]?.split('/') ?? [];
  return parts.slice(-2).join('/');
}

/** Type → id → resource. Two levels, since joining type and id for ten thousand results costs more than reading them. */
function newestVersions(resources: readonly unknown[], unread: Unread[]): Map<string, Map<string, Json>> {
  const newest = new Map<string, Map<string, Json>>();
  for (const resource of resources) {
    if (!isObject(resource) || typeof resource.resourceType !== 'string') {
      unread.push({ source: 'unknown', reason: 'malformed' });
    } else if (typeof resource.id !== 'string' || resource.id === '') {
      unread.push({ source: `${resource.resourceType}/unknown`, reason: 'malformed' });
    } else {
      const byId = newest.get(resource.resourceType) ?? new Map<string, Json>();
      if (byId.size === 0) newest.set(resource.resourceType, byId);
      const known = byId.get(resource.id);
      if (known === undefined || isNewer(resource, known)) byId.set(resource.id, resource);
    }
  }
  return newest;
}

function isNewer(candidate: Json, known: Json): boolean {
  const [a, b] = [metaOf(candidate), metaOf(known)];
  if (a.updated !== b.updated) return a.updated > b.updated;
  return a.version > b.version;
}

function metaOf(resource: Json): { readonly updated: number; readonly version: number } {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const updated = typeof meta.lastUpdated === 'string' ? Date.parse(meta.lastUpdated) : Number.NaN;
  const version = Number(meta.versionId);
  return { updated: Number.isNaN(updated) ? 0 : updated, version: Number.isNaN(version) ? 0 : version };
}

/** `Type/id`. */
export function sourceOf(resource: Json): Reference {
  return `${resource.resourceType}/${resource.id}`;
}

/**
 * Reads every resource of a type that is about the patient. One that is about someone else, is malformed, or carries
 * a modifier extension (which may turn its meaning around) becomes unread.
 */
export function readEach(
  chart: Chart,
  type: string,
  subject: 'subject' | 'patient',
  read: (resource: Json) => void,
): void {
  for (const resource of chart.byType.get(type) ?? []) {
    try {
      refuseModifiers(resource);
      if (chart.isPatient(object(resource[subject])?.reference)) {
        if (isRedacted(resource)) chart.setAside(sourceOf(resource), 'restricted', 'part of it is hidden');
        read(resource);
      } else chart.setAside(sourceOf(resource), 'other-patient');
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      chart.setAside(sourceOf(resource), 'malformed', error.message);
    }
  }
}

/** HL7 security labels (v3-ObservationValue) of a resource from which something was taken out. */
const REDACTED: ReadonlySet<unknown> = new Set(['REDACTED', 'MASKED', 'SUBSETTED']);

/** What is left is true, but not all there is. */
function isRedacted(resource: Json): boolean {
  const meta = resource.meta;
  if (!isObject(meta) || !Array.isArray(meta.security)) return false;
  return meta.security.some((label) => isObject(label) && REDACTED.has(label.code));
}

/** @throws Malformed when something not understood may change the meaning of the rest. */
export function refuseModifiers(resource: Json): void {
  const modifiers = resource.modifierExtension;
  const some = Array.isArray(modifiers) ? modifiers.length > 0 : modifiers !== undefined && modifiers !== null;
  if (some) throw new Malformed('a modifier extension that is not understood');
  if (resource.implicitRules !== undefined) throw new Malformed('implicit rules that are not understood');
}
