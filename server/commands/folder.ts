/**
 * A folder of charts: Bundles, one or more a file; or a bulk export, with one kind of resource a file, which is put
 * together again patient by patient. Files may be compressed (`.gz`).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isObject, type Json } from '../../models/engine/facts/json.ts';

const CHARTS = /\.(?:json|ndjson)(?:\.gz)?$/;

/** The names of the folder's chart files, with the folder, in order. */
export async function chartFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && CHARTS.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** The text of a file, uncompressed where its name says `.gz`. */
export async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file);
  return file.endsWith('.gz') ? (await promisify(gunzip)(bytes)).toString('utf8') : bytes.toString('utf8');
}

/** Patients of a bulk export, each as a collection Bundle with everything that names the patient. */
export class BulkExport {
  private readonly patients = new Map<string, Json>();
  private readonly about = new Map<string, Json[]>();
  /** Medications and the like, which belong to no one patient. */
  private readonly shared: Json[] = [];

  /** Takes one resource; `false` when it is not a resource. */
  add(resource: unknown): boolean {
    if (!isObject(resource) || typeof resource.resourceType !== 'string') return false;
    const patient = patientReference(resource);
    if (resource.resourceType === 'Patient') this.patients.set(String(resource.id), resource);
    else if (patient === undefined) this.shared.push(resource);
    else {
      const list = this.about.get(patient);
      if (list === undefined) this.about.set(patient, [resource]);
      else list.push(resource);
    }
    return true;
  }

  /** One Bundle a patient; a resource about nobody in the export is in none of them. */
  *bundles(): Generator<{ readonly patientId: string; readonly bundle: Json }> {
    for (const [patientId, patient] of this.patients) {
      const resources = [patient, ...(this.about.get(patientId) ?? []), ...this.shared];
      const entry = resources.map((resource) => ({ resource }));
      yield { patientId, bundle: { resourceType: 'Bundle', type: 'collection', entry } };
    }
  }
}

function patientReference({ subject, patient }: Json): string | undefined {
  const link = isObject(subject) ? subject.reference : isObject(patient) ? patient.reference : undefined;
  return typeof link === 'string' ? /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,128})$/.exec(link)?.[1] : undefined;
}
