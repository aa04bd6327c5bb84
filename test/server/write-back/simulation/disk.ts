/** A store in memory that keeps the contract of the real ones: what several server processes share in the simulation. */
import { canonical, GENESIS, link } from '../../../../server/store/chain.ts';
import type { KeyRing } from '../../../../server/store/keys.ts';
import type { Head, OutboxRow, Recorded, Store } from '../../../../server/store/store.ts';

const STANDING = ['approved', 'sending', 'unknown', 'confirmed'];

export function disk(keys: Pick<KeyRing, 'sign'>): Store {
  const rows = new Map<string, OutboxRow>();
  const record: Recorded[] = [];
  let head: Head | undefined;

  function append(event: object): Recorded {
    const text = canonical(event);
    const seq = record.length + 1;
    const hash = link(head?.hash ?? GENESIS, text);
    const recorded = { seq, event: text, hash };
    record.push(recorded);
    head = { seq, hash, mac: keys.sign(`${seq}|${hash}`) };
    return recorded;
  }

  const find = (tenantId: string, approvalId: string) => {
    const row = rows.get(approvalId);
    return row?.tenantId === tenantId ? row : undefined;
  };
  const standing = (tenantId: string, intentKey: string) =>
    [...rows.values()].find(
      (row) => row.tenantId === tenantId && row.intentKey === intentKey && row.sealed && STANDING.includes(row.state),
    );

  return {
    approve: async (row, event) => {
      const existing = find(row.tenantId, row.approvalId) ?? standing(row.tenantId, row.intentKey);
      if (existing) return { inserted: false, existing };
      if ([...rows.values()].some(({ key }) => key === row.key)) throw new Error('the key is there');
      rows.set(row.approvalId, row);
      append(event);
      return { inserted: true };
    },
    move: async ({ approvalId, from, attempts, set }, event) => {
      const row = rows.get(approvalId);
      if (!row || !from.includes(row.state) || row.attempts !== attempts) return undefined;
      const moved = { ...row, ...set };
      rows.set(approvalId, moved);
      if (event) append(event);
      return moved;
    },
    find: async (tenantId, approvalId) => find(tenantId, approvalId),
    standing: async (tenantId, intentKey) => standing(tenantId, intentKey),
    of: async (whose) =>
      [...rows.values()]
        .filter(
          (row) =>
            row.sealed &&
            row.tenantId === whose.tenantId &&
            row.patientKey === whose.patientKey &&
            row.userKey === whose.userKey,
        )
        .sort((a, b) => (a.approvedAt < b.approvedAt ? 1 : -1)),
    interrupted: async (before) =>
      [...rows.values()].filter(
        ({ state, sentAt, approvedAt }) => ['approved', 'sending'].includes(state) && (sentAt ?? approvedAt) < before,
      ),
    census: async () => {
      const held = [...rows.values()].filter(({ sealed }) => sealed);
      return [...new Set(held.map(({ state }) => state))].map((state) => {
        const instants = held.filter((row) => row.state === state).map(({ approvedAt }) => approvedAt);
        return { state, rows: instants.length, oldest: instants.sort()[0] ?? '' };
      });
    },
    purge: async (before) => {
      const old = [...rows.values()].filter(
        ({ sealed, settledAt, state }) =>
          sealed && settledAt && settledAt < before && ['confirmed', 'rejected', 'expired'].includes(state),
      );
      for (const row of old) rows.set(row.approvalId, { ...row, sealed: null });
      return old.length;
    },
    append: async (event) => append(event),
    recorded: async (after, limit) => record.slice(after, after + limit),
    head: async () => head,
    anchor: async () => undefined,
    archive: () => Promise.reject(new Error('nothing grows old here')),
    close: async () => {},
  };
}
