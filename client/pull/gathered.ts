/** What has arrived of one source: each resource once, and everything that says that more exists. */
import type { OutcomeCodes } from '../../launch/vendors/vendor.ts';
import { calendar } from '../../models/engine/facts/dates.ts';
import type { When } from '../../models/engine/measured.ts';
import { asArray, isRecord } from './json.ts';
import { type Meaning, MISSING, meaningsOf, REMARK } from './outcome.ts';

/** The pages of one source so far. */
export interface Gathered {
  readonly resources: readonly unknown[];
  readonly pages: number;
  /** Why it is not whole, in words; empty when it is. */
  readonly missing: ReadonlySet<string>;
  readonly remarks: ReadonlySet<string>;
  /** Something was withheld for the patient's protection. */
  readonly restricted: boolean;
  /** The EHR has more than it sent, by its words or its numbers, and named no further page. Of a single search only. */
  readonly short: boolean;
  /** Takes in what a part of the same search brought; returns whether that was cut short as well. */
  takeIn(part: Gathered): boolean;
  /** A search that was cut short has been asked by periods of time, and every period came whole or not. */
  mend(periods: { readonly whole: boolean }): void;
  /** Takes one answer in. Returns how many of its entries were new or newer. */
  take(body: unknown): number;
  /** Adds a resource that was read beside the pages. */
  include(resource: Record<string, unknown>): void;
  lack(reason: string): void;
  /** The earliest date by which a physician would place one of the resources. */
  oldest(): When | undefined;
  /** The date down to which nothing is missing so far; `undefined` when the resources did not come newest first. */
  since(): When | undefined;
}

const CUT = MISSING.truncated ?? '';
/** Every dated entry is in hand then; one without a date answers to no period. */
export const BY_PERIODS =
  'the EHR cut the answer short; it was read by periods of time, so entries without a date may be missing';

/** Empty hands. `codes` are the vendors' own outcome codes. */
export function gather(codes: readonly OutcomeCodes[]): Gathered {
  // By `Type/id`: servers repeat entries across pages; the newest version is kept.
  const byKey = new Map<string, unknown>();
  const missing = new Set<string>();
  const remarks = new Set<string>();
  let pages = 0;
  let restricted = false;
  let total = 0;
  let matches = 0;
  let more = false;

  function hear(outcome: Record<string, unknown>): void {
    for (const meaning of meaningsOf(outcome, codes)) {
      const words = MISSING[meaning];
      if (words !== undefined) missing.add(words);
      const remark = REMARK[meaning];
      if (remark !== undefined) remarks.add(remark);
      restricted ||= isRestriction(meaning);
    }
  }

  function keep(resource: Record<string, unknown>): boolean {
    if (resource.resourceType === 'OperationOutcome') {
      hear(resource);
      return false;
    }
    const key = `${String(resource.resourceType)}/${String(resource.id ?? `unnamed-${byKey.size}`)}`;
    const known = byKey.get(key);
    if (known !== undefined && !isNewer(resource, known)) return false;
    byKey.set(key, resource);
    return true;
  }

  return {
    get resources() {
      return [...byKey.values()];
    },
    get pages() {
      return pages;
    },
    missing,
    remarks,
    get restricted() {
      return restricted;
    },
    get short() {
      // A hundred and no more is what a server sends that has a limit and does not say so.
      const suspicious = pages === 1 && matches > 0 && matches % 100 === 0;
      return !more && (missing.has(CUT) || total > matches || suspicious);
    },
    takeIn(part) {
      for (const resource of part.resources) if (isRecord(resource)) keep(resource);
      for (const reason of part.missing) if (reason !== CUT) missing.add(reason);
      return part.short;
    },
    mend({ whole }) {
      const said = missing.has(CUT) || total > matches;
      const counted = total > matches && byKey.size >= total;
      missing.delete(CUT);
      if (!whole && said) missing.add(CUT);
      else if (!counted && (said || byKey.size > matches)) missing.add(BY_PERIODS);
    },
    take(body) {
      pages += 1;
      if (!isRecord(body)) {
        missing.add('the EHR answered with something that is not FHIR');
        return 0;
      }
      if (body.resourceType === 'Bundle' && body.entry !== undefined && !Array.isArray(body.entry))
        missing.add('the EHR answered with something that is not FHIR');
      const entries = body.resourceType === 'Bundle' ? asArray(body.entry) : [{ resource: body }];
      if (body.resourceType === 'Bundle') {
        total = Math.max(total, typeof body.total === 'number' ? body.total : 0);
        more = asArray(body.link).some((link) => isRecord(link) && link.relation === 'next');
      }
      let fresh = 0;
      for (const entry of entries) {
        const resource = isRecord(entry) ? entry.resource : undefined;
        if (isRecord(resource) && resource.resourceType !== 'OperationOutcome') matches += 1;
        if (isRecord(resource) && typeof resource.resourceType === 'string') fresh += keep(resource) ? 1 : 0;
        else missing.add('an entry arrived without its content');
      }
      return fresh;
    },
    include: (resource) => void keep(resource),
    lack: (reason) => void missing.add(reason),
    oldest: () => oldestOf(byKey.values()),
    since: () => sinceOf([...byKey.values()]),
  };
}

function isRestriction(meaning: Meaning): boolean {
  return meaning === 'restricted' || meaning === 'scope' || meaning === 'not-authorised';
}

/** By `lastUpdated`, then by a counted version; without either the first one stays. */
function isNewer(resource: Record<string, unknown>, known: unknown): boolean {
  const [mine, theirs] = [updated(resource), updated(known)];
  return mine.at === theirs.at ? mine.version > theirs.version : mine.at > theirs.at;
}

function updated(resource: unknown): { at: number; version: number } {
  const meta = isRecord(resource) && isRecord(resource.meta) ? resource.meta : {};
  return { at: Date.parse(String(meta.lastUpdated)) || 0, version: Number(meta.versionId) || 0 };
}

const DATED = ['effectiveDateTime', 'effectiveInstant', 'onsetDateTime', 'authoredOn', 'recordedDate', 'issued'];
const FHIR_DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}.*)?)?)?$/;

/** FHIR dates sort as text, near enough to find the oldest of ten thousand without reading the others. */
function oldestOf(resources: Iterable<unknown>): When | undefined {
  let oldest: string | undefined;
  for (const resource of resources) {
    const text = isRecord(resource) ? dateTextOf(resource) : undefined;
    if (text !== undefined && (oldest === undefined || text < oldest) && FHIR_DATE.test(text)) oldest = text;
  }
  return oldest === undefined ? undefined : calendar().when(oldest);
}

/** A server that sorts otherwise, or an entry without a date, may keep a newer one for later: then nothing is promised. */
function sinceOf(resources: readonly unknown[]): When | undefined {
  const when = (resource: unknown) => {
    const text = isRecord(resource) ? dateTextOf(resource) : undefined;
    return text !== undefined && FHIR_DATE.test(text) ? calendar().when(text) : undefined;
  };
  const dates = resources.map(when);
  const falling = dates.every((date, index) => {
    const before = index === 0 ? date : dates[index - 1];
    return date !== undefined && before !== undefined && date.start <= before.end;
  });
  return falling ? dates.at(-1) : undefined;
}

function dateTextOf(resource: Record<string, unknown>): string | undefined {
  for (const name of DATED) {
    const value = resource[name];
    if (typeof value === 'string') return value;
  }
  const period = [resource.effectivePeriod, resource.onsetPeriod].find(isRecord);
  return typeof period?.start === 'string' ? period.start : undefined;
}
