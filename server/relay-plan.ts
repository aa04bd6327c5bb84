/** What the browser may read, and the request that the EHR gets for it: types and parameters by allow-list, the patient put in by us. */
import type { Launched } from './launched.ts';

/** An upstream request, bound to the launch's patient. */
export interface Plan {
  readonly resourceType: string;
  /** `capabilities`: what the server offers, about nobody. */
  readonly interaction: 'r' | 's' | 'capabilities';
  /** Whether what comes back has to be about the launch's patient. */
  readonly compartment: boolean;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** A read that is not made: no request reaches the EHR. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 400 | 403 | 404;
  /** FHIR `IssueType`. */
  readonly code: 'forbidden' | 'not-found' | 'not-supported';
  /** Our own word, where the browser has to tell our refusal from the EHR's. */
  readonly own: 'not-granted' | undefined;
  constructor(status: Refused['status'], code: Refused['code'], message: string, own?: 'not-granted') {
    super(message);
    this.own = own;
    this.status = status;
    this.code = code;
  }
}

/** Types about one patient: searched with our `patient`, read only where the subject is this patient. */
const COMPARTMENT = new Set([
  'AllergyIntolerance',
  'CarePlan',
  'Condition',
  'Consent',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'Immunization',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'ServiceRequest',
]);
/** Types about nobody in particular: read one by one, by reference, never searched. */
const SHARED = new Set(['Location', 'Medication', 'Organization', 'Practitioner', 'PractitionerRole']);
const PARAMETERS = new Set(
  '_count _elements _id _include _lastUpdated _sort _summary _total authoredon category class clinical-status code date effective-time intent onset-date period recorded-date status type verification-status'.split(
    ' ',
  ),
);
const INCLUDES = new Set(
  ['MedicationRequest', 'MedicationStatement', 'MedicationAdministration', 'MedicationDispense'].map(
    (type) => `${type}:medication`,
  ),
);

const CAPABILITIES: Plan = {
  resourceType: 'CapabilityStatement',
  interaction: 'capabilities',
  compartment: false,
  method: 'GET',
  path: 'metadata',
};

/** Whether a type is relayed at all. */
export function isRelayed(resourceType: string): boolean {
  return resourceType === 'Patient' || COMPARTMENT.has(resourceType) || SHARED.has(resourceType);
}

/**
 * The upstream request for `Observation?category=laboratory`, `Patient/<id>`, `metadata` and their like, relative to the FHIR base.
 * Throws `Refused`; says nothing about what exists in the EHR.
 */
export function planRead(launched: Launched, asked: { readonly target: string; readonly form?: string }): Plan {
  if (asked.target === 'metadata' && asked.form === undefined) return CAPABILITIES;
  const [path = '', query = ''] = asked.target.split('?', 2);
  const [resourceType = '', id, ...rest] = path.split('/');
  const search = id === undefined || (id === '_search' && asked.form !== undefined);
  const known = resourceType === 'Patient' || COMPARTMENT.has(resourceType) || (SHARED.has(resourceType) && !search);
  if (!known || rest.length > 0 || (asked.form !== undefined && id !== '_search'))
    throw new Refused(404, 'not-supported', 'This resource is not relayed.');
  if (search)
    return planSearch(launched, resourceType, new URLSearchParams(asked.form ?? query), asked.form !== undefined);
  if (!/^[A-Za-z0-9.-]{1,128}$/.test(id) || /^\.+$/.test(id) || query !== '')
    throw new Refused(404, 'not-found', 'No such resource.');
  // Another patient's record looks exactly like one that does not exist (I-4).
  if (resourceType === 'Patient' && id !== launched.context.patientId)
    throw new Refused(404, 'not-found', 'No such resource.');
  assertGranted(launched, resourceType, 'r');
  const compartment = COMPARTMENT.has(resourceType);
  return { resourceType, interaction: 'r', compartment, method: 'GET', path: `${resourceType}/${id}` };
}

function planSearch(launched: Launched, resourceType: string, asked: URLSearchParams, post: boolean): Plan {
  if (resourceType === 'Patient') throw new Refused(404, 'not-supported', 'Patients are not searched for.');
  const { patientId } = launched.context;
  const sent = new URLSearchParams({ patient: patientId });
  for (const [name, value] of asked) {
    if (name === 'patient' || name === 'subject') {
      if (value !== patientId && value !== `Patient/${patientId}`)
        throw new Refused(403, 'forbidden', 'This launch is for one patient.');
    } else if (!PARAMETERS.has(name) || (name === '_include' && !INCLUDES.has(value)))
      throw new Refused(400, 'not-supported', 'A search parameter is not relayed.');
    else sent.append(name, value);
  }
  assertGranted(launched, resourceType, 's');
  const common = { resourceType, interaction: 's', compartment: true } as const;
  return post
    ? { ...common, method: 'POST', path: `${resourceType}/_search`, body: sent.toString() }
    : { ...common, method: 'GET', path: `${resourceType}?${sent.toString().replaceAll('%2C', ',')}` };
}

/** S3: what was not granted is refused here, without asking the EHR. */
function assertGranted(launched: Launched, resourceType: string, interaction: 'r' | 's'): void {
  if (!launched.grants(resourceType, interaction))
    throw new Refused(403, 'forbidden', `Not granted: patient/${resourceType}.${interaction}`, 'not-granted');
}

/** Under what a prefetched answer waits: the same for the same question, whatever the order of its parameters. */
export function keyOf(plan: Plan): string {
  const [path, query = ''] = plan.path.split('?', 2);
  const parameters = new URLSearchParams(plan.body ?? query);
  parameters.sort();
  return `${plan.method} ${path}?${parameters}`;
}
