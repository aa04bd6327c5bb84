/**
 * The rehearsal of write-back within one launch of a test patient (interop WB2): every shape that may be written is written,
 * looked at and taken back, and what came of it becomes the report. Who may rehearse, and on whom, `admission.ts` decides.
 */
import type { AuditEvent } from '../audit.ts';
import type { Launched } from '../launched.ts';
import { after } from '../write-back/deadline.ts';
import { create } from '../write-back/exchange.ts';
import { newApprovalId } from '../write-back/previews.ts';
import { render } from '../write-back/render.ts';
import { look } from '../write-back/seeing.ts';
import { createStatements } from '../write-back/statement.ts';
import { planOf, type Shape } from './plan.ts';
import { type RehearsalReport, type RehearsedRung, settingDigest, softwareOf } from './report.ts';
import { correctionOf, type Installation } from './sample.ts';
import { type Trial, tryRung } from './trial.ts';
import { INTERRUPTED, verdictOf } from './verdict.ts';

/** What a rehearsal is made with. */
export interface Rehearsing extends Installation {
  readonly launched: Launched;
  /** Keyed hash of the patient's id, as in the record. */
  readonly patientKey: string;
  /** Puts an event of this launch into the record; durable when it settles. */
  readonly record: (event: AuditEvent) => Promise<unknown>;
  readonly clock?: () => Date;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Milliseconds for each request to the EHR. */
  readonly timeout?: number;
  /** Once aborted, what is under way is finished and taken back, and nothing further is tried. */
  readonly signal?: AbortSignal;
}

/** Rejects with a `Refusal`, and has written nothing, where the EHR does not say what it accepts. */
export async function rehearse(rehearsing: Rehearsing): Promise<RehearsalReport> {
  const { launched, clock = () => new Date(), timeout = 30_000 } = rehearsing;
  const statement = await createStatements({ clock, timeout })(launched);
  const tried: { readonly shape: Shape; readonly trial?: Trial }[] = [];
  // One after the other: a search for one finds no half of another, and an EHR that fails is not hurried.
  for (const shape of planOf(launched, statement, rehearsing)) tried.push(await attempt(rehearsing, shape));
  const rungs = tried.map(({ shape, trial }) => rungOf(shape, trial));
  const remaining = tried.flatMap(({ trial }) => (trial?.written ? trial.entries : [])).filter((one) => !one.withdrawn);
  const correction = await correct(
    rehearsing,
    tried,
    remaining.map(({ reference }) => reference),
  );
  return {
    schema: 1,
    tenant: launched.tenantId,
    ehr: { host: new URL(launched.fhirBase).host, software: softwareOf(statement) },
    at: clock().toISOString(),
    app: { version: rehearsing.version, libraryDigest: rehearsing.library.digest },
    patient: rehearsing.patientKey,
    rungs,
    correction,
    remains: [...remaining.map(({ reference }) => reference), ...(correction?.reference ? [correction.reference] : [])],
    doubtful: [
      ...tried.flatMap(({ trial }) => (trial && !trial.written && trial.doubtful ? [trial.write] : [])),
      ...(correction?.state === 'unconfirmed' && !correction.reference ? ['the correcting note'] : []),
    ],
  };
}

async function attempt(rehearsing: Rehearsing, shape: Shape): Promise<{ shape: Shape; trial?: Trial }> {
  const { launched, record, clock = () => new Date(), timeout, sleep, signal } = rehearsing;
  const { step, setting } = shape;
  if (step.do === 'leave' || signal?.aborted) return { shape };
  const { recommendation, conditionalCreate } = step;
  const optional = { ...(timeout !== undefined && { timeout }), ...(sleep && { sleep }) };
  const trial = await tryRung({ launched, setting, conditionalCreate, recommendation, now: clock(), ...optional });
  const { id: recommendationId, indicator, libraryDigest } = recommendation;
  const about = { recommendationId, indicator, libraryDigest, payloadHash: trial.payloadHash, reason: 'rehearsal' };
  if (!trial.written) {
    if (trial.why !== 'not-sent') await record({ type: trial.doubtful ? 'in-doubt' : 'failed', ...about });
    return { shape, trial };
  }
  for (const { reference, withdrawn } of trial.entries) {
    await record({ type: 'written', ...about, reference });
    if (withdrawn) await record({ type: 'withdrawn', ...about, reference });
  }
  return { shape, trial };
}

function rungOf({ write, about, types, setting, step }: Shape, trial: Trial | undefined): RehearsedRung {
  const shape = { write, about: [...about], types: [...types], setting: settingDigest(setting) };
  if (!trial) {
    const why = step.do === 'leave' ? step.why : INTERRUPTED;
    return { ...shape, verdict: 'not-tried', why, remarks: [], shown: null };
  }
  return { ...shape, ...verdictOf(trial), shown: trial.written ? shownOf(trial) : null };
}

function shownOf(trial: Extract<Trial, { written: true }>): RehearsedRung['shown'] {
  const { status, named, kept, lost, keptIdentifier, keptLabel, keptTag, searches, foundBy, lagMs } = trial;
  const { conditionalCreate, entries } = trial;
  return {
    status: status ?? null,
    named,
    kept: [...kept],
    lost: [...lost],
    keptIdentifier,
    keptSecurityLabel: keptLabel,
    keptTag: keptTag ?? null,
    searches,
    foundBy,
    lagMs,
    conditionalCreate,
    entries: [...entries],
  };
}

/** Ways of writing that a person reads; one that the EHR has just taken is used. */
const SAYS_SO = ['DocumentReference', 'Communication', 'QuestionnaireResponse'] as const;

/** Writes that what remains is void (WB8). A Provenance alone needs no such note: what it tells of is withdrawn. */
async function correct(
  rehearsing: Rehearsing,
  tried: readonly { readonly shape: Shape; readonly trial?: Trial }[],
  remaining: readonly string[],
): Promise<RehearsalReport['correction']> {
  const { launched, record, clock = () => new Date(), timeout = 30_000 } = rehearsing;
  const standing = remaining.filter((reference) => !reference.startsWith('Provenance/'));
  const way = SAYS_SO.map((write) => tried.find(({ shape, trial }) => shape.write === write && trial?.written)?.shape);
  const shape = way.find((found) => found !== undefined);
  if (standing.length === 0 || !shape) return null;
  const { write: kind, setting } = shape;
  const recommendation = correctionOf(standing, rehearsing);
  const { id: recommendationId, indicator, libraryDigest, summary } = recommendation;
  const rung = { kind, conditionalCreate: false, setting };
  const rendered = render({ rung, launched, recommendation, approvalId: newApprovalId(), now: clock() });
  const { key, bytes: resource, text, hash: payloadHash } = rendered;
  const contents = { kind, about: {}, resource, text, summary, recommendationId, indicator, libraryDigest };
  const exchange = { launched, contents, key, timeout, after };
  const sent = await create(exchange, false);
  const about = { recommendationId, indicator, libraryDigest, payloadHash, reason: 'rehearsal' };
  if (sent.is !== 'created') {
    await record({ type: sent.is === 'doubt' ? 'in-doubt' : 'failed', ...about });
    return { reference: null, state: sent.is === 'doubt' ? 'unconfirmed' : 'not-written' };
  }
  const { reference } = sent.named;
  await record({ type: 'written', ...about, reference });
  const seen = await look(exchange, sent.named);
  return { reference, state: seen.is === 'same' ? 'confirmed' : 'unconfirmed' };
}
