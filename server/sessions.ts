/** Sessions and their launches: sealed values, kept where every server finds them, and found only by a cookie and a launch id together. */
import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import { PROOF_SECONDS } from '../launch/proof/proof.ts';
import {
  IDLE_MS,
  type LaunchRecord,
  type Parked,
  type PendingLaunch,
  Secret,
  type Sessions,
  type Tokens,
} from '../launch/record.ts';
import type { Granted } from '../launch/tenants.ts';
import { alone } from './store/alone.ts';
import type { Kept } from './store/kept.ts';

const PENDING_MS = 10 * 60 * 1000;
/** A page loads in less, and an EHR's code lives longer. */
const PARKED_MS = 2 * 60 * 1000;
/** Activity is noted this often at most, so that not every read costs a write: an idle launch may end that much early. */
const NOTED_EVERY_MS = 5_000;
/** How long the session id before the last one still counts. */
const CHANGEOVER_MS = 10_000;
/** How long an ended launch is still recognised, so that its screen can say "ended" rather than "nothing here". */
const REMEMBERED_MS = 12 * 60 * 60 * 1000;

/** What a cookie, or a handle and its key, and a launch id lead to. `whose` tells which EHR's page it was, for the words and the frame of a refusal. */
export type Found =
  | { readonly state: 'active'; readonly record: LaunchRecord; readonly sessionId: string }
  | { readonly state: 'ended' | 'unknown'; readonly whose?: Granted & Pick<LaunchRecord, 'jkt'> };

/** Everything the server does with sessions; `launch/routes.ts` sees the `Sessions` part. */
export interface LaunchSessions extends Sessions {
  /**
   * Authorises `(sid, launchId)`, counts it as activity, and ends what was idle or has reached its end. `jkt` is the
   * thumbprint of the key that the request was signed with: a launch opened with a key is found with that key only, and
   * one opened with a cookie with none.
   */
  find(sid: string | undefined, launchId: string, jkt?: string): Promise<Found>;
  /** Whether this is the first time that a launch sees this proof, on any server. */
  firstSeen(launchId: string, jti: string): Promise<boolean>;
  /** The tokens now in force, `undefined` once the launch has ended. */
  tokens(launchId: string): Promise<Tokens | undefined>;
  /** Replaces the tokens after a refresh; the earlier ones are gone. */
  renew(launchId: string, tokens: Tokens): Promise<void>;
  /** Sets the name shown for the user, once the EHR has said it. */
  rename(launchId: string, display: string): Promise<void>;
  /** Ends a launch and returns what it was, tokens included, for revocation. */
  end(launchId: string): Promise<LaunchRecord | undefined>;
  /** Ends the launches that have been idle, have reached their end or have lapsed, and returns them for revocation (T5): each to one server. */
  endIdle(): Promise<readonly LaunchRecord[]>;
  /** Runs `work` while no server runs another for this launch (T3). */
  alone<T>(launchId: string, work: () => Promise<T>): Promise<T>;
}

interface Session {
  readonly tenantId: string;
  readonly sub: string;
  readonly launches: readonly string[];
}

/** When a launch was last used, when it ends in any case (epoch ms), and whose grant it has. There from its opening to its end. */
interface Seen extends Granted {
  readonly at: number;
  readonly until: number;
}

/**
 * `key` is 32 bytes; values are sealed with AES-256-GCM and bound to their own key in the store (V13).
 * `lapsed`: whether the EHR that gave a grant was registered here and no longer is as it was then.
 */
