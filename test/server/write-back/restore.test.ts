/** The restore drill: a server is lost, its folder comes back from a copy made earlier. What the copy does not know, the chart does. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAudit } from '../../../server/audit.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { type Opened, openStore } from '../../../server/store/open.ts';
import { backUp } from '../../../server/store/sqlite-file.ts';
import type { Store } from '../../../server/store/store.ts';
import { recover } from '../../../server/write-back/recovery.ts';
import { createWriteBack, type WriteBack } from '../../../server/write-back/write-back.ts';
import { Ehr, launchOf, metformin, NOW } from '../write-back-ehr.ts';

let directory: string;
let ehr: Ehr;
let clock: Date;
let store: Store;
let opened: Opened;
let writeBack: WriteBack;
const of = (patientId: string) => launchOf({ patientId, transport: (request) => ehr.answer(request) });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'attune-restore-'));
  ehr = new Ehr();
  clock = NOW;
  await start('live');
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

async function start(folder: string): Promise<void> {
  const dataDir = join(directory, folder);
  const keys = openKeyRing(join(dataDir, 'keys.json'));
  opened = await openStore({ dataDir, keys, now: () => clock.getTime() });
  ({ store } = opened);
  await recover({ store, now: new Date(clock.getTime() + 1) });
  const audit = createAudit({ store, keys, clock: () => clock });
  writeBack = createWriteBack({ store, keys, audit, clock: () => clock, sleep: async () => {}, timeout: 100 });
}

/** Keys and database, while the server runs. */
async function backup(): Promise<void> {
  backUp({ from: join(directory, 'live', 'attune.sqlite'), to: join(directory, 'copy', 'attune.sqlite') });
  await cp(join(directory, 'live', 'keys.json'), join(directory, 'copy', 'keys.json'));
}

/** The machine is gone, with what it had in memory; the copy is put in its place. */
async function restore(): Promise<void> {
  await store.close();
  await rm(join(directory, 'live'), { recursive: true });
  await cp(join(directory, 'copy'), join(directory, 'restored'), { recursive: true });
  await start('restored');
}

const approve = async (patientId: string) =>
  writeBack.approve(of(patientId), await writeBack.preview(of(patientId), metformin));

it('what was confirmed before the copy is still confirmed, and is not written again', async () => {
  await approve('p1');
  await backup();
  await restore();
  expect(await writeBack.outcomes(of('p1'))).toMatchObject([{ state: 'confirmed', reference: 'DocumentReference/n1' }]);
  await expect(writeBack.preview(of('p1'), metformin)).rejects.toMatchObject({ code: 'already-written' });
  expect(ehr.notes).toHaveLength(1);
});

it('what was in doubt when the copy was made is in doubt after it, and is found', async () => {
  ehr.faults = ['drop-after'];
  expect((await approve('p1')).state).toBe('unknown');
  await backup();
  await restore();
  expect(await writeBack.outcomes(of('p1'))).toMatchObject([{ state: 'unknown' }]);
  expect(await writeBack.reconcile(of('p1'))).toMatchObject([{ state: 'confirmed' }]);
  expect(ehr.notes).toHaveLength(1);
});

it('what was being sent when the copy was made is never called confirmed from the copy, whatever became of it', async () => {
  const reached = new Promise<void>((arrived) => {
    ehr.onCreate = async () => {
      await backup();
      arrived();
    };
  });
  const answer = approve('p1');
  await reached;
  expect((await answer).state).toBe('confirmed');
  await restore();
  expect(await writeBack.outcomes(of('p1'))).toMatchObject([{ state: 'unknown' }]);
  expect(await writeBack.reconcile(of('p1'))).toMatchObject([{ state: 'confirmed' }]);
  expect(ehr.notes).toHaveLength(1);
});

it('promises and answered cards come back with the copy; sessions do not, and the clinician launches again', async () => {
  const later = clock.getTime() + 60_000;
  await opened.promises.make('pk', { path: 'observation.inr', made: 1, due: later });
  await opened.cards.set('answered:a', '', later);
  await opened.kept.set('launch:l1', 'sealed', later);
  await backup();
  await restore();
  expect(await opened.promises.of('pk')).toHaveLength(1);
  expect(await opened.cards.get('answered:a')).toBe('');
  expect(await opened.kept.get('launch:l1')).toBeUndefined();
});

it('the record of the copy is whole, and says that it ends where the copy was made', async () => {
  await approve('p1');
  await backup();
  await approve('p2');
  await restore();
  const verdict = await createAudit({ store, keys: openKeyRing(join(directory, 'restored', 'keys.json')) }).verify();
  expect(verdict).toMatchObject({ whole: true, events: 3 });
});
