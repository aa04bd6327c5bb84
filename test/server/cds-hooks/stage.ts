/** An EHR that calls our hooks: its keys, its FHIR answers, and charts from the synthetic patients as prefetch. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Bundle, FhirResource, Patient } from 'fhir/r4';
import type { Hono } from 'hono';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { readTenants } from '../../../launch/tenants.ts';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { AuditEntry } from '../../../server/audit.ts';
import type { Knowledge } from '../../../server/cds-hooks/judge.ts';
import { type CdsHooksDeps, createCdsHooks } from '../../../server/cds-hooks/routes.ts';
import { loadLibrary } from '../../../server/library.ts';
import { createNodeRuntime } from '../../../server/ort.ts';
import { type Kept, memoryKept } from '../../../server/store/kept.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';

export const ORIGIN = 'https://attune.example.org';
export const ISS = 'https://ehr.example.org/r4';
export const JWKS = 'https://ehr.example.org/keys';
export const NOW = Date.parse('2026-11-20T09:00:00Z');

/** Seals what the cards send along. */
export const ring = keyRing(newKeyRing());

let known: Promise<Knowledge> | undefined;
/** The library of this repository, read once. */
export function knowledge(): Promise<Knowledge> {
  known ??= loadLibrary({ dir: 'models' }).then(async ({ library, files, drugTable }) => ({
    library,
    drugs: decodeDrugTable(drugTable),
    runtime: await createNodeRuntime({ load: async (url) => files.get(url)?.bytes ?? Promise.reject(new Error(url)) }),
  }));
  return known;
}

const pair = generateKeyPair('ES384', { extractable: true });
const stranger = generateKeyPair('ES384', { extractable: true });

/** Claims and header of a JWT that is in order, with what a test changes. */
export interface Token {
  readonly service?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly by?: 'ehr' | 'stranger';
  readonly at?: number;
}

export async function jwt({
  service = 'attune-order-select',
  claims = {},
  header = {},
  by = 'ehr',
  at = NOW,
}: Token = {}) {
  const { privateKey } = await (by === 'ehr' ? pair : stranger);
  const seconds = Math.floor(at / 1000);
  const payload = {
    iss: ISS,
    aud: `${ORIGIN}/cds-services/${service}`,
    iat: seconds,
    exp: seconds + 300,
    jti: randomUUID(),
    ...claims,
  };
  const kept = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'k1', ...header }).sign(privateKey);
}

export interface Stage {
  readonly routes: Hono;
  readonly recorded: Omit<AuditEntry, 'at'>[];
  /** Every URL that was asked, with its Authorization. */
  readonly asked: { readonly url: string; readonly authorization: string | null }[];
  /** FHIR answers by URL. */
  readonly answers: Map<string, unknown>;
  pass(ms: number): void;
  /** The next so many events cannot be recorded. */
  recordFails(times: number): void;
  /** Posts to a service; the status and the body. */
  call(
    service: string,
    body: unknown,
    token?: Token | string,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
}

type StageOptions = { cards?: Kept } & Partial<Pick<CdsHooksDeps, 'deadlineMs' | 'origins' | 'observe'>>;

/** `cards`: where another server's cards are kept too. */
export async function openStage({ cards, ...options }: StageOptions = {}): Promise<Stage> {
  let now = NOW;
  let failing = 0;
  const recorded: Stage['recorded'] = [];
  const asked: { url: string; authorization: string | null }[] = [];
  const publicKey = await exportJWK((await pair).publicKey);
  const answers = new Map<string, unknown>([[JWKS, { keys: [{ ...publicKey, kid: 'k1', alg: 'ES384', use: 'sig' }] }]]);
  const line = {
    name: 'X',
    clientId: 'c',
    auth: { method: 'none' },
    frameAncestors: [],
    writeBack: { enabled: false },
  };
  const tenants = readTenants({
    tenants: [
      { ...line, id: 'x', iss: ISS, cdsHooks: { jwks: [JWKS] } },
      { ...line, id: 'silent', iss: 'https://silent.example.org/r4' },
    ],
  });
  const routes = createCdsHooks({
    origin: ORIGIN,
    tenants,
    knowledge: await knowledge(),
    now: () => now,
    ...options,
    keys: ring,
    cards: cards ?? memoryKept(() => now),
    audit: {
      record: async (entry) => {
        if (failing > 0) {
          failing -= 1;
          throw new Error('the disk is full');
        }
        recorded.push(entry);
        return { seq: recorded.length, event: '', hash: '' };
      },
    } as Parameters<typeof createCdsHooks>[0]['audit'],
    fetchFor: () => async (url, init) => {
      asked.push({ url, authorization: new Headers(init?.headers).get('authorization') });
      const answer = answers.get(url);
      if (answer === 'hang') return new Promise(() => undefined);
      return answer === undefined ? new Response('{}', { status: 404 }) : Response.json(answer);
    },
  }) as unknown as Hono;
  return {
    routes,
    recorded,
    asked,
    answers,
    pass: (ms) => {
      now += ms;
    },
    recordFails: (times) => {
      failing = times;
    },
    call: async (service, body, token = {}) => {
      const bearer = typeof token === 'string' ? token : await jwt({ service, at: now, ...token });
      const response = await routes.request(`/${service}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
  };
}

/** A synthetic patient's chart as an EHR would prefetch it. */
export function prefetchOf(name: string): { patientId: string; prefetch: Record<string, unknown> } {
  const bundle = JSON.parse(readFileSync(`fixtures/patients/${name}/bundle.json`, 'utf8')) as Bundle;
  const resources = (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource as FhirResource] : []));
  const patient = resources.find((resource): resource is Patient => resource.resourceType === 'Patient');
  const of = (wanted: (resource: FhirResource) => boolean) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.filter(wanted).map((resource) => ({ resource })),
  });
  const observed = (category: string) => (resource: FhirResource) =>
    resource.resourceType === 'Observation' &&
    (resource.category ?? []).some(({ coding }) => coding?.some(({ code }) => code === category));
  return {
    patientId: patient?.id ?? '',
    prefetch: {
      patient,
      conditions: of(({ resourceType }) => resourceType === 'Condition'),
      laboratory: of(observed('laboratory')),
      'vital-signs': of(observed('vital-signs')),
      allergies: of(({ resourceType }) => resourceType === 'AllergyIntolerance'),
      medications: of(({ resourceType }) => /^Medication(Request)?$/.test(resourceType)),
    },
  };
}

/** A call of a hook about a synthetic patient; `drafts` are names of medicines. */
export function hookCall(
  hook: string,
  name: string,
  drafts: readonly string[] = [],
  more: Record<string, unknown> = {},
) {
  const { patientId, prefetch } = prefetchOf(name);
  const orders = drafts.map((text, index) => draft(text, `d${index}`, patientId));
  return {
    hook,
    hookInstance: randomUUID(),
    context: {
      userId: 'Practitioner/okafor',
      patientId,
      ...(hook !== 'patient-view' && {
        draftOrders: { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) },
      }),
      ...(hook === 'order-select' && { selections: orders.map(({ id }) => `MedicationRequest/${id}`) }),
    },
    prefetch,
    ...more,
  };
}

export function draft(text: string, id: string, patientId: string) {
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'draft',
    intent: 'order',
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: { text },
  };
}

/** The cards of an answer. */
export function cardsOf({ body }: { body: Record<string, unknown> }) {
  return (body.cards ?? []) as {
    uuid: string;
    summary: string;
    detail?: string;
    indicator: string;
    links?: { url: string; appContext: string }[];
    overrideReasons?: { code: string }[];
  }[];
}