export function createSessions(options: {
  readonly store: Kept;
  readonly key: Uint8Array;
  readonly now: () => number;
  readonly lapsed: (granted: Granted) => boolean;
}): LaunchSessions {
  const { store, now, lapsed } = options;
  const sealed = sealer(options.key);

  const opened = <T>(value: string | undefined, key: string): T | undefined => {
    if (value === undefined) return undefined;
    try {
      return JSON.parse(sealed.open(value, key)) as T;
    } catch {
      // Altered, or sealed with an earlier key: it leads nowhere.
      return undefined;
    }
  };
  const closed = (key: string, value: unknown) => sealed.seal(JSON.stringify(value), key);
  const read = async <T>(key: string): Promise<T | undefined> => opened<T>(await store.get(key), key);
  const write = (key: string, value: unknown, expiresAt: number) => store.set(key, closed(key, value), expiresAt);

  /** Reads and writes back until nobody came in between, so that no server's change is lost. `undefined` from `to` leaves it. */
  const change = async <T>(
    key: string,
    to: (before: T | undefined) => Promise<{ readonly after: unknown; readonly expiresAt: number } | undefined>,
  ): Promise<T | undefined> => {
    for (;;) {
      const value = await store.get(key);
      const before = opened<T>(value, key);
      const made = await to(before);
      if (!made) return undefined;
      if (await store.replace(key, value, closed(key, made.after), made.expiresAt)) return before;
    }
  };

  const until = ({ context }: LaunchRecord) => Date.parse(context.launchedAt) + REMEMBERED_MS;
  const readLaunch = async (launchId: string) => thaw(await read<Frozen>(`launch:${launchId}`));
  /** Answers what was there before; an ended launch stays ended. */
  const changeLaunch = async (launchId: string, to: (record: LaunchRecord) => LaunchRecord) =>
    thaw(
      await change<Frozen>(`launch:${launchId}`, async (before) => {
        const record = thaw(before);
        return record?.tokens && { after: freeze(to(record)), expiresAt: until(record) };
      }),
    );

  const note = ({ context, tenantId, grantor }: LaunchRecord) => {
    const seen: Seen = { at: now(), until: Date.parse(context.expiresAt), tenantId, grantor };
    return write(`seen:${context.launchId}`, seen, now() + REMEMBERED_MS);
  };
  const isOver = (seen: Seen | undefined) => !seen || now() - seen.at > IDLE_MS || now() >= seen.until || lapsed(seen);

  const end = async (launchId: string): Promise<LaunchRecord | undefined> => {
    const ended = await changeLaunch(launchId, ({ tokens: _, ...rest }) => rest);
    await store.take(`seen:${launchId}`);
    return ended;
  };

  const endAll = async (launchIds: readonly string[]): Promise<LaunchRecord[]> =>
    (await Promise.all(launchIds.map(end))).filter((record) => record !== undefined);

  /** Adds a launch to its user's session; another user's is emptied and left behind (M3). */
  const join = async (id: string, { tenantId, sub, context }: LaunchRecord) => {
    const ended: LaunchRecord[] = [];
    let sessionId = id;
    await change<Session>(`session:${id}`, async (earlier) => {
      const another = earlier !== undefined && (earlier.sub !== sub || earlier.tenantId !== tenantId);
      if (another) ended.push(...(await endAll(earlier.launches)));
      sessionId = another ? randomBytes(32).toString('base64url') : id;
      const launches = another ? [] : [...(earlier?.launches ?? []), context.launchId];
      return { after: { ...(earlier ?? { tenantId, sub }), launches }, expiresAt: now() + REMEMBERED_MS };
    });
    if (sessionId !== id) {
      const session: Session = { tenantId, sub, launches: [context.launchId] };
      await write(`session:${sessionId}`, session, now() + REMEMBERED_MS);
    }
    return { sessionId, ended };
  };

  return {
    remember: (pending) => write(`state:${digest(pending.state)}`, pending, now() + PENDING_MS),

    async take(state) {
      const key = `state:${digest(state)}`;
      return opened<PendingLaunch>(await store.take(key), key);
    },

    park: (launchId, parked) => write(`parked:${launchId}`, parked, now() + PARKED_MS),
    parked: (launchId) => read<Parked>(`parked:${launchId}`),

    async unpark(launchId) {
      const key = `parked:${launchId}`;
      return opened<Parked>(await store.take(key), key);
    },

    async open(record, { browser, previousSid }) {
      const { jkt } = record;
      const previousKey =
        jkt !== undefined ? `key:${jkt}` : previousSid === undefined ? undefined : `sid:${digest(previousSid)}`;
      const previousId = previousKey === undefined ? undefined : await read<string>(previousKey);
      const { sessionId, ended } = await join(previousId ?? browser, record);
      await write(`launch:${record.context.launchId}`, freeze(record), until(record));
      await note(record);
      const sid = randomBytes(32).toString('base64url');
      await write(`sid:${digest(sid)}`, sessionId, now() + REMEMBERED_MS);
      // A key stays the same from launch to launch; it leads to the session of whoever signed in last.
      if (jkt !== undefined) await write(`key:${jkt}`, sessionId, now() + REMEMBERED_MS);
      // Requests that left before the browser had the new cookie still arrive.
      else if (previousKey && previousId) await write(previousKey, previousId, now() + CHANGEOVER_MS);
      return { sid, ended };
    },

    async find(sid, launchId, jkt) {
      const [sessionId, record, seen] = await Promise.all([
        sid === undefined ? undefined : read<string>(`sid:${digest(sid)}`),
        readLaunch(launchId),
        read<Seen>(`seen:${launchId}`),
      ]);
      const session = sessionId === undefined ? undefined : await read<Session>(`session:${sessionId}`);
      if (!record) return { state: 'unknown' };
      if (!session?.launches.includes(launchId) || record.jkt !== jkt) return { state: 'unknown', whose: record };
      if (!record.tokens) return { state: 'ended', whose: record };
      // Its tokens stay until `endIdle` returns them for revocation; no request can use them any more.
      if (!seen || isOver(seen)) return { state: 'ended', whose: record };
      if (now() - seen.at >= NOTED_EVERY_MS) await note(record);
      return { state: 'active', record, sessionId: digest(`record:${sessionId}`).slice(0, 22) };
    },

    firstSeen: (launchId, jti) =>
      store.replace(`jti:${digest(`${launchId} ${jti}`)}`, undefined, '1', now() + 2 * PROOF_SECONDS * 1000),

    tokens: async (launchId) => (await readLaunch(launchId))?.tokens,

    async renew(launchId, tokens) {
      await changeLaunch(launchId, (record) => ({ ...record, tokens }));
    },

    async rename(launchId, display) {
      await changeLaunch(launchId, (record) => ({
        ...record,
        context: { ...record.context, user: { ...record.context.user, display } },
      }));
    },

    end,

    async endIdle() {
      const seen = await store.under('seen:');
      const over = [...seen].filter(([key, value]) => isOver(opened<Seen>(value, key)));
      return endAll(over.map(([key]) => key.slice('seen:'.length)));
    },

    alone: (launchId, work) => alone({ kept: store, now }, launchId, work),
  };
}

