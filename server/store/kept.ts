/**
 * Values by key until a moment: sessions, previews that wait for approval, cards that were answered. Memory and every
 * database behind it pass `test/contracts/kept.ts`. It never sees what it keeps: values are sealed, or mean nothing by themselves.
 */

/** Moments are epoch milliseconds; a value whose moment has come is not there. */
export interface Kept {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, expiresAt: number): Promise<void>;
  /** Reads and deletes in one step: two callers, on whichever servers, never both get the value. */
  take(key: string): Promise<string | undefined>;
  /** Sets the value only where `earlier` is what is there (`undefined`: nothing is). Answers whether it did. */
  replace(key: string, earlier: string | undefined, value: string, expiresAt: number): Promise<boolean>;
  /** Every value whose key begins so, by key. */
  under(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Deletes what has run out, and answers how many that were. */
  purge(): Promise<number>;
}

/** In this process's memory, and gone with it. `now` in epoch milliseconds. */
export function memoryKept(now: () => number): Kept {
  const values = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  const live = (key: string) => {
    const found = values.get(key);
    return found && found.expiresAt > now() ? found.value : undefined;
  };
  return {
    get: async (key) => live(key),
    set: async (key, value, expiresAt) => void values.set(key, { value, expiresAt }),
    async take(key) {
      const value = live(key);
      values.delete(key);
      return value;
    },
    async replace(key, earlier, value, expiresAt) {
      if (live(key) !== earlier) return false;
      values.set(key, { value, expiresAt });
      return true;
    },
    async under(prefix) {
      const found = new Map<string, string>();
      for (const key of values.keys()) {
        const value = key.startsWith(prefix) ? live(key) : undefined;
        if (value !== undefined) found.set(key, value);
      }
      return found;
    },
    async purge() {
      const before = values.size;
      for (const [key, { expiresAt }] of values) if (expiresAt <= now()) values.delete(key);
      return before - values.size;
    },
  };
}
