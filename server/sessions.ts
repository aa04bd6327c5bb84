/** Sessions and their launches: sealed values in a small key-value store, found only by a cookie and a launch id together. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type LaunchRecord, type PendingLaunch, Secret, type Sessions, type Tokens } from '../launch/record.ts';

const PENDING_MS = 10 * 60 * 1000;
const IDLE_MS = 15 * 60 * 1000;
/** How long the session id before the last one still counts. */
const CHANGEOVER_MS = 10_000;
/** How long an ended launch is still recognised, so that its screen can say "ended" rather than "nothing here". */
const REMEMBERED_MS = 12 * 60 * 60 * 1000;

/** Values by key until a moment (epoch ms). A database can stand behind it as well as memory: every value is sealed. */
export interface SessionStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, expiresAt: number): Promise<void>;
  /** Reads and deletes in one step: two callers never both get the value. */
  take(key: string): Promise<string | undefined>;
}

/** What a cookie and a launch id lead to. */
export type Found =
  | { readonly state: 'active'; readonly record: LaunchRecord; readonly sessionId: string }
  | { readonly state: 'ended' }
  | { readonly state: 'unknown' };

/** Everything the server does with sessions; `launch/routes.ts` sees the `Sessions` part. */
export interface LaunchSessions extends Sessions {
  /** Authorises `(sid, launchId)`, counts it as activity, and ends what was idle or has reached its end. */
  find(sid: string | undefined, launchId: string): Promise<Found>;
  /** The tokens now in force, `undefined` once the launch has ended. */
  tokens(launchId: string): Promise<Tokens | undefined>;
  /** Replaces the tokens after a refresh; the earlier ones are gone. */
  renew(launchId: string, tokens: Tokens): Promise<void>;
  /** Sets the name shown for the user, once the EHR has said it. */
  rename(launchId: string, display: string): Promise<void>;
  /** Ends a launch and returns what it was, tokens included, for revocation. */
  end(launchId: string): Promise<LaunchRecord | undefined>;
  /** Ends the launches that have been idle or have reached their end, and returns them for revocation (T5). */
  endIdle(): Promise<readonly LaunchRecord[]>;
}

interface Session {
  readonly tenantId: string;
  readonly sub: string;
  readonly launches: readonly string[];
}