interface Frozen extends Omit<LaunchRecord, 'tokens'> {
  readonly tokens?: { readonly access: string; readonly refresh?: string; readonly expiresAt: number };
}

/** The one place where tokens become text, on their way into a seal. */
function freeze({ tokens, ...record }: LaunchRecord): Frozen {
  if (!tokens) return record;
  const { access, refresh, expiresAt } = tokens;
  return { ...record, tokens: { access: access.reveal(), ...(refresh && { refresh: refresh.reveal() }), expiresAt } };
}

function thaw(frozen: Frozen | undefined): LaunchRecord | undefined {
  if (!frozen?.tokens) return frozen as LaunchRecord | undefined;
  const { access, refresh, expiresAt } = frozen.tokens;
  return {
    ...frozen,
    tokens: { access: new Secret(access), ...(refresh !== undefined && { refresh: new Secret(refresh) }), expiresAt },
  };
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** AES-256-GCM with a random nonce; `bound` is authenticated, so that a value moved elsewhere does not open. */
export function sealer(secret: Uint8Array) {
  // Made once: making it from its bytes takes longer than to seal.
  const key = createSecretKey(secret);
  return {
    seal(plain: string, bound: string): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
      return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      );
    },
    /** Throws when the value was altered, moved, or sealed with another key. */
    open(value: string, bound: string): string {
      const bytes = Buffer.from(value, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(bound));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
    },
  };
}
