/** A server that is killed and started again, as clinicians see it: their visit goes on (V17). The real process, on SQLite. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Preview, WriteOutcome } from '../../../launch/api.ts';
import { CARD } from '../../security/whole.ts';
import { type ServerProcess, startServer } from '../tenants/process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
}, 60_000);
afterAll(() => server.close());

it('after `kill -9` the chart is still read, what was previewed can be approved, and a promise is known', async () => {
  const browser = server.browser();
  const launchId = await browser.launch('alba');
  expect((await browser.inLaunch(launchId, '/fhir/Patient/alba')).status).toBe(200);
  const shown = await browser.inLaunch(launchId, '/write-back/preview', { recommendation: CARD });
  const { approvalId, hash } = (await shown.json()) as Preview;
  await browser.inLaunch(launchId, '/promises', { path: 'observation.inr', days: 7 });

  await server.crash();

  expect(await (await browser.inLaunch(launchId, '/fhir/Patient/alba')).json()).toMatchObject({ id: 'alba' });
  const approved = await browser.inLaunch(launchId, '/write-back/approve', { approvalId, hash });
  expect(((await approved.json()) as WriteOutcome).state).toBe('confirmed');
  expect(await (await browser.inLaunch(launchId, '/promises')).json()).toMatchObject([{ path: 'observation.inr' }]);
}, 60_000);

it('a sign-in that was under way ends in the chart', async () => {
  const browser = server.browser();
  const callback = await browser.signIn('bruno');
  await server.crash();
  const launchId = await browser.arrive(callback);
  expect((await browser.inLaunch(launchId, '/context')).status).toBe(200);
}, 60_000);

it('a launch that was ended stays ended', async () => {
  const browser = server.browser();
  const launchId = await browser.launch('alba');
  expect((await browser.inLaunch(launchId, '/logout', {})).status).toBe(204);
  await server.crash();
  expect((await browser.inLaunch(launchId, '/context')).status).toBe(401);
}, 60_000);

it('a server that lost its keys does not make new ones over the old data, and says so', async () => {
  const { folder } = server;
  const kept = readFileSync(join(folder, 'data/keys.json'));
  rmSync(join(folder, 'data/keys.json'));
  await expect(server.crash()).rejects.toThrow('not signed with this keys.json');
  writeFileSync(join(folder, 'data/keys.json'), kept, { mode: 0o600 });
  await server.crash();
  expect(await server.browser().launch('alba')).toMatch(/./);
}, 60_000);

it('where a site keeps no sessions, none is on the disk, and a restart ends them all', async () => {
  const forgetful = await startServer({ keepSessions: false });
  try {
    const browser = forgetful.browser();
    const launchId = await browser.launch('alba');
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(200);
    const database = new DatabaseSync(join(forgetful.folder, 'data/attune.sqlite'), { readOnly: true });
    expect(database.prepare('SELECT count(*) AS kept FROM kept').get()).toEqual({ kept: 0 });
    database.close();
    await forgetful.crash();
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(404);
  } finally {
    await forgetful.close();
  }
}, 60_000);
