/**
 * Signs the record as it grows: after so many events or so long, whichever is first, and when the server stops. Never
 * signs what does not follow on the checkpoint before: a record that was altered in between is not made good by it.
 */
import type { AuditEntry } from '../audit.ts';
import { follow, GENESIS, type Link } from '../store/chain.ts';
import type { Store } from '../store/store.ts';
import { type Line, read, write } from './checkpoint.ts';
import type { CheckpointFile } from './file.ts';
import type { SigningKey } from './key.ts';

/** What checkpoints stand on. */
export interface CheckpointDeps {
  readonly store: Pick<Store, 'recorded' | 'head' | 'append'>;
  readonly file: CheckpointFile;
  readonly key: SigningKey;
  /** Events after which one is due, and milliseconds after which one is due if anything happened. */
  readonly every: number;
  readonly maxAge: number;
  /** Runs the work unless another server is at it. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly clock: () => Date;
  /** Also given each line: for a log that a SIEM keeps. */
  readonly echo?: (line: string) => void;
}

/** The record is not what was signed before, or does not hold: nothing is signed until someone has looked. */
export class RecordBroken extends Error {
  override readonly name = 'RecordBroken';
}

/** `sign` signs what is due; `everything`, whatever is not signed yet. Rejects when it cannot: with `RecordBroken`, or as the file does. */
export function createCheckpoints(deps: CheckpointDeps) {
  const { store, file, key, clock } = deps;
  let signing: Promise<void> = Promise.resolve();

  async function signOne(everything: boolean): Promise<void> {
    const ends = await file.ends();
    const from = ends?.last.checkpoint;
    if (from) await assertStands(from);
    if (!(await isDue(ends?.last, everything))) return;
    const to = await grown(from);
    const at = clock().toISOString();
    const previous = ends?.last.digest ?? GENESIS;
    const line = write({ ...to, count: to.seq - (from?.seq ?? 0), at, previous }, key);
    const digest = read(line)?.digest ?? '';
    await file.append(line);
    deps.echo?.(line);
    const series = ends?.first.digest ?? digest;
    // The record says that it was signed, so that a checkpoint cannot be taken away unseen either.
    await store.append({ type: 'checkpointed', at, tenant: '*', series, payloadHash: digest } satisfies AuditEntry);
  }

  /** That a checkpoint was made is not itself worth a checkpoint, or there would be no end of them. */
  async function isDue(last: Line | undefined, everything: boolean): Promise<boolean> {
    const after = await store.recorded(last?.checkpoint.seq ?? 0, 2 * deps.every);
    const events = after.filter(({ event }) => !isCheckpointed(event)).length;
    const age = last ? clock().getTime() - Date.parse(last.checkpoint.at) : Number.POSITIVE_INFINITY;
    return events > 0 && (everything || events >= deps.every || age >= deps.maxAge);
  }

  /** What was signed is still there: looked at each time, so that a record cut short is noticed while nothing else happens. */
  async function assertStands({ seq, hash }: Link): Promise<void> {
    const [signed] = await store.recorded(seq - 1, 1);
    if (signed?.seq !== seq || signed.hash !== hash)
      throw new RecordBroken('the record is not what the last checkpoint signed');
  }

  /** The last link that follows, one by one, on the checkpoint before. */
  async function grown(from: Link | undefined): Promise<Link> {
    const head = await store.head();
    const followed = await follow(store, { ...(from && { from }) });
    if (!followed.whole) throw new RecordBroken(followed.why);
    if (!head || head.seq > followed.seq) throw new RecordBroken('the last events are missing');
    return { seq: followed.seq, hash: followed.hash };
  }

  const sign = (everything = false): Promise<void> => {
    const next = signing.catch(() => undefined).then(() => deps.alone(() => signOne(everything)));
    signing = next;
    return next;
  };
  return { sign };
}

/** The same store, which says after how many appended events it is time to look. */
export function watched(store: Store, options: { readonly every: number; readonly look: () => void }): Store {
  let appended = 0;
  const count = () => {
    appended += 1;
    if (appended % options.every === 0) options.look();
  };
  const counting =
    <Given extends unknown[], Answer>(
      work: (...given: Given) => Promise<Answer>,
      isAppended: (answer: Answer, given: Given) => boolean,
    ) =>
    async (...given: Given): Promise<Answer> => {
      const answer = await work(...given);
      if (isAppended(answer, given)) count();
      return answer;
    };
  return {
    ...store,
    append: counting(store.append, () => true),
    approve: counting(store.approve, ({ inserted }) => inserted),
    move: counting(store.move, (row, [, event]) => row !== undefined && event !== undefined),
  };
}

/** Whether an event of the record says that a checkpoint was made. */
export function isCheckpointed(event: string): boolean {
  return event.includes('"checkpointed"') && (JSON.parse(event) as AuditEntry).type === 'checkpointed';
}
