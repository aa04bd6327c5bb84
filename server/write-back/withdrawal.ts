/**
 * A confirmed write on its way back out (interop WB8, X6): which way this EHR leaves open, and what became of it. The row
 * remembers that the EHR was asked from before it is asked until it has shown the result.
 */
import type { CapabilityStatement } from 'fhir/r4';
import type { Withdrawal } from '../../launch/api.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import type { Audit, AuditEvent } from '../audit.ts';
import type { Launched } from '../launched.ts';
import type { KeyRing } from '../store/keys.ts';
import type { OutboxRow, Store } from '../store/store.ts';
import { type Contents, openContents } from './contents.ts';
import { WITHDRAW_REASONS, type WithdrawReason } from './correction.ts';
import type { After } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { Refusal } from './refusal.ts';
import type { StatementOf } from './statement.ts';
import { isWithdrawn, typesToUpdate, WithdrawalUnsure, withdraw } from './withdraw.ts';

/** Detail of a confirmed row whose withdrawal was asked for and is not confirmed; the reason's code follows. */
export const IN_DOUBT = 'withdrawal-in-doubt';

/** What withdrawing needs from outside. */
export interface WithdrawalDeps {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly audit: Audit;
  readonly clock: () => Date;
  readonly after: After;
  /** Milliseconds for each request to the EHR. */
  readonly timeout: number;
  readonly statementOf: StatementOf;
  /** Whether a correcting note could be written in this launch. */
  readonly mayCorrect: (launched: Launched) => Promise<boolean>;
}

/** Withdrawing over one store. Every row handed in is `confirmed`. */
export function createWithdrawal(deps: WithdrawalDeps) {
  const { store, keys, audit, clock, after, timeout, statementOf, mayCorrect } = deps;

  return { plan, mark, look, settleCorrected };

  /** What would be done. Sends nothing. */
  async function plan(launched: Launched, row: OutboxRow): Promise<Withdrawal> {
    const contents = openContents(keys, row);
    const how = await wayOf(launched, contents);
    const noun = proposals[contents.kind].noun.toLowerCase();
    return { approvalId: row.approvalId, how, text: WORDS[how](noun), reasons: WITHDRAW_REASONS };
  }

  async function wayOf(launched: Launched, contents: Contents): Promise<Withdrawal['how']> {
    const statement = await statementOf(launched);
    const types = typesToUpdate(contents);
    if (types.every((type) => launched.grants(type, 'u') && offersUpdate(statement, type))) return 'marked';
    return (await mayCorrect(launched)) ? 'corrected' : 'by-hand';
  }

  /** Marks it as entered in error; the row is in doubt until the EHR has shown it so. Throws a `Refusal` when nothing was withdrawn. */
  async function mark(launched: Launched, row: OutboxRow, reason: WithdrawReason): Promise<OutboxRow> {
    const exchange = exchangeFor(launched, row);
    if (!row.reference || (await wayOf(launched, exchange.contents)) !== 'marked')
      throw new Refusal(403, 'not-granted', 'This EHR lets no app mark it as entered in error. Nothing was withdrawn.');
    // Not settled: a doubt is not forgotten with what was settled a day ago.
    const doubt = { detail: `${IN_DOUBT}:${reason}`, settledAt: null };
    const asked = await change(launched, row, doubt, { type: 'withdrawing', reason });
    if (!asked) return current(row);
    try {
      await withdraw(exchange, row.reference);
    } catch (error) {
      if (error instanceof Refusal && !(error instanceof WithdrawalUnsure)) {
        await change(launched, asked, { detail: row.detail, settledAt: row.settledAt });
        throw error;
      }
      return asked;
    }
    return settle(launched, asked, 'withdrawn', reason);
  }

  /** Looks whether a withdrawal in doubt was done. An EHR that does not show it leaves the doubt. */
  async function look(launched: Launched, row: OutboxRow): Promise<OutboxRow> {
    const [why, reason] = row.detail?.split(':') ?? [];
    if (why !== IN_DOUBT || !row.reference) return row;
    const done = await isWithdrawn(exchangeFor(launched, row), row.reference).catch(() => false);
    return done ? settle(launched, row, 'withdrawn', reason) : row;
  }

  /** A correcting note that is confirmed withdraws what it corrects. Answers whether that is news. */
  async function settleCorrected(launched: Launched, correction: OutboxRow): Promise<boolean> {
    if (correction.state !== 'confirmed') return false;
    const { corrects } = openContents(keys, correction);
    const row = corrects === undefined ? undefined : await store.find(launched.tenantId, corrects);
    if (row?.state !== 'confirmed' || row.sealed === null) return false;
    const settled = await settle(launched, row, `corrected:${idOf(correction)}`, 'corrected');
    return settled.state !== 'confirmed';
  }

  /** Settled as not in the chart, so that it may be approved anew. */
  async function settle(launched: Launched, row: OutboxRow, detail: string, reason?: string): Promise<OutboxRow> {
    const set = { state: 'rejected', detail, settledAt: clock().toISOString() } as const;
    const event = { type: 'withdrawn', ...(reason && { reason }) } as const;
    return (await change(launched, row, set, event)) ?? current(row);
  }

  function change(
    launched: Launched,
    row: OutboxRow,
    set: Partial<Pick<OutboxRow, 'state' | 'detail' | 'settledAt'>>,
    event?: Pick<AuditEvent, 'type' | 'reason'>,
  ): Promise<OutboxRow | undefined> {
    const { approvalId, attempts, payloadHash, reference, versionId } = row;
    const { recommendationId, indicator, libraryDigest } = openContents(keys, row);
    const told = {
      recommendationId,
      indicator,
      libraryDigest,
      approvalId,
      payloadHash,
      ...(reference && { reference }),
      ...(versionId && { versionId }),
    };
    return store.move(
      { approvalId, from: ['confirmed'], attempts, set },
      event && audit.entry(launched, { ...event, ...told }),
    );
  }

  async function current(row: OutboxRow): Promise<OutboxRow> {
    return (await store.find(row.tenantId, row.approvalId)) ?? row;
  }

  function exchangeFor(launched: Launched, row: OutboxRow): Exchange {
    return { launched, contents: openContents(keys, row), key: row.key, timeout, after };
  }
}

/** `noun`: what it is. */
const WORDS: Readonly<Record<Withdrawal['how'], (noun: string) => string>> = {
  marked: (noun) =>
    `This ${noun} will be marked as entered in error. It stays in the record; nothing is deleted, and no order is changed.`,
  corrected: (noun) =>
    `This EHR lets no app change the ${noun}: it will stay as it is. A second note beside it will say that you withdraw it, and why; you see that note before it is written.`,
  'by-hand': (noun) =>
    `This ${noun} cannot be taken back from here: the EHR lets no app do it. Correct it in the chart.`,
};

function offersUpdate({ rest = [] }: CapabilityStatement, type: string): boolean {
  const resource = rest.find(({ mode }) => mode === 'server')?.resource?.find((one) => one.type === type);
  return resource?.interaction?.some(({ code }) => code === 'update') ?? false;
}

function idOf({ reference }: OutboxRow): string {
  return reference?.split('/').at(-1) ?? '';
}
