/** The kept report of a rehearsal: what each way of writing came to at one EHR. No token, no name, nothing of a chart; the patient as a keyed hash. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CapabilityStatement } from 'fhir/r4';
import { z } from 'zod';
import { Write } from '../../launch/tenants.ts';
import type { RungSetting } from '../../models/engine/proposals/ladder.ts';
import { canonical } from '../store/chain.ts';

const SEARCH = z.enum(['finds', 'finds-nothing', 'ignored', 'refused', 'unclear']);

/** What the trial showed; `null` where there was nothing to see. */
const Shown = z.strictObject({
  /** HTTP status of the create. */
  status: z.int().nullable(),
  /** Whether the answer to the create said where it is. */
  named: z.boolean(),
  /** Critical fields (interop WB2) that came back as sent, and those that did not. */
  kept: z.array(z.string()),
  lost: z.array(z.string()),
  keptIdentifier: z.boolean(),
  keptSecurityLabel: z.boolean(),
  /** `null` where no tag is sent. */
  keptTag: z.boolean().nullable(),
  searches: z.strictObject({ identifier: SEARCH, security: SEARCH }),
  /** How an answer that was lost would be looked for (interop X3). */
  foundBy: z.enum(['identifier', 'fingerprint', 'nothing']),
  /** After how many milliseconds of waiting a search showed it; `null`: not at all. */
  lagMs: z.number().nullable(),
  conditionalCreate: z.enum(['deduplicates', 'duplicates', 'not-announced', 'unclear']),
  /** What it put into the chart, and whether it was read back as entered in error. */
  entries: z.array(z.strictObject({ reference: z.string(), withdrawn: z.boolean() })),
});

const Rung = z.strictObject({
  write: Write,
  /** The recommendations that would be written in this shape. */
  about: z.array(z.enum(['medicine', 'test', 'score'])),
  types: z.array(z.string()),
  /** Digest of what the site had agreed on for it (`settingDigest`). */
  setting: z.string(),
  verdict: z.enum(['usable', 'unusable', 'not-tried']),
  why: z.string(),
  /** What a usable one cannot do. */
  remarks: z.array(z.string()),
  shown: Shown.nullable(),
});

const Report = z.strictObject({
  schema: z.literal(1),
  tenant: z.string(),
  ehr: z.strictObject({ host: z.string(), software: z.string().nullable() }),
  at: z.iso.datetime(),
  app: z.strictObject({ version: z.string(), libraryDigest: z.string() }),
  /** Keyed as in the record. */
  patient: z.string(),
  rungs: z.array(Rung),
  /** The note that takes back in words what could not be taken back otherwise (interop WB8). */
  correction: z
    .strictObject({ reference: z.string().nullable(), state: z.enum(['confirmed', 'unconfirmed', 'not-written']) })
    .nullable(),
  /** What is still in the test patient's chart and not marked as entered in error. */
  remains: z.array(z.string()),
  /** Nobody knows whether these are in the chart. */
  doubtful: z.array(z.string()),
});

/** The report. `schema` is its version. */
export type RehearsalReport = z.infer<typeof Report>;
/** One way of writing in it. */
export type RehearsedRung = z.infer<typeof Rung>;

/** A kept report, none, or one that cannot be read. */
export type KeptReport =
  | { readonly state: 'kept'; readonly report: RehearsalReport }
  | { readonly state: 'none' }
  | { readonly state: 'unreadable' };

const placeOf = (dataDir: string, tenantId: string) => join(dataDir, 'rehearsals', `${tenantId}.json`);

/** Keeps it in place of an earlier one; mode 0600. Answers where. */
export async function keepReport(dataDir: string, report: RehearsalReport): Promise<string> {
  const place = placeOf(dataDir, report.tenant);
  await mkdir(join(dataDir, 'rehearsals'), { recursive: true, mode: 0o700 });
  await writeFile(`${place}.new`, `${JSON.stringify(Report.parse(report), null, 2)}\n`, { mode: 0o600 });
  await rename(`${place}.new`, place);
  return place;
}

/** Reads a tenant's report; what is there and cannot be understood is said to be so. */
export async function readReport(dataDir: string, tenantId: string): Promise<KeptReport> {
  try {
    const parsed = Report.safeParse(JSON.parse(await readFile(placeOf(dataDir, tenantId), 'utf8')));
    return parsed.success && parsed.data.tenant === tenantId
      ? { state: 'kept', report: parsed.data }
      : { state: 'unreadable' };
  } catch (error) {
    return isAbsent(error) ? { state: 'none' } : { state: 'unreadable' };
  }
}

/** `readReport` that reads a file once, until it is another one. */
export function createReports(dataDir: string): (tenantId: string) => Promise<KeptReport> {
  const read = new Map<string, { readonly mark: string; readonly kept: Promise<KeptReport> }>();
  return async (tenantId) => {
    const mark = await markOf(placeOf(dataDir, tenantId));
    const known = read.get(tenantId);
    if (known?.mark === mark) return known.kept;
    const kept = readReport(dataDir, tenantId);
    read.set(tenantId, { mark, kept });
    return kept;
  };
}

/** What tells one kept file from the next: each is a file of its own. */
async function markOf(place: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(place);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return 'none';
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A digest of what a site agreed on for one way of writing; what it noted of earlier trials is no part of it. */
export function settingDigest({ lost: _, ...setting }: RungSetting): string {
  return createHash('sha256').update(canonical(setting)).digest('base64url').slice(0, 22);
}

/** Name and version of an EHR's software as it gives them, in one line; `null` where it gives none. */
export function softwareOf({ software }: Pick<CapabilityStatement, 'software'>): string | null {
  const said = [software?.name, software?.version].filter((part) => typeof part === 'string').join(' ');
  return (
    said
      .replace(/[^\p{L}\p{N} .,:;()_+/-]/gu, '')
      .trim()
      .slice(0, 120) || null
  );
}
