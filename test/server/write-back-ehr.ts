/** A small EHR that commits notes and fails on cue, and launches into it. Deterministic: what it does is what the test said. */
import type { Bundle, DocumentReference } from 'fhir/r4';
import type { AcceptedRecommendation } from '../../launch/api.ts';
import { grants } from '../../launch/scopes.ts';
import type { Launched } from '../../server/launched.ts';

export const BASE = 'https://ehr.example/fhir';

/** What goes wrong with one create. */
export type Fault =
  | 'none'
  | 'drop-before'
  | 'drop-after'
  | '500-before'
  | '500-after'
  | 'hang-before'
  | 'hang-after'
  | 'no-location'
  | 'foreign-location'
  | 'altered'
  | 'refused'
  | 'delivered-twice';

/** A dropped connection. */
export class Dropped extends Error {}

export class Ehr {
  readonly notes: DocumentReference[] = [];
  /** Bodies of every create that arrived, in order. */
  readonly arrived: { body: string; ifNoneExist: string | null }[] = [];
  readonly searches: string[] = [];
  /** Faults of the next creates; empty: none. */
  faults: Fault[] = [];
  readsFail = false;
  conditionalCreate = false;
  keepsIdentifier = true;
  offersCreate = true;
  base = BASE;
  /** Called when a create arrives, before anything is committed. */
  onCreate: () => void | Promise<void> = () => {};

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace('/fhir/', '');
    if (path === 'metadata') return Response.json(this.#statement());
    if (request.method === 'POST') return this.#create(request);
    if (this.readsFail) throw new Dropped();
    const id = path.match(/^DocumentReference\/([^/]+)$/)?.[1];
    if (id) {
      const note = this.notes.find((each) => each.id === id);
      return note ? Response.json(note) : Response.json({ resourceType: 'OperationOutcome' }, { status: 404 });
    }
    this.searches.push(url.search);
    return Response.json(this.#search(url.searchParams));
  }

  async #create(request: Request): Promise<Response> {
    const body = await request.text();
    const ifNoneExist = request.headers.get('If-None-Exist');
    this.arrived.push({ body, ifNoneExist });
    await this.onCreate();
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'drop-before') throw new Dropped();
    if (fault === 'hang-before') return new Promise(() => {});
    if (fault === '500-before') return new Response('busy', { status: 503 });
    if (fault === 'refused') return Response.json({ resourceType: 'OperationOutcome' }, { status: 403 });
    const note = this.#commit(body, ifNoneExist, fault);
    if (fault === 'delivered-twice') this.#commit(body, ifNoneExist, fault);
    if (fault === 'drop-after' || fault === 'delivered-twice') throw new Dropped();
    if (fault === 'hang-after') return new Promise(() => {});
    if (fault === '500-after') return new Response('failed', { status: 500 });
    const host = fault === 'foreign-location' ? 'https://elsewhere.example/fhir' : this.base;
    const location = { Location: `${host}/DocumentReference/${note.id}/_history/1` };
    return new Response(null, { status: 201, headers: fault === 'no-location' ? {} : location });
  }

  #commit(body: string, ifNoneExist: string | null, fault: Fault): DocumentReference {
    const sent = JSON.parse(body) as DocumentReference;
    const identifier = sent.identifier?.[0];
    if (this.conditionalCreate && ifNoneExist === `identifier=${identifier?.system}|${identifier?.value}`) {
      const there = this.notes.find((note) => note.identifier?.[0]?.value === identifier?.value);
      if (there) return there;
    }
    const { identifier: kept, ...rest } = sent;
    const note: DocumentReference = {
      ...rest,
      ...(this.keepsIdentifier && kept ? { identifier: kept } : {}),
      ...(fault === 'altered' ? { status: 'superseded' as const, docStatus: 'preliminary' as const } : {}),
      id: `n${this.notes.length + 1}`,
      meta: { ...sent.meta, versionId: '1' },
    };
    this.notes.push(note);
    return note;
  }

  #search(parameters: URLSearchParams): Bundle {
    const from = Date.parse(parameters.get('date')?.replace('ge', '') ?? '1970-01-01');
    const found = this.notes.filter((note) => {
      const identifier = note.identifier?.[0];
      const wanted = parameters.get('identifier');
      return (
        note.subject?.reference === `Patient/${parameters.get('patient')}` &&
        (wanted === null || wanted === `${identifier?.system}|${identifier?.value}`) &&
        Date.parse(note.date ?? '') >= from
      );
    });
    return { resourceType: 'Bundle', type: 'searchset', entry: found.map((resource) => ({ resource })) };
  }

  #statement() {
    const code = this.offersCreate ? ['create', 'read'] : ['read'];
    const resource = {
      type: 'DocumentReference',
      interaction: code.map((each) => ({ code: each })),
      conditionalCreate: this.conditionalCreate,
    };
    return { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource: [resource] }] };
  }
}

