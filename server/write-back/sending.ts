/** Takes an outbox row through sending, read-back and reconciliation. Every change is on disk before the next step. */
import type { Audit, AuditEvent } from '../audit.ts';
import type { Launched } from '../launched.ts';
import type { KeyRing } from '../store/keys.ts';
import type { OutboxRow, Store } from '../store/store.ts';
import { type Contents, openContents } from './contents.ts';
import type { After } from './deadline.ts';
import { create, type Exchange, type Named, type Sent } from './exchange.ts';
import { look, lookFor, type Seen } from './seeing.ts';

/** What sending needs from outside. */
export interface SendingDeps {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly audit: Audit;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly after: After;
  /** Milliseconds for each request to the EHR. */
  readonly timeout: number;
  /** Milliseconds to wait before each look of a reconciliation. */
  readonly backOff: readonly number[];
}

type Change = Partial<Pick<OutboxRow, 'state' | 'detail' | 'reference' | 'versionId' | 'settledAt' | 'absences'>>;

/** Sending and reconciling over one store. */
export function createSending(deps: SendingDeps) {
  const { store, keys, audit, clock, sleep, after, timeout, backOff } = deps;

  return { send, reconcile, lookOnce };

  /** Sends a row that is `approved`, or `unknown` and cleared for resending. Whoever does not win the row sends nothing. */
  async function send(launched: Launched, row: OutboxRow, options: { conditionalCreate: boolean }): Promise<OutboxRow> {
    const sending = await store.move({
      approvalId: row.approvalId,
      from: [row.attempts === 0 ? 'approved' : 'unknown'],
      attempts: row.attempts,
      set: { state: 'sending', sentAt: now(), attempts: row.attempts + 1, absences: 0, detail: null },
    });
    if (!sending) return current(row);
    const exchange = exchangeFor(launched, sending);
    const sent = await create(exchange, options.conditionalCreate);
    const change = sent.is === 'created' ? seen(await look(exchange, sent.named), sent.named) : unsaved(sent, sending);
    return settle(launched, sending, exchange.contents, change);
  }

  /** Looks for a row in doubt, several times with back-off; stops as soon as it is found. */
  async function reconcile(launched: Launched, row: OutboxRow): Promise<OutboxRow> {
    let latest = row;
    for (const wait of backOff) {
      await sleep(wait);
      latest = await lookOnce(launched, latest);
      if (latest.state !== 'unknown' || /^(several|read-back-differs)/.test(latest.detail ?? '')) break;
    }
    return latest;
  }

  /** One look. Only an EHR that answered and does not have the note counts as an absence. */
  async function lookOnce(launched: Launched, row: OutboxRow): Promise<OutboxRow> {
    const exchange = exchangeFor(launched, row);
    const named = row.reference ? { reference: row.reference, versionId: row.versionId } : undefined;
    const direct: Seen = named ? await look(exchange, named) : { is: 'absent' };
    const found = direct.is === 'absent' ? await lookFor(exchange) : direct;
    const change: Change =
      found.is === 'absent' ? { detail: 'absent', absences: row.absences + 1 } : seen(found, named ?? null);
    return settle(launched, row, exchange.contents, change);
  }

  async function settle(launched: Launched, row: OutboxRow, contents: Contents, change: Change): Promise<OutboxRow> {
    const state = change.state ?? row.state;
    const settledAt = state === 'unknown' || state === 'sending' ? null : now();
    const news = state !== row.state || (change.detail ?? null) !== row.detail;
    const event = audit.entry(launched, {
      type: state === 'confirmed' ? 'written' : state === 'unknown' ? 'in-doubt' : 'failed',
      recommendationId: contents.recommendationId,
      indicator: contents.indicator,
      libraryDigest: contents.libraryDigest,
      approvalId: row.approvalId,
      payloadHash: row.payloadHash,
      ...(change.reference ? { reference: change.reference } : {}),
      ...(change.versionId ? { versionId: change.versionId } : {}),
      ...(change.detail ? { reason: change.detail } : {}),
    } satisfies AuditEvent);
    const settled = await store.move(
      { approvalId: row.approvalId, from: [row.state], attempts: row.attempts, set: { ...change, state, settledAt } },
      news ? event : undefined,
    );
    return settled ?? current(row);
  }

  async function current(row: OutboxRow): Promise<OutboxRow> {
    return (await store.find(row.tenantId, row.approvalId)) ?? row;
  }

  function exchangeFor(launched: Launched, row: OutboxRow): Exchange {
    return { launched, contents: openContents(keys, row), key: row.key, timeout, after };
  }

  function now(): string {
    return clock().toISOString();
  }
}

/** What a look means for the row. `named` is kept even when the note could not be read back. */
function seen(found: Seen, named: Named | null): Change {
  switch (found.is) {
    case 'same':
      return { state: 'confirmed', detail: null, ...found.named };
    case 'differs':
      return { state: 'unknown', detail: `read-back-differs:${found.fields.join(',')}`, ...found.named };
    case 'several':
      return { state: 'unknown', detail: 'several' };
    case 'absent':
      return { state: 'unknown', detail: 'not-there', ...named };
    case 'unseen':
      return { state: 'unknown', detail: `unseen-${found.why}`, ...named };
  }
}

/** What a create that did not succeed means. After a resend, a refusal settles that attempt and not the one before. */
function unsaved(sent: Exclude<Sent, { is: 'created' }>, row: OutboxRow): Change {
  const first = row.attempts === 1;
  switch (sent.is) {
    case 'refused':
      return { state: first ? 'rejected' : 'unknown', detail: `refused-${sent.status}` };
    case 'not-sent':
      return { state: first ? 'expired' : 'unknown', detail: 'session-ended' };
    case 'doubt':
      return { state: 'unknown', detail: sent.why };
  }
}
