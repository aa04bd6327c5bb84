/** Metrics of a server that runs as a process of its own: there when asked for, on their own listener, and no reason for it to stay when it is told to stop (V16, V17). */
import { Agent, get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../hospital.ts';
import { type ServerProcess, startServer } from '../tenants/process.ts';
import { readExposition } from './exposition.ts';

const CANARIES = ['alba', '1950-02-03', 'Practitioner'];
let server: ServerProcess;
let port: number;
beforeAll(async () => {
  port = await freePort();
  server = await startServer({ metrics: { port, host: '127.0.0.1' } });
}, 60_000);
afterAll(() => server.close());

describe('A running server with metrics', () => {
  it('tells after a launch what happened, what is in force, and nothing of the patient', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    await browser.inLaunch(launchId, '/fhir/Patient/alba');
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const figures = readExposition(text);
    const { version, library } = (await (await fetch(`${server.origin}/version`)).json()) as {
      version: string;
      library: { version: string; digest: string };
    };
    expect(figures.get('attune_info')?.samples[0]?.labels).toEqual({
      version,
      library_version: library.version,
      library_digest: library.digest,
    });
    const steps = figures.get('attune_launches_total')?.samples.map(({ labels, value }) => [labels.step, value]);
    expect(steps).toEqual([
      ['begun', 1],
      ['completed', 1],
    ]);
    expect(figures.get('attune_outbox_rows')?.samples).toHaveLength(6);
    for (const canary of [...CANARIES, launchId]) expect(text.includes(canary), canary).toBe(false);
  });

  it('has none of them on the public origin', async () => {
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(404);
  });

  it('stops when it is told to, though Prometheus keeps its connection', async () => {
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((read, failed) => {
      const request = get({ host: '127.0.0.1', port, path: '/metrics', agent }, (answer) => {
        answer.resume();
        answer.on('end', () => read());
      });
      request.on('error', failed);
    });
    const began = Date.now();
    await server.stop();
    expect(Date.now() - began).toBeLessThan(10_000);
    agent.destroy();
  });
});