export interface LaunchOptions {
  readonly launchId?: string;
  readonly patientId?: string;
  readonly userId?: string;
  readonly mayApprove?: boolean;
  readonly writeBack?: boolean;
  readonly scope?: readonly string[];
  readonly now?: Date;
  readonly base?: string;
  /** How requests travel; `fetch` (which msw answers) unless given. */
  readonly transport?: (request: Request) => Promise<Response>;
}

export const NOW = new Date('2026-11-22T09:16:05Z');

/** A launch of one clinician about one patient. */
export function launchOf(options: LaunchOptions = {}): Launched {
  const {
    launchId = 'launch-1',
    patientId = 'p1',
    userId = 'user-1',
    mayApprove = true,
    writeBack = true,
    scope = ['patient/DocumentReference.crs'],
    now = NOW,
    base = BASE,
    transport = fetch,
  } = options;
  return {
    context: {
      launchId,
      tenant: { id: 'practice', name: 'Practice EHR' },
      patientId,
      encounterId: 'e1',
      user: { fhirUser: `${base}/Practitioner/${userId}`, display: 'Dr Ada Example', mayApprove },
      scope,
      needPatientBanner: true,
      launchedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + 3_600_000).toISOString(),
      features: [],
      library: { version: '2026.11', digest: 'sha256-0123456789abcdef', url: '/library' },
      practice: true,
    },
    tenantId: 'practice',
    fhirBase: base,
    sessionId: `session-${launchId}`,
    userId,
    writeBack,
    timeZone: 'Europe/Vienna',
    grants: (resourceType, interaction) => grants(scope, { resourceType, interaction }),
    fhir: ({ method, path, headers, body, signal }) =>
      transport(
        new Request(path.startsWith(base) ? path : `${base}/${path}`, {
          method,
          ...(headers ? { headers } : {}),
          ...(body === undefined ? {} : { body }),
          ...(signal ? { signal } : {}),
        }),
      ),
  };
}

/** The metformin card, accepted. */
export const metformin: AcceptedRecommendation = {
  id: 'metformin-egfr/1f3a',
  indicator: 'critical',
  summary: 'Stop metformin: eGFR 24 is below 30',
  detail: 'Metformin is contraindicated below 30 mL/min/1.73 m².',
  action: 'Stop metformin and plan glucose control without it.',
  inputs: [
    { label: 'eGFR', value: '24 mL/min/{1.73_m2}', effective: '2026-11-20T08:00:00Z', source: 'Observation/cr1' },
    { label: 'Sex', value: 'female', effective: null, note: 'a sex has no date' },
  ],
  missing: ['HbA1c: none on file since 2025-01-03'],
  limitation: 'Does not know of an acute kidney injury.',
  citations: ['Metformin label, Contraindications'],
  from: [{ id: 'metformin-egfr', version: '1.0.0', title: 'Metformin and eGFR' }],
  libraryVersion: '2026.11',
  libraryDigest: 'sha256-0123456789abcdef',
  comment: 'Told the patient, Zzcanary Testpatient.',
};
