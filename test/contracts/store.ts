/** What every store must do, whatever it is made of. Run once for each implementation. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxRow, Store } from '../../server/store/store.ts';

/** `open` gives a store over the same data each time, until `reset`. */
export interface StoreUnderTest {
  open(): Promise<Store>;
  reset(): Promise<void>;
}

let serial = 0;
export function row(over: Partial<OutboxRow> = {}): OutboxRow {
  serial += 1;
  return {
    key: `K${serial}`,
    approvalId: `approval-${serial}`,
    tenantId: 't',
    patientKey: 'pk',
    userKey: 'uk',
    intentKey: `intent-${serial}`,
    payloadHash: 'ab'.repeat(32),
    sealed: { keyId: 'k1', nonce: 'bm9uY2U=', data: 'ZGF0YQ==' },
    state: 'approved',
    detail: null,
    reference: null,
    versionId: null,
    approvedAt: '2026-11-22T09:16:00.000Z',
    sentAt: null,
    settledAt: null,
    attempts: 0,
    absences: 0,
    ...over,
  };
}

export function storeContract(name: string, under: StoreUnderTest): void {
  describe(`${name} store`, () => {
    let store: Store;
    beforeEach(async () => {
      await under.reset();
      store = await under.open();
    });
    afterEach(() => store.close());

    it('gives an approved row back unchanged after the store was closed and opened again', async () => {
      const approved = row({ detail: 'x', reference: 'DocumentReference/1', versionId: '2' });
      expect(await store.approve(approved, { type: 'approved' })).toEqual({ inserted: true });
      await store.close();
      store = await under.open();
      expect(await store.find('t', approved.approvalId)).toEqual(approved);
      expect(await store.recorded(0, 10)).toHaveLength(1);
    });

    it('takes an approval once, and shows the first row to whoever brings it again', async () => {
      const first = row();
      await store.approve(first, { n: 1 });
      const second = await store.approve({ ...first, key: 'other', intentKey: 'other' }, { n: 2 });
      expect(second).toEqual({ inserted: false, existing: first });
      expect(await store.recorded(0, 10)).toHaveLength(1);
    });

    it.each(['approved', 'sending', 'unknown', 'confirmed'] as const)(
      'takes an intent once while the earlier row is %s',
      async (state) => {
        const first = row({ state, intentKey: 'same' });
        await store.approve(first, {});
        expect(await store.approve(row({ intentKey: 'same' }), {})).toMatchObject({ inserted: false });
        expect(await store.standing('t', 'same')).toEqual(first);
      },
    );

    it.each(['rejected', 'expired'] as const)(
      'lets an intent be approved anew when the earlier row is %s',
      async (state) => {
        await store.approve(row({ state, intentKey: 'same' }), {});
        expect(await store.approve(row({ intentKey: 'same' }), {})).toEqual({ inserted: true });
      },
    );

    it('refuses a second row with the same idempotency key outright', async () => {
      await store.approve(row({ key: 'K' }), {});
      await expect(store.approve(row({ key: 'K' }), {})).rejects.toThrow();
      expect(await store.recorded(0, 10)).toHaveLength(1);
    });

    it('lets exactly one of two racing senders move a row', async () => {
      const one = row();
      await store.approve(one, {});
      const change = {
        approvalId: one.approvalId,
        from: ['approved'],
        attempts: 0,
        set: { state: 'sending', attempts: 1 },
      } as const;
      const results = await Promise.all([store.move(change, { n: 1 }), store.move(change, { n: 2 })]);
      expect(results.filter(Boolean)).toEqual([{ ...one, state: 'sending', attempts: 1 }]);
      expect(await store.recorded(0, 10)).toHaveLength(2);
    });

    it('moves nothing for someone who saw an earlier attempt', async () => {
      const again = row({ state: 'unknown', attempts: 2 });
      await store.approve(again, {});
      const late = { approvalId: again.approvalId, from: ['unknown'], attempts: 1, set: { absences: 3 } } as const;
      expect(await store.move(late, {})).toBeUndefined();
      expect(await store.find('t', again.approvalId)).toEqual(again);
      expect(await store.recorded(0, 10)).toHaveLength(1);
    });

    it('lists a clinician’s rows for one patient, newest first, and nobody else’s', async () => {
      const early = row({ approvedAt: '2026-11-22T09:00:00.000Z' });
      const late = row({ approvedAt: '2026-11-22T10:00:00.000Z' });
      for (const each of [early, late, row({ patientKey: 'x' }), row({ userKey: 'x' }), row({ tenantId: 'x' })]) {
        await store.approve(each, {});
      }
      expect(await store.of({ tenantId: 't', patientKey: 'pk', userKey: 'uk' })).toEqual([late, early]);
      expect(await store.find('other-tenant', early.approvalId)).toBeUndefined();
    });

    it('finds what was interrupted: approved or being sent, and older than the restart', async () => {
      const waiting = row();
      const sending = row({ state: 'sending', sentAt: '2026-11-22T09:17:00.000Z' });
      const later = row({ state: 'sending', sentAt: '2026-11-22T09:19:00.000Z' });
      for (const each of [waiting, sending, later, row({ state: 'confirmed' }), row({ state: 'unknown' })]) {
        await store.approve(each, {});
      }
      const found = await store.interrupted('2026-11-22T09:18:00.000Z');
      expect(found.map(({ approvalId }) => approvalId).sort()).toEqual([waiting.approvalId, sending.approvalId].sort());
    });

    it('forgets the contents of what was settled long ago, keeps its hash, and never forgets what is in doubt', async () => {
      const settledAt = '2026-11-21T09:00:00.000Z';
      const done = row({ state: 'confirmed', settledAt });
      const doubt = row({ state: 'unknown' });
      const fresh = row({ state: 'rejected', settledAt: '2026-11-22T09:00:00.000Z' });
      for (const each of [done, doubt, fresh]) await store.approve(each, {});
      expect(await store.purge('2026-11-22T00:00:00.000Z')).toBe(1);
      expect(await store.find('t', done.approvalId)).toEqual({ ...done, sealed: null });
      const left = await store.of({ tenantId: 't', patientKey: 'pk', userKey: 'uk' });
      expect(left.map(({ approvalId }) => approvalId).sort()).toEqual([doubt.approvalId, fresh.approvalId].sort());
    });

    it('counts the rows of each state with the oldest of them, and leaves out what was forgotten', async () => {
      expect(await store.census()).toEqual([]);
      const doubt = { state: 'unknown' } as const;
      await store.approve(row({ ...doubt, approvedAt: '2026-11-22T10:00:00.000Z' }), {});
      await store.approve(row({ ...doubt, approvedAt: '2026-11-22T09:00:00.000Z', tenantId: 'x' }), {});
      await store.approve(row({ state: 'confirmed', settledAt: '2026-11-21T09:00:00.000Z' }), {});
      await store.purge('2026-11-22T00:00:00.000Z');
      await store.approve(row({ state: 'confirmed', settledAt: '2026-11-22T09:00:00.000Z' }), {});
      const counted = [...(await store.census())].sort((a, b) => (a.state < b.state ? -1 : 1));
      expect(counted).toEqual([
        { state: 'confirmed', rows: 1, oldest: '2026-11-22T09:16:00.000Z' },
        { state: 'unknown', rows: 2, oldest: '2026-11-22T09:00:00.000Z' },
      ]);
    });

    it('numbers the record without gaps and chains every event to the one before', async () => {
      for (let n = 1; n <= 5; n += 1) await store.append({ n });
      const all = await store.recorded(0, 10);
      expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(new Set(all.map(({ hash }) => hash)).size).toBe(5);
      expect(await store.recorded(3, 1)).toEqual([all[3]]);
      expect(await store.head()).toMatchObject({ seq: 5, hash: all[4]?.hash });
    });
  });
}
