/**
 * Tests that a clinician said would be done: kept from launch to launch, so that the next one can say whether they were.
 * No name, no id in the clear: the patient is a keyed hash, the test a fact path, the rest two times.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Promised } from '../../models/engine/facts/facts.ts';

/** What the routes need of it. Times in ms since the epoch. */
export interface PromiseBook {
  of(patientKey: string): readonly Promised[];
  /** The newest promise of a test stands for all before it. */
  make(patientKey: string, promised: Promised): void;
  withdraw(patientKey: string, path: string): void;
  close(): void;
}

/** A promise this long after its day is nobody's any more, and is purged. */
const KEPT = 365 * 86_400_000;

/** In a file of its own, or `:memory:`. */
export function sqlitePromises(path: string): PromiseBook {
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS promise (
      patient_key TEXT NOT NULL,
      path TEXT NOT NULL,
      made INTEGER NOT NULL,
      due INTEGER NOT NULL,
      PRIMARY KEY (patient_key, path)
    ) STRICT, WITHOUT ROWID;
  `);
  const list = db.prepare('SELECT path, made, due FROM promise WHERE patient_key = ? ORDER BY due');
  const put = db.prepare(
    'INSERT INTO promise (patient_key, path, made, due) VALUES (?, ?, ?, ?) ON CONFLICT (patient_key, path) DO UPDATE SET made = excluded.made, due = excluded.due',
  );
  const drop = db.prepare('DELETE FROM promise WHERE patient_key = ? AND path = ?');
  const purge = db.prepare('DELETE FROM promise WHERE due < ?');
  return {
    of: (patientKey) =>
      list
        .all(patientKey)
        .map(({ path: test, made, due }) => ({ path: String(test), made: Number(made), due: Number(due) })),
    make: (patientKey, { path: test, made, due }) => {
      purge.run(made - KEPT);
      put.run(patientKey, test, made, due);
    },
    withdraw: (patientKey, test) => void drop.run(patientKey, test),
    close: () => db.close(),
  };
}
