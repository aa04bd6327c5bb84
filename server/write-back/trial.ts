/**
 * Trying one way of writing on a *test patient* (interop WB2): create, read back, search, take back. What it says goes into
 * the tenant's file, and opens or closes the rung. It writes into the chart of the launch's patient: never a real one's.
 */
import { identifierOf } from '../../models/engine/proposals/labels.ts';
import type { ProposalKind, RungSetting } from '../../models/engine/proposals/ladder.ts';
import type { Accepted } from '../../models/engine/proposals/proposal.ts';
import type { Launched } from '../launched.ts';
import { after } from './deadline.ts';
import { create, type Exchange, primaryOf } from './exchange.ts';
import { newApprovalId } from './previews.ts';
import { render } from './render.ts';
import { get, look, lookFor } from './seeing.ts';
import { withdraw } from './withdraw.ts';

/** What one trial showed. */
export type Trial =
  | { readonly write: ProposalKind; readonly written: false; readonly why: string }
  | {
      readonly write: ProposalKind;
      readonly written: true;
      readonly reference: string;
      /** Critical fields that did not come back: what `lost` of the tenant's rung must say. */
      readonly lost: readonly string[];
      /** Whether the idempotency key and the AI label were kept. */
      readonly keptIdentifier: boolean;
      readonly keptLabel: boolean;
      /** Whether a search finds it again, by identifier or by fingerprint: without it a lost answer stays in doubt. */
      readonly found: boolean;
      /** Whether it could be marked as entered in error; if not, somebody has to take it out by hand. */
      readonly withdrawn: boolean;
    };

/** Tries `setting` once. Sends one create, and one update to take it back. */
export async function tryRung(options: {
  launched: Launched;
  setting: RungSetting;
  conditionalCreate: boolean;
  recommendation: Accepted;
  now: Date;
  timeout?: number;
}): Promise<Trial> {
  const { launched, setting, conditionalCreate, recommendation, now, timeout = 30_000 } = options;
  const { write } = setting;
  const rung = { kind: write, conditionalCreate, setting };
  const { key, bytes, text } = render({ rung, launched, recommendation, approvalId: newApprovalId(), now });
  const { id: recommendationId, indicator, libraryDigest, summary, kind, score } = recommendation;
  const about = { ...(kind && { kind }), ...(score && { score }) };
  const contents = { kind: write, about, resource: bytes, text, summary, recommendationId, indicator, libraryDigest };
  const exchange: Exchange = { launched, contents, key, timeout, after };
  const sent = await create(exchange, conditionalCreate);
  if (sent.is !== 'created')
    return {
      write,
      written: false,
      why: 'why' in sent ? sent.why : sent.is === 'refused' ? `refused-${sent.status}` : sent.is,
    };
  const { reference } = sent.named;
  const seen = await look(exchange, sent.named);
  const { is: found } = await lookFor(exchange);
  const answer = await get(exchange, reference);
  const stored = 'body' in answer ? JSON.stringify(answer.body) : '';
  const label = primaryOf(contents).meta?.security?.[0]?.code;
  return {
    write,
    written: true,
    reference,
    lost: seen.is === 'differs' ? seen.fields : seen.is === 'same' ? [] : [`read-back: ${seen.is}`],
    keptIdentifier: stored.includes(JSON.stringify(identifierOf(key).value)),
    keptLabel: label !== undefined && stored.includes(JSON.stringify(label)),
    found: found === 'same' || found === 'differs',
    withdrawn: await withdraw(exchange, reference).then(
      () => true,
      () => false,
    ),
  };
}
