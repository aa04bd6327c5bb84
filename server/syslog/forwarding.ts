/**
 * Hands the record on, in order, from where it stopped: each event at least once, with its place in the chain, by which a
 * receiver knows one that comes again and one that never came.
 */
import type { AuditEntry } from '../audit.ts';
import { auditEvent } from '../audit-event.ts';
import type { Kept } from '../store/kept.ts';
import type { Store } from '../store/store.ts';
import { frameOf } from './message.ts';
import type { Sender } from './sender.ts';

const CURSOR = 'syslog:sent';
const KEPT_MS = 10 * 365 * 86_400_000;
const BATCH = 500;
/** Batches in one go, so that another server gets its turn. */
const MOST = 10;

/** What forwarding stands on. `now` in epoch milliseconds. */
export interface ForwardingDeps {
  readonly store: Pick<Store, 'recorded'>;
  /** Remembers how far it came, for every server. */
  readonly kept: Pick<Kept, 'get' | 'set'>;
  readonly sender: Sender;
  /** Names this server in each message. */
  readonly host: string;
  /** Runs the work while no other server does. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly now: () => number;
  /** Told what was handed over. */
  readonly onSent?: (sent: { readonly messages: number; readonly bytes: number }) => void;
}

/** Sends what is new; rejects when the receiver cannot be reached, and begins there the next time. */
export function createForwarding({ store, kept, sender, host, alone, now, onSent }: ForwardingDeps) {
  let going: Promise<void> = Promise.resolve();

  async function send(): Promise<void> {
    for (let batch = 0; batch < MOST; batch += 1) {
      const page = await store.recorded(Number((await kept.get(CURSOR)) ?? 0), BATCH);
      const last = page.at(-1);
      if (!last) return;
      const frames = page.map((recorded) =>
        frameOf(auditEvent(JSON.parse(recorded.event) as AuditEntry, recorded), { host }),
      );
      await sender.send(frames);
      await kept.set(CURSOR, String(last.seq), now() + KEPT_MS);
      onSent?.({ messages: frames.length, bytes: frames.reduce((sum, { length }) => sum + length, 0) });
    }
  }

  return {
    look: (): Promise<void> => {
      going = going.catch(() => undefined).then(() => alone(send));
      return going;
    },
  };
}
