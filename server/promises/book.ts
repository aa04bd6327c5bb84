/**
 * Tests that a clinician said would be done: kept from launch to launch, so that the next one can say whether they were.
 * No name, no id in the clear: the patient is a keyed hash, the test a fact path, the rest two times.
 */
import type { Promised } from '../../models/engine/facts/facts.ts';
import type { Sql } from '../store/sql.ts';

/** What was promised, whichever server is asked. Times in ms since the epoch. */
export interface PromiseBook {
  /** The next due first. */
  of(patientKey: string): Promise<readonly Promised[]>;
  /** The newest promise of a test stands for all before it. */
  make(patientKey: string, promised: Promised): Promise<void>;
  withdraw(patientKey: string, path: string): Promise<void>;
  /** Forgets what was due before this moment, and answers how many. */
  purge(dueBefore: number): Promise<number>;
}

/** The book in the table `promise` of either database. */
export function promisesIn(sql: Sql): PromiseBook {
  return {
    async of(patientKey) {
      const rows = await sql(
        'SELECT "path", "made", "due" FROM promise WHERE "patientKey" = $1 ORDER BY "due", "path"',
        patientKey,
      );
      return rows.map(({ path, made, due }) => ({ path: String(path), made: Number(made), due: Number(due) }));
    },
    async make(patientKey, { path, made, due }) {
      await sql(
        `INSERT INTO promise ("patientKey", "path", "made", "due") VALUES ($1, $2, $3, $4)
           ON CONFLICT ("patientKey", "path") DO UPDATE SET "made" = $3, "due" = $4`,
        patientKey,
        path,
        made,
        due,
      );
    },
    async withdraw(patientKey, path) {
      await sql('DELETE FROM promise WHERE "patientKey" = $1 AND "path" = $2', patientKey, path);
    },
    purge: async (dueBefore) => (await sql('DELETE FROM promise WHERE "due" < $1 RETURNING "path"', dueBefore)).length,
  };
}
