/** A syslog receiver on this machine: takes frames apart by their octet count, as RFC 5425 has it, and can go away. */
import { createServer, type TLSSocket } from 'node:tls';

export interface TestReceiver {
  readonly port: number;
  /** Every message, without its frame. */
  readonly messages: string[];
  /** Connections that were made. */
  readonly connections: () => number;
  /** Names in the certificates that senders showed. */
  readonly shown: string[];
  /** Cuts every connection, without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function openReceiver(options: {
  readonly cert: string;
  readonly key: string;
  readonly port?: number;
  /** Asks for a certificate that this one signed. */
  readonly clientCa?: string;
}): Promise<TestReceiver> {
  const { cert, key, clientCa } = options;
  const messages: string[] = [];
  const shown: string[] = [];
  const sockets = new Set<TLSSocket>();
  let connections = 0;
  const server = createServer(
    { cert, key, ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }) },
    (socket) => {
      connections += 1;
      sockets.add(socket);
      const { subject } = socket.getPeerCertificate();
      if (subject?.CN) shown.push(String(subject.CN));
      let waiting: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        waiting = Buffer.concat([waiting, chunk]);
        for (let frame = next(waiting); frame; frame = next(waiting)) {
          messages.push(frame.message.toString('utf8'));
          waiting = frame.rest;
        }
      });
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    },
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening));
  const address = server.address();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    messages,
    shown,
    connections: () => connections,
    cut,
    close: () => {
      cut();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

function next(bytes: Buffer): { readonly message: Buffer; readonly rest: Buffer } | undefined {
  const blank = bytes.indexOf(0x20);
  if (blank < 0) return undefined;
  const count = bytes.toString('ascii', 0, blank);
  if (!/^[1-9]\d{0,6}$/.test(count)) throw new Error(`not an octet count: ${count}`);
  const end = blank + 1 + Number(count);
  return bytes.length < end ? undefined : { message: bytes.subarray(blank + 1, end), rest: bytes.subarray(end) };
}
