/** `kill -9` of a real server process at the worst moments: what is on disk is all that is left, and it is enough. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { afterAll, expect, it } from 'vitest';
import { createAudit } from '../../server/audit.ts';
import { openKeyRing } from '../../server/store/keys.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { recover } from '../../server/write-back/recovery.ts';
import { createWriteBack } from '../../server/write-back/write-back.ts';
import { Ehr, launchOf } from './write-back-ehr.ts';

const root = resolve(import.meta.dirname, '../..');
const directory = await mkdtemp(join(tmpdir(), 'attune-kill-'));
afterAll(() => rm(directory, { recursive: true }));

/** The server process: previews and approves one note, and would print the outcome. */
const script = `
  const [data, base] = process.argv.slice(1);
  const at = (path) => import('file://${root}/' + path);
  const [{ createAudit }, { openKeyRing }, { sqliteStore }, { createWriteBack }, { launchOf, metformin }] = await Promise.all(
    ['server/audit.ts', 'server/store/keys.ts', 'server/store/sqlite.ts', 'server/write-back/write-back.ts', 'test/server/write-back-ehr.ts'].map(at));
  const keys = openKeyRing(data + '/keys.json');
  const store = sqliteStore({ path: data + '/attune.db', keys });
  const writeBack = createWriteBack({ store, keys, audit: createAudit({ store, keys }) });
  const launched = launchOf({ base, now: new Date() });
  const preview = await writeBack.preview(launched, metformin);
  await writeBack.approve(launched, preview);
  process.stdout.write('answered');
`;

it.each([
  ['before the EHR committed', 'before', 0],
  ['after the EHR committed, before it answered', 'after', 1],
  ['while the note was read back', 'read', 1],
] as const)(
  'killed %s, the note is in doubt at the restart and becomes exactly one',
  async (_when, moment, committed) => {
    const ehr = new Ehr();
    let arrive = () => {};
    const reached = new Promise<void>((resolved) => {
      arrive = resolved;
    });
    const forever = () => {
      arrive();
      return new Promise<Response>(() => {});
    };
    const http = serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: async (request) => {
        if (moment === 'before' && request.method === 'POST') return forever();
        if (moment === 'read' && request.url.includes('DocumentReference/')) return forever();
        const answer = await ehr.answer(request);
        return moment === 'after' && request.method === 'POST' ? forever() : answer;
      },
    });
    await once(http, 'listening');
    const address = http.address();
    const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/fhir`;
    ehr.base = base;
    const data = join(directory, moment);

    const server = spawn(process.execPath, ['--input-type=module', '-e', script, data, base], { stdio: 'pipe' });
    let said = '';
    server.stdout.on('data', (chunk) => {
      said += chunk;
    });
    server.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await Promise.race([reached, once(server, 'exit').then(() => Promise.reject(new Error(said)))]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    expect(said).not.toContain('answered');
    expect(ehr.notes).toHaveLength(committed);

    const keys = openKeyRing(join(data, 'keys.json'));
    const store = sqliteStore({ path: join(data, 'attune.db'), keys });
    expect(await recover({ store, now: new Date() })).toEqual({ unknown: 1, expired: 0 });
    const audit = createAudit({ store, keys });
    const clock = () => new Date(Date.now() + 90_000);
    const writeBack = createWriteBack({ store, keys, audit, clock, sleep: async () => {} });
    const again = launchOf({ base, now: new Date(), transport: (request) => ehr.answer(request) });
    expect((await writeBack.outcomes(again))[0]).toMatchObject({ state: 'unknown' });
    const [looked] = await writeBack.reconcile(again);
    const last = looked?.state === 'unknown' ? await writeBack.resend(again, looked.approvalId) : looked;
    expect(last?.state).toBe('confirmed');
    expect(ehr.notes).toHaveLength(1);
    expect(await audit.verify()).toMatchObject({ whole: true });
    await store.close();
    if ('closeAllConnections' in http) http.closeAllConnections();
    http.close();
  },
);
