/**
 * Writing back what a clinician approved: preview → approve → outbox → send → read back, exactly once or visibly in doubt
 * (interop §3B WB1–WB8, §3C X1–X8). Throws `Refusal` for what is turned down before anything is sent.
 */
import type {
  AcceptedRecommendation,
  ApproveRequest,
  Preview,
  PreviewRequest,
  ScratchpadAnswer,
  Withdrawal,
  WriteOutcome,
} from '../../launch/api.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import type { Audit, AuditEvent } from '../audit.ts';
import type { Launched } from '../launched.ts';
import type { KeyRing } from '../store/keys.ts';
import type { OutboxRow, Store } from '../store/store.ts';
import { openContents, sealContents } from './contents.ts';
import { correctionOf, type WithdrawReason } from './correction.ts';
import { type After, after as realAfter } from './deadline.ts';
import { createLadder, type Rung, type TriedOf } from './ladder.ts';
import { mayResend, mayWithdraw, outcomeOf, quietFrom } from './outcome.ts';
import { createPreviews, newApprovalId, PREVIEW_LIFE, type Shelf, type Shelved } from './previews.ts';
import { Refusal } from './refusal.ts';
import { render } from './render.ts';
import { takeAnswer } from './scratchpad.ts';
import { createSending } from './sending.ts';
import { createStatements } from './statement.ts';
import { withOffset } from './time.ts';
import { createWithdrawal } from './withdrawal.ts';

/** What write-back needs. The times have the defaults of interop §7 V8 and are shortened in tests. */
export interface WriteBackDeps {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly audit: Audit;
  /** Where previews wait; this process's memory unless it is given. */
  readonly shelf?: Shelf;
  /** What kept rehearsals say; without it a site's own settings decide alone. */
  readonly triedOf?: TriedOf;
  readonly clock?: () => Date;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly after?: After;
  /** Milliseconds for each request to the EHR. */
  readonly timeout?: number;
  /** Milliseconds to wait before each look of a reconciliation. */
  readonly backOff?: readonly number[];
}

/** What the browser may ask for. */
export interface WriteBack {
  preview(
    launched: Launched,
    recommendation: AcceptedRecommendation,
    able?: Pick<PreviewRequest, 'messaging'>,
  ): Promise<Preview>;
  approve(launched: Launched, request: ApproveRequest): Promise<WriteOutcome>;
  /** What this clinician approved for this patient, newest first; also what an earlier launch left in doubt. */
  outcomes(launched: Launched): Promise<readonly WriteOutcome[]>;
  /** Looks in the chart for everything of theirs that is in doubt. */
  reconcile(launched: Launched): Promise<readonly WriteOutcome[]>;
  resend(launched: Launched, approvalId: string): Promise<WriteOutcome>;
  /** What became of a draft that the browser handed to the EHR's frame (W3). */
  handedOver(launched: Launched, request: ScratchpadAnswer): Promise<WriteOutcome>;
  /** What withdrawing a confirmed write would do in this EHR (WB8). */
  withdrawal(launched: Launched, approvalId: string): Promise<Withdrawal>;
  /** Marks a confirmed write as entered in error. */
  withdraw(launched: Launched, approvalId: string, reason: WithdrawReason): Promise<WriteOutcome>;
  /** The note that withdraws one which may not be marked: to be approved like any other. */
  correction(launched: Launched, approvalId: string, reason: WithdrawReason): Promise<Preview>;
}

