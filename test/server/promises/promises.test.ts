/** "I will check": kept for this patient at this site, seen at the next launch, taken back, and forgotten in time. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Launched, LaunchedEnv } from '../../../server/launched.ts';
import { createPromiseRoutes } from '../../../server/promises/routes.ts';
import { forget } from '../../../server/retention.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { type Opened, openStore } from '../../../server/store/open.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const DAY = 86_400_000;
const directory = await mkdtemp(join(tmpdir(), 'attune-promises-'));
afterAll(async () => {
  await opened.store.close();
  await rm(directory, { recursive: true });
});

let folders = 0;
let dataDir: string;
let opened: Opened;
let now: number;
beforeEach(async () => {
  await opened?.store.close();
  dataDir = join(directory, String(folders++));
  now = NOW;
  await start();
});

async function start(): Promise<void> {
  opened = await openStore({ dataDir, keys: openKeyRing(join(dataDir, 'keys.json')), now: () => now });
}

function launch(patientId: string, tenantId = 'north') {
  const routes = createPromiseRoutes({
    book: opened.promises,
    keys: openKeyRing(join(dataDir, 'keys.json')),
    now: () => now,
  });
  const app = new Hono<LaunchedEnv>()
    .use(async (c, next) => {
      c.set('launch', { tenantId, context: { patientId } } as Launched);
      c.set('requestId', 'r1');
      await next();
    })
    .route('/', routes);
  return {
    list: async () => (await app.request('/')).json(),
    post: (body: unknown) => app.request('/', { method: 'POST', body: JSON.stringify(body) }),
  };
}
const potassium = { path: 'observation.potassium', days: 7 };
const kept = { path: 'observation.potassium', made: NOW, due: NOW + 7 * DAY };

describe('What a clinician said would be checked', () => {
  it('is there at the next launch, after a restart, for this patient at this site and for nobody else', async () => {
    expect(await (await launch('ZZTEST-alba').post(potassium)).json()).toEqual([kept]);
    await opened.store.close();
    await start();
    expect(await launch('ZZTEST-alba').list()).toEqual([kept]);
    expect(await launch('bruno').list()).toEqual([]);
    expect(await launch('ZZTEST-alba', 'south').list()).toEqual([]);
  });

  it('is taken back with 0 days', async () => {
    await launch('alba').post(potassium);
    expect(await (await launch('alba').post({ ...potassium, days: 0 })).json()).toEqual([]);
  });

  it.each([
    ['no fact of ours', { path: 'observation.POTASSIUM; DROP', days: 7 }],
    ['days that are none', { ...potassium, days: 400 }],
    ['more than is asked', { ...potassium, note: 'ZZTEST' }],
    ['no JSON', undefined],
  ])('with %s is 400, says so, and keeps nothing', async (_, body) => {
    const answer = await launch('alba').post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'malformed', requestId: 'r1' });
    expect(await launch('alba').list()).toEqual([]);
  });

  it('names no patient in any file (V13)', async () => {
    await launch('ZZTEST-alba').post(potassium);
    const files = await Promise.all((await readdir(dataDir)).map((name) => readFile(join(dataDir, name), 'latin1')));
    expect(files.join()).toContain('observation.potassium');
    expect(files.join()).not.toContain('ZZTEST');
  });
});

describe('What is kept runs out', () => {
  it('a promise when its day is as long past as the site says, and not a day before', async () => {
    await launch('alba').post(potassium);
    const at = (days: number) => forget(opened, { now: NOW + days * DAY, promiseDays: 30 });
    expect(await at(37)).toEqual({ notes: 0, sessions: 0, cards: 0, promises: 0 });
    expect(await launch('alba').list()).toHaveLength(1);
    expect(await at(37.1)).toEqual({ notes: 0, sessions: 0, cards: 0, promises: 1 });
    expect(await launch('alba').list()).toEqual([]);
  });

  it('a session and a card at their own time', async () => {
    await opened.kept.set('session', 'sealed', NOW + 1);
    await opened.cards.set('card', 'sealed', NOW + 1);
    now = NOW + 1;
    expect(await forget(opened, { now, promiseDays: 30 })).toEqual({ notes: 0, sessions: 1, cards: 1, promises: 0 });
  });
});
