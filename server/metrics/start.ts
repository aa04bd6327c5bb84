/** Metrics for a running server, at `GET /metrics` of a listener of its own, so that a public proxy cannot reach them by mistake. READ FIRST in this folder. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Watch } from '../watch.ts';
import { createMeters } from './meters.ts';
import { counting } from './watch.ts';

/** Who may reach the address may read it: it has no sign-in, and nothing that would need one. */
export interface MetricsSettings {
  readonly host: string;
  readonly port: number;
}

/** The watcher, and what it is told once the library is loaded. */
export interface Metrics extends Watch {
  readonly inForce: (what: { version: string; library: { version: string; digest: string } }) => void;
  readonly address: AddressInfo;
}

/** Listens, or rejects where the address is taken. `now` in milliseconds since the epoch. */
export async function startMetrics({ host, port }: MetricsSettings, now: () => number): Promise<Metrics> {
  const meters = createMeters();
  const { registry } = meters;
  const server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: 10_000 }, async (request, response) => {
    const asked = request.method === 'GET' && request.url === '/metrics';
    const text = asked ? await registry.metrics().catch(() => undefined) : undefined;
    response.writeHead(text === undefined ? (asked ? 500 : 404) : 200, {
      'content-type': registry.contentType,
      'cache-control': 'no-store',
    });
    response.end(text);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    ...counting(meters, now),
    inForce: ({ version, library }) =>
      meters.info.set({ version, library_version: library.version, library_digest: library.digest }, 1),
    address: server.address() as AddressInfo,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
