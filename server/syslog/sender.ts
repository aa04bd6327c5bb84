/** A TLS connection to a syslog receiver (RFC 5425), opened when there is something to send and kept. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** Where to, and who is who. Certificates and the key as PEM. */
export interface Receiver {
  readonly host: string;
  readonly port: number;
  /** Who may have signed the receiver's certificate; the system's authorities unless given. */
  readonly ca?: string;
  /** What this server shows, where the receiver asks. */
  readonly cert?: string;
  readonly key?: string;
}

export interface Sender {
  /**
   * Settles when all was handed over and the connection stood for a while after it: the protocol has no word for
   * “received”, but a receiver that is gone shows within that time. Rejects otherwise; what arrived is then not known.
   */
  send(frames: readonly Buffer[]): Promise<void>;
  close(): void;
}

const CONNECT_MS = 5_000;
const WRITE_MS = 10_000;

/** One connection; `gone` rejects when it closes, whenever that is. */
interface Connection {
  readonly socket: TLSSocket;
  readonly gone: Promise<never>;
}

/** `standMs`: how long the connection must stand after the last octet. */
export function createSender(receiver: Receiver, { standMs = 1_000 }: { readonly standMs?: number } = {}): Sender {
  let open: Connection | undefined;

  async function connected(): Promise<Connection> {
    if (open?.socket.writable) return open;
    const connection = begin(receiver);
    open = connection;
    const { socket, gone } = connection;
    const late = setTimeout(() => socket.destroy(), CONNECT_MS);
    await Promise.race([once(socket, 'secureConnect'), gone]).finally(() => clearTimeout(late));
    return connection;
  }

  return {
    async send(frames) {
      const { socket, gone } = await connected();
      // A receiver that takes nothing is cut off, which closes the connection.
      const late = setTimeout(() => socket.destroy(), WRITE_MS);
      await Promise.race([handedOver(socket, frames), gone]).finally(() => clearTimeout(late));
      await Promise.race([wait(standMs), gone]);
    },
    close: () => void open?.socket.end(),
  };
}

function begin(receiver: Receiver): Connection {
  // The name in the certificate must be the receiver's; that is TLS's own default and is left so.
  const socket = connect({ ...receiver, servername: receiver.host, minVersion: 'TLSv1.2' });
  const gone = new Promise<never>((_, failed) => {
    socket.on('close', () => failed(new Error('the receiver closed the connection')));
  });
  // Where nobody sends, nobody waits for it.
  gone.catch(() => undefined);
  // An error is followed by its close.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.destroy());
  // Nothing is expected; reading is what notices the end.
  socket.resume();
  return { socket, gone };
}

/** To the operating system; the receiver may still not have it. */
function handedOver(socket: TLSSocket, frames: readonly Buffer[]): Promise<void> {
  return new Promise((done, failed) => {
    socket.write(Buffer.concat(frames), (error) => (error ? failed(error) : done()));
  });
}