/** `key` is 32 bytes; values are sealed with AES-256-GCM and bound to their own key in the store (V13). */
export function createSessions(options: {
  readonly store: SessionStore;
  readonly key: Uint8Array;
  readonly now: () => number;
}): LaunchSessions {
  const { store, now } = options;
  const sealed = sealer(options.key);
  const open = new Set<string>();

  const read = async <T>(key: string): Promise<T | undefined> => {
    const value = await store.get(key);
    return value === undefined ? undefined : (JSON.parse(sealed.open(value, key)) as T);
  };
  const write = (key: string, value: unknown, expiresAt: number) =>
    store.set(key, sealed.seal(JSON.stringify(value), key), expiresAt);

  const readLaunch = async (launchId: string) => thaw(await read<Frozen>(`launch:${launchId}`));
  const writeLaunch = (record: LaunchRecord) =>
    write(`launch:${record.context.launchId}`, freeze(record), Date.parse(record.context.launchedAt) + REMEMBERED_MS);
  const touch = (launchId: string) => write(`seen:${launchId}`, now(), now() + REMEMBERED_MS);

  const isOver = async (record: LaunchRecord): Promise<boolean> => {
    const seen = (await read<number>(`seen:${record.context.launchId}`)) ?? 0;
    return now() - seen > IDLE_MS || now() >= Date.parse(record.context.expiresAt);
  };

  const changing = new Map<string, Promise<unknown>>();
  /** One change at a time per launch, so that a refreshed token is never overwritten by an earlier copy. Answers what was there before; an ended launch stays ended. */
  const change = (launchId: string, to: (record: LaunchRecord) => LaunchRecord): Promise<LaunchRecord | undefined> => {
    const before = changing.get(launchId) ?? Promise.resolve();
    const changed = before.then(async () => {
      const record = await readLaunch(launchId);
      if (!record?.tokens) return undefined;
      await writeLaunch(to(record));
      return record;
    });
    const settled = changed
      .catch(() => undefined)
      .then(() => {
        if (changing.get(launchId) === settled) changing.delete(launchId);
      });
    changing.set(launchId, settled);
    return changed;
  };

  const end = (launchId: string): Promise<LaunchRecord | undefined> => {
    open.delete(launchId);
    return change(launchId, ({ tokens: _, ...rest }) => rest);
  };

  const endAll = async (launchIds: readonly string[]): Promise<LaunchRecord[]> =>
    (await Promise.all(launchIds.map(end))).filter((record) => record !== undefined);

  /** Two charts that arrive at once come one after the other, so that neither is lost from the session. */
  let opening: Promise<unknown> = Promise.resolve();
  const openOne: Sessions['open'] = async (record, { browser, previousSid }) => {
    const { launchId } = record.context;
    const previousKey = previousSid === undefined ? undefined : `sid:${digest(previousSid)}`;
    const previousId = previousKey === undefined ? undefined : await read<string>(previousKey);
    const { sessionId, ended } = await join(previousId ?? browser, record);
    await Promise.all([writeLaunch(record), touch(launchId)]);
    const sid = randomBytes(32).toString('base64url');
    await write(`sid:${digest(sid)}`, sessionId, now() + REMEMBERED_MS);
    // Requests that left before the browser had the new cookie still arrive.
    if (previousKey && previousId) await write(previousKey, previousId, now() + CHANGEOVER_MS);
    open.add(launchId);
    return { sid, ended };
  };

  /** Adds a launch to its user's session; another user's is emptied and left behind (M3). */
  const join = async (id: string, { tenantId, sub, context }: LaunchRecord) => {
    const earlier = await read<Session>(`session:${id}`);
    const another = earlier !== undefined && (earlier.sub !== sub || earlier.tenantId !== tenantId);
    const ended = another ? await endAll(earlier.launches) : [];
    if (another) await write(`session:${id}`, { ...earlier, launches: [] }, now() + REMEMBERED_MS);
    const sessionId = another ? randomBytes(32).toString('base64url') : id;
    const launches = [...(another ? [] : (earlier?.launches ?? [])), context.launchId];
    await write(`session:${sessionId}`, { tenantId, sub, launches } satisfies Session, now() + REMEMBERED_MS);
    return { sessionId, ended };
  };

  return {
    remember: (pending) => write(`state:${digest(pending.state)}`, pending, now() + PENDING_MS),

    async take(state) {
      const key = `state:${digest(state)}`;
      const value = await store.take(key);
      return value === undefined ? undefined : (JSON.parse(sealed.open(value, key)) as PendingLaunch);
    },

    open(record, from) {
      const opened = opening.then(() => openOne(record, from));
      opening = opened.catch(() => undefined);
      return opened;
    },

    async find(sid, launchId) {
      const sessionId = sid === undefined ? undefined : await read<string>(`sid:${digest(sid)}`);
      const session = sessionId === undefined ? undefined : await read<Session>(`session:${sessionId}`);
      const record = session?.launches.includes(launchId) ? await readLaunch(launchId) : undefined;
      if (!record) return { state: 'unknown' };
      if (!record.tokens) return { state: 'ended' };
      // Its tokens stay until `endIdle` returns them for revocation; no request can use them any more.
      if (await isOver(record)) return { state: 'ended' };
      await touch(launchId);
      return { state: 'active', record, sessionId: digest(`record:${sessionId}`).slice(0, 22) };
    },

    tokens: async (launchId) => (await readLaunch(launchId))?.tokens,

    async renew(launchId, tokens) {
      await change(launchId, (record) => ({ ...record, tokens }));
    },

    async rename(launchId, display) {
      await change(launchId, (record) => ({
        ...record,
        context: { ...record.context, user: { ...record.context.user, display } },
      }));
    },

    end,

    async endIdle() {
      const over: string[] = [];
      for (const launchId of open) {
        const record = await readLaunch(launchId);
        if (!record || (await isOver(record))) over.push(launchId);
      }
      return endAll(over);
    },
  };
}

/** The store of a single server: gone with the process, which ends every session. */
export function createMemoryStore(now: () => number): SessionStore {
  const values = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  const live = (key: string) => {
    const found = values.get(key);
    if (found && found.expiresAt > now()) return found.value;
    values.delete(key);
    return undefined;
  };
  return {
    get: async (key) => live(key),
    async set(key, value, expiresAt) {
      if (values.size % 1000 === 999) for (const old of values.keys()) live(old);
      values.set(key, { value, expiresAt });
    },
    async take(key) {
      const value = live(key);
      values.delete(key);
      return value;
    },
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
export function sealer(key: Uint8Array) {
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
