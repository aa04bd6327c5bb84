/** One server process over the shared disk: it may die at any step, and its disk and its network answer late, wrongly or never. */
import { createAudit } from '../../../../server/audit.ts';
import type { Launched } from '../../../../server/launched.ts';
import type { KeyRing } from '../../../../server/store/keys.ts';
import type { OutboxRow, Store } from '../../../../server/store/store.ts';
import { recover } from '../../../../server/write-back/recovery.ts';
import { createWriteBack, type WriteBack } from '../../../../server/write-back/write-back.ts';
import { launchOf } from '../../write-back-ehr.ts';
import type { FaultyEhr } from './ehr.ts';
import { never, type World } from './world.ts';

/** Mistakes that the simulation must notice. */
export const BUGS = ['sends before persisting', 'retries blindly', 'resends hastily'] as const;
export type Bug = (typeof BUGS)[number];

export interface Hospital {
  readonly world: World;
  readonly disk: Store;
  readonly ehr: FaultyEhr;
  readonly keys: KeyRing;
  readonly bug?: Bug;
  /** Deaths so far. */
  crashes: number;
}

const TIMEOUT = 30_000;

export class Process {
  alive = true;
  readonly writeBack: WriteBack;
  readonly #hospital: Hospital;
  readonly #store: Store;
  /** Steps left to live. */
  #life: number;

  constructor(hospital: Hospital) {
    const { world, keys, bug } = hospital;
    this.#hospital = hospital;
    this.#life = !hospital.ehr.calm && world.chance(0.4) ? world.between(1, 40) : Number.POSITIVE_INFINITY;
    this.#store = this.#faulty(
      bug === 'sends before persisting' ? writeBehind(hospital, () => this.alive) : hospital.disk,
    );
    // A millisecond for thirty seconds: the same limits, and no pause before a resend.
    const [timeout, scale] = bug === 'resends hastily' ? [1, TIMEOUT] : [TIMEOUT, 1];
    this.writeBack = createWriteBack({
      store: this.#store,
      keys,
      audit: createAudit({ store: this.#store, keys, clock: world.clock }),
      clock: world.clock,
      sleep: (ms) => this.#living(world.sleep(ms)),
      after: (ms, run) => world.after(ms * scale, () => this.alive && run()),
      timeout,
    });
  }

  /** As `server/main.ts` starts: what the last process left is looked through first. */
  async boot(untouchedFor: number): Promise<void> {
    await recover({ store: this.#store, now: this.#hospital.world.clock(), untouchedFor });
  }

  launch(launchId: string): Launched {
    const { world, ehr, bug } = this.#hospital;
    const send: Launched['fhir'] = async (request) => {
      await this.#step();
      const answer = await this.#living(ehr.answer(request));
      await this.#step();
      return answer;
    };
    const blindly: Launched['fhir'] = async (request) => {
      const first = await send(request).catch(() => undefined);
      return first && (first.status < 500 || request.method !== 'POST') ? first : send(request);
    };
    return { ...launchOf({ launchId, now: world.clock() }), fhir: bug === 'retries blindly' ? blindly : send };
  }

  #faulty(store: Store): Store {
    const { world } = this.#hospital;
    const through = async <T>(work: () => Promise<T>): Promise<T> => {
      await this.#step();
      // Now and then so slow that another server does all its work meanwhile.
      await this.#living(
        world.sleep(!this.#hospital.ehr.calm && world.chance(0.06) ? world.between(500, 4_000) : world.between(1, 15)),
      );
      const fault = this.#hospital.ehr.calm ? 1 : world.random();
      if (fault < 0.02) throw new Error('the disk is full');
      const result = await work();
      await this.#step();
      if (fault < 0.04) throw new Error('the connection to the store broke after the commit');
      return result;
    };
    return {
      ...store,
      approve: (row, event) => through(() => store.approve(row, event)),
      move: (change, event) => through(() => store.move(change, event)),
      find: (tenant, approval) => through(() => store.find(tenant, approval)),
      standing: (tenant, intent) => through(() => store.standing(tenant, intent)),
      of: (whose) => through(() => store.of(whose)),
      interrupted: (before) => through(() => store.interrupted(before)),
      append: (event) => through(() => store.append(event)),
    };
  }

  /** The place between two steps, where a process may die. */
  async #step(): Promise<void> {
    this.#life -= 1;
    if (this.alive && this.#life <= 0) {
      this.alive = false;
      this.#hospital.crashes += 1;
    }
    if (!this.alive) await never();
  }

  async #living<T>(work: Promise<T>): Promise<T> {
    const result = await work.catch((error: unknown) => (this.alive ? Promise.reject(error) : never<T>()));
    return this.alive ? result : never<T>();
  }
}

/** The planted bug: says that it is kept, keeps it a little later, and forgets it when the process dies meanwhile. */
function writeBehind({ world, disk }: Hospital, isAlive: () => boolean): Store {
  const pending = new Map<string, OutboxRow>();
  return {
    ...disk,
    approve: async (row, event) => {
      const standing = await disk.standing(row.tenantId, row.intentKey);
      if (standing) return { inserted: false, existing: standing };
      pending.set(row.approvalId, row);
      world.after(400, () => {
        const kept = pending.get(row.approvalId);
        pending.delete(row.approvalId);
        if (isAlive() && kept) void disk.approve(kept, event);
      });
      return { inserted: true };
    },
    move: async (change, event) => {
      const row = pending.get(change.approvalId);
      if (!row) return disk.move(change, event);
      const moved = { ...row, ...change.set };
      pending.set(row.approvalId, moved);
      return moved;
    },
    find: async (tenant, approval) => pending.get(approval) ?? disk.find(tenant, approval),
  };
}
