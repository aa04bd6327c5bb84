/** Syslog for a running server: looks every few seconds, and says in the log when the receiver cannot be reached. Loaded only where the configuration asks for it. */
import type { Log } from '../log.ts';
import { alone } from '../store/alone.ts';
import type { Opened } from '../store/open.ts';
import { createForwarding } from './forwarding.ts';
import { createSender, type Receiver } from './sender.ts';

const LOOK_MS = 5_000;

/** `now` in epoch milliseconds. */
export function startSyslog(deps: {
  readonly receiver: Receiver;
  readonly opened: Pick<Opened, 'store' | 'kept' | 'shared'>;
  /** Our own origin, whose host names this server. */
  readonly origin: string;
  readonly log: Log;
  readonly now: () => number;
  readonly onSent: (sent: { readonly messages: number; readonly bytes: number }) => void;
}) {
  const { receiver, opened, origin, log, now, onSent } = deps;
  const { store, kept, shared } = opened;
  const sender = createSender(receiver);
  const forwarding = createForwarding({
    store,
    kept,
    sender,
    host: new URL(origin).hostname,
    alone: (work) => (shared ? alone({ kept, now }, 'syslog', work) : work()),
    now,
    onSent,
  });
  let trouble: 'syslog-not-sent' | undefined;
  const look = () =>
    forwarding.look().then(
      () => {
        trouble = undefined;
      },
      () => {
        trouble = 'syslog-not-sent';
        log({ level: 'error', event: 'syslog', errCode: trouble });
      },
    );
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    /** Whether the receiver could not be reached when it was last tried. */
    trouble: () => trouble,
    /** Sends what is left, and closes. */
    close: async (): Promise<void> => {
      clearInterval(timer);
      await look();
      sender.close();
    },
  };
}
