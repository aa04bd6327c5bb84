/** This browser's key toward our server: P-256, made here, never to leave. One for all frames of the app within one EHR, as a cookie would be. */

const DATABASE = 'attune';
const STORE = 'keys';
const NAME = 'this-browser';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/** The key, made and kept if there is none. Rejects where the browser keeps nothing for a framed page. */
export async function browserKey(): Promise<CryptoKeyPair> {
  // Made before it is needed: a transaction does not wait for anything else.
  const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  return inStore(async (keys) => {
    const kept = await answerOf<CryptoKeyPair | undefined>(keys.get(NAME));
    if (!kept) await answerOf(keys.put(made, NAME));
    return kept ?? made;
  });
}

async function inStore<T>(work: (keys: IDBObjectStore) => Promise<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE);
  const database = await answerOf(opening);
  const transaction = database.transaction(STORE, 'readwrite');
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  const [result] = await Promise.all([work(transaction.objectStore(STORE)), done]);
  database.close();
  return result;
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