export function createWriteBack(deps: WriteBackDeps): WriteBack {
  const {
    store,
    keys,
    audit,
    clock = () => new Date(),
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    after = realAfter,
    timeout = 30_000,
    backOff = [0, 2_000, 6_000],
  } = deps;
  const statementOf = createStatements({ clock, timeout, after });
  const choose = createLadder({ statementOf, ...(deps.triedOf && { triedOf: deps.triedOf }) });
  const previews = createPreviews({ keys, clock, shelf: deps.shelf });
  const sending = createSending({ store, keys, audit, clock, sleep, after, timeout, backOff });
  const withdrawal = createWithdrawal({ store, keys, audit, clock, after, timeout, statementOf, mayCorrect });
  /** Who is being sent by this process; a second click waits for the first one's answer. */
  const underWay = new Map<string, Promise<OutboxRow>>();

  return {
    preview,
    approve,
    outcomes,
    reconcile,
    resend,
    handedOver,
    withdrawal: async (launched, approvalId) => withdrawal.plan(launched, await saved(launched, approvalId)),
    withdraw,
    correction,
  };

  async function preview(
    launched: Launched,
    recommendation: AcceptedRecommendation,
    { messaging = false }: Pick<PreviewRequest, 'messaging'> = {},
  ): Promise<Preview> {
    const granted = launched.context.webMessaging !== undefined;
    return shelve(
      launched,
      recommendation,
      await choose(launched, recommendation, { messaging: messaging && granted }),
    );
  }

  /** Renders once, and keeps the bytes until they are approved (WB7). */
  async function shelve(
    launched: Launched,
    recommendation: AcceptedRecommendation,
    rung: Rung,
    corrects?: string,
  ): Promise<Preview> {
    const { kind, via } = rung;
    const earlier = await store.standing(launched.tenantId, intent(launched, recommendation));
    if (earlier) throw standing(earlier);
    const approvalId = newApprovalId();
    const rendered = render({ rung, launched, recommendation, approvalId, now: clock() });
    const expiresAt = Math.min(clock().getTime() + PREVIEW_LIFE, Date.parse(launched.context.expiresAt));
    const { launchId, patientId } = launched.context;
    await previews.put({
      ...rendered,
      approvalId,
      recommendation,
      launchId,
      userId: launched.userId,
      patientId,
      ...(corrects && { corrects }),
      expiresAt,
    });
    const event = eventOf('previewed', recommendation, { approvalId, payloadHash: rendered.hash });
    await audit.record(audit.entry(launched, event));
    const { title, heading, button } = proposals[kind];
    const { name } = launched.context.tenant;
    return {
      approvalId,
      hash: rendered.hash,
      resource: rendered.bytes,
      resourceType: kind,
      text: rendered.text,
      destination: via ? `${title}, in your scratchpad in ${name}` : `${title} in ${name}`,
      heading,
      button,
      ...(via && { via }),
      author: launched.context.user.display,
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }

  async function approve(launched: Launched, { approvalId, hash }: ApproveRequest): Promise<WriteOutcome> {
    const earlier = await own(launched, approvalId);
    if (earlier) return answerAgain(launched, earlier, hash);
    const approved = await takePreview(launched, approvalId, hash);
    const { kind, via } = approved.rung;
    const rung = await choose(launched, approved.recommendation, { only: via ?? kind, messaging: via !== undefined });
    const row = newRow(launched, approved, rung);
    const { recommendation } = approved;
    const event = eventOf('approved', recommendation, { approvalId, payloadHash: approved.hash });
    const added = await store.approve(row, audit.entry(launched, event));
    if (!added.inserted) {
      if (added.existing.approvalId !== approvalId) throw standing(added.existing);
      return answerAgain(launched, added.existing, hash);
    }
    const [sent] = await Promise.all([
      rung.via ? row : only(row, () => sending.send(launched, row, rung)),
      // A preview that stays on the shelf runs out by itself, and its approval is taken already.
      previews.drop(approved).catch(() => undefined),
    ]);
    await withdrawal.settleCorrected(launched, sent);
    return outcome(launched, sent);
  }

  /** The same approval again (a double click, a lost answer): the same result, and nothing is sent. */
  async function answerAgain(launched: Launched, row: OutboxRow, hash: string): Promise<WriteOutcome> {
    if (row.payloadHash !== hash) {
      throw new Refusal(409, 'preview-differs', 'What was approved is not what was previewed. Nothing was sent.');
    }
    return outcome(launched, (await underWay.get(row.approvalId)) ?? row);
  }

  async function outcomes(launched: Launched): Promise<readonly WriteOutcome[]> {
    const rows = await store.of(whose(launched));
    // A server that stopped between a correcting note and what it corrects left the latter as it was.
    const settled = await Promise.all(rows.map((row) => withdrawal.settleCorrected(launched, row)));
    const latest = settled.some(Boolean) ? await store.of(whose(launched)) : rows;
    return latest.map((row) => outcome(launched, row));
  }

  async function reconcile(launched: Launched): Promise<readonly WriteOutcome[]> {
    const rows = await Promise.all((await store.of(whose(launched))).map(orphaned));
    await Promise.all(rows.map((row) => lookAt(launched, row)));
    return outcomes(launched);
  }

  /** Whatever is in doubt and can be looked for from here. */
  function lookAt(launched: Launched, row: OutboxRow): Promise<OutboxRow> | undefined {
    if (row.state === 'confirmed') return only(row, () => withdrawal.look(launched, row));
    if (row.state !== 'unknown' || openContents(keys, row).via) return undefined;
    return only(row, () => sending.reconcile(launched, row));
  }

  async function resend(launched: Launched, approvalId: string): Promise<WriteOutcome> {
    const row = await own(launched, approvalId);
    if (!row) throw new Refusal(404, 'not-found', 'No such approval of yours for this patient.');
    if (underWay.has(approvalId)) return answerAgain(launched, row, row.payloadHash);
    const { kind, about, via } = openContents(keys, row);
    if (via)
      throw new Refusal(409, 'not-cleared', 'Look among your drafts in the EHR; it is not sent again by itself.');
    const rung = await choose(launched, about, { only: kind });
    if (!resendable(row)) {
      throw new Refusal(
        409,
        'not-cleared',
        'Look for the note in the chart first; it may be sent again only when it is not there.',
      );
    }
    return outcome(launched, await only(row, () => resendOnce(launched, row, rung)));
  }

  async function withdraw(launched: Launched, approvalId: string, reason: WithdrawReason): Promise<WriteOutcome> {
    const row = await saved(launched, approvalId);
    return outcome(launched, await only(row, () => withdrawal.mark(launched, row, reason)));
  }

  async function correction(launched: Launched, approvalId: string, reason: WithdrawReason): Promise<Preview> {
    const row = await saved(launched, approvalId);
    const contents = openContents(keys, row);
    const { noun } = proposals[contents.kind];
    const written = withOffset(new Date(row.approvedAt), launched.timeZone);
    const { library } = launched.context;
    const note = correctionOf({ row, contents, noun, written, reason, library });
    return shelve(launched, note, await choose(launched, note, { only: 'DocumentReference' }), approvalId);
  }

  function mayCorrect(launched: Launched): Promise<boolean> {
    return choose(launched, {}, { only: 'DocumentReference' }).then(
      () => true,
      () => false,
    );
  }

  /** A confirmed write of this clinician about this patient, which is itself no withdrawal. */
  async function saved(launched: Launched, approvalId: string): Promise<OutboxRow> {
    const row = await own(launched, approvalId);
    if (!row) throw new Refusal(404, 'not-found', 'No such approval of yours for this patient.');
    if (!mayWithdraw(row, openContents(keys, row)))
      throw new Refusal(409, 'not-saved', 'Only what is saved can be withdrawn.');
    return row;
  }

  async function handedOver(launched: Launched, { approvalId, answer }: ScratchpadAnswer): Promise<WriteOutcome> {
    const row = await own(launched, approvalId);
    if (!row) throw new Refusal(404, 'not-found', 'No such approval of yours for this patient.');
    const contents = openContents(keys, row);
    return outcome(launched, await takeAnswer({ store, audit, launched, row, contents, answer, now: clock() }));
  }

  /** Looks once more at the last moment: an EHR that was slow to show the note may show it now. */
  async function resendOnce(launched: Launched, row: OutboxRow, rung: Rung): Promise<OutboxRow> {
    const looked = await sending.lookOnce(launched, row);
    if (!resendable(looked) || looked.detail !== 'absent') return looked;
    const { recommendationId, indicator, libraryDigest } = openContents(keys, row);
    const { approvalId, payloadHash } = row;
    const event = { type: 'resent', recommendationId, indicator, libraryDigest, approvalId, payloadHash } as const;
    await audit.record(audit.entry(launched, event));
    return sending.send(launched, looked, rung);
  }

  /** One at a time for each row in this process; the store's condition on the state holds between processes. */
  function only(row: OutboxRow, work: () => Promise<OutboxRow>): Promise<OutboxRow> {
    const running = underWay.get(row.approvalId);
    if (running) return running;
    const started = work().finally(() => underWay.delete(row.approvalId));
    underWay.set(row.approvalId, started);
    return started;
  }

  /** A row that whoever approved or sent it has left behind: in doubt, or never sent, once no request of it can still be running. */
  async function orphaned(row: OutboxRow): Promise<OutboxRow> {
    const open = row.state === 'sending' || row.state === 'approved';
    if (!open || underWay.has(row.approvalId) || !quiet(row)) return row;
    const set =
      row.state === 'sending'
        ? ({ state: 'unknown', detail: 'interrupted' } as const)
        : ({ state: 'expired', detail: 'never-sent', settledAt: clock().toISOString() } as const);
    const { approvalId, attempts } = row;
    return (await store.move({ approvalId, from: [row.state], attempts, set })) ?? row;
  }

  /** Long enough after the last sending that no server of ours and no gateway still works on it. */
  function quiet(row: OutboxRow): boolean {
    return clock().getTime() >= quietFrom(row, timeout);
  }

  async function takePreview(launched: Launched, approvalId: string, hash: string): Promise<Shelved> {
    const preview = await previews.take(launched, approvalId, hash);
    // Every part of it: a transaction has several subjects.
    const patients = new Set(preview.bytes.match(/(?<="reference":")[^"]*\bPatient\/[^"]+/g));
    if (patients.size !== 1 || !patients.has(`Patient/${launched.context.patientId}`)) {
      throw new Refusal(422, 'other-patient', 'This note is about another patient. Nothing was sent.');
    }
    return preview;
  }

  function newRow(launched: Launched, approved: Shelved, { kind, via }: Rung): OutboxRow {
    const { key, bytes, hash, text, recommendation, approvalId, corrects } = approved;
    const now = clock().toISOString();
    const { summary, id: recommendationId, indicator, libraryDigest } = recommendation;
    const { kind: about, score } = recommendation;
    const contents = {
      kind,
      about: { ...(about && { kind: about }), ...(score && { score }) },
      resource: bytes,
      text,
      summary,
      recommendationId,
      indicator,
      libraryDigest,
      ...(via && { via }),
      ...(corrects && { corrects }),
    };
    return {
      key,
      approvalId,
      ...whose(launched),
      intentKey: intent(launched, recommendation),
      payloadHash: hash,
      sealed: sealContents(keys, { tenantId: launched.tenantId, key }, contents),
      // What the browser hands over may be on its way as soon as it has this answer.
      ...(via ? { state: 'sending', sentAt: now, attempts: 1 } : { state: 'approved', sentAt: null, attempts: 0 }),
      detail: null,
      reference: null,
      versionId: null,
      approvedAt: now,
      settledAt: null,
      absences: 0,
    };
  }

  /** A row of this clinician about this patient; to anyone else it does not exist. */
  async function own(launched: Launched, approvalId: string): Promise<OutboxRow | undefined> {
    const row = await store.find(launched.tenantId, approvalId);
    if (!row) return undefined;
    const { patientKey, userKey } = whose(launched);
    if (row.patientKey !== patientKey || row.userKey !== userKey) {
      throw new Refusal(404, 'not-found', 'No such approval of yours for this patient.');
    }
    if (!row.sealed) throw new Refusal(404, 'not-found', 'This approval was settled and its text forgotten.');
    return row;
  }

  function whose({ tenantId, userId, context }: Launched) {
    return {
      tenantId,
      patientKey: keys.lookup('patient', tenantId, context.patientId),
      userKey: keys.lookup('user', tenantId, userId),
    };
  }

  /** Values included: the same recommendation on a new result is another intent. */
  function intent({ tenantId, userId, context }: Launched, recommendation: AcceptedRecommendation): string {
    const { id, libraryDigest, comment = '', inputs } = recommendation;
    const values = inputs.map(({ label, value, effective }) => [label, value, effective]);
    const said = JSON.stringify([id, libraryDigest, comment, values]);
    return keys.lookup('intent', tenantId, userId, context.patientId, said);
  }

  function resendable(row: OutboxRow): boolean {
    return mayResend(row, quiet(row));
  }

  function outcome(launched: Launched, row: OutboxRow): WriteOutcome {
    const { timeZone } = launched;
    return outcomeOf(row, openContents(keys, row), { ...(timeZone ? { timeZone } : {}), now: clock(), timeout });
  }
}

function eventOf(
  type: AuditEvent['type'],
  { id, indicator, libraryDigest }: AcceptedRecommendation,
  what: Partial<AuditEvent>,
): AuditEvent {
  return { type, recommendationId: id, indicator, libraryDigest, ...what };
}

function standing(row: OutboxRow): Refusal {
  return row.state === 'confirmed'
    ? new Refusal(409, 'already-written', `This note is already in the chart (${row.reference}). Nothing was sent.`)
    : new Refusal(
        409,
        'in-doubt',
        'An earlier copy of this note is not confirmed yet. Look for it in the chart first.',
      );
}
