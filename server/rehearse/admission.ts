/** Whether a launch is the one that a rehearsal was meant for: a clinician's, about the test patient that IT named. Nothing is guessed. */
import type { Launched } from '../launched.ts';

/** The test patient, as IT named it twice: by id, and as the chart has to call it. */
export interface NamedPatient {
  readonly id: string;
  readonly family: string;
  /** `YYYY-MM-DD`; not compared unless given. */
  readonly birthDate?: string;
}

const ATTEMPTS = 3;
const PAUSE_MS = 1_000;
const LIMIT_MS = 10_000;

/** Why nothing is written within this launch, in words without anything of the chart; `undefined` where it may be. */
export async function objectionTo(
  launched: Launched,
  named: NamedPatient,
  sleep: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
): Promise<string | undefined> {
  const { context, writeBack } = launched;
  if (!writeBack) return 'write-back is switched off for this tenant';
  if (!context.user.mayApprove) return 'it was no clinician’s launch (Practitioner or PractitionerRole)';
  if (context.patientId !== named.id) return 'it was about another patient than the named one';
  const patient = await readPatient(launched, sleep);
  if (patient === undefined) return 'the EHR did not show the Patient, so that nobody knows whose chart it is';
  if (patient.resourceType !== 'Patient' || patient.id !== named.id) return 'the EHR showed another resource';
  if (!isCalled(patient.name, named.family)) return 'the Patient of this id has another family name';
  if (named.birthDate !== undefined && patient.birthDate !== named.birthDate)
    return 'the Patient of this id has another birth date';
  return undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** An EHR that is busy is asked again; any other answer is the answer. */
async function readPatient(launched: Launched, sleep: (ms: number) => Promise<void>): Promise<Json | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await sleep(PAUSE_MS);
    try {
      const path = `Patient/${launched.context.patientId}`;
      const response = await launched.fhir({ method: 'GET', path, signal: AbortSignal.timeout(LIMIT_MS) });
      if (response.status === 429 || response.status === 503) {
        await response.body?.cancel();
        continue;
      }
      const body: unknown = response.status === 200 ? await response.json() : undefined;
      return typeof body === 'object' && body !== null ? (body as Json) : undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function isCalled(names: unknown, family: string): boolean {
  return (
    Array.isArray(names) &&
    names.some((name: unknown) => {
      const held = typeof name === 'object' && name !== null && 'family' in name ? name.family : undefined;
      return typeof held === 'string' && plain(held) === plain(family);
    })
  );
}

function plain(name: string): string {
  return name.normalize('NFC').trim().toLocaleLowerCase('en');
}
