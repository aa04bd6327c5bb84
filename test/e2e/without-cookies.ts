/** The way to the app as it is for a browser that keeps no cookie of a framed page: none comes back, and none is sent. */
import { createServer, request } from 'node:http';

/** Listens on `from` and passes everything on to `to`, both on this machine, cookies left out. Resolves to what closes it. */
export async function openWayWithoutCookies(ports: { from: number; to: number }): Promise<() => Promise<void>> {
  const server = createServer((asked, answer) => {
    const { cookie: _, ...headers } = asked.headers;
    const onward = request(
      { host: 'localhost', port: ports.to, method: asked.method, path: asked.url, headers },
      (given) => {
        const { 'set-cookie': __, ...kept } = given.headers;
        answer.writeHead(given.statusCode ?? 502, kept);
        given.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(ports.from, 'localhost', listening));
  return () =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
}
