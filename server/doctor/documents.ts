/** What an EHR says of itself, its SMART configuration and its CapabilityStatement: asked at its address, or read from a folder of saved documents. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { z } from 'zod';
import { isLoopback } from '../../launch/tenants.ts';

const TIMEOUT_MS = 10_000;
const LONGEST = 20 * 1024 * 1024;

/** Names under which each document may lie in a folder. */
const FILES = {
  discovery: ['smart-configuration.json', '.well-known/smart-configuration', 'smart-configuration'],
  capability: ['metadata.json', 'capability.json', 'metadata'],
} as const;

/** The members of a SMART configuration (SMART App Launch 2.2, conformance) that are judged. */
const Discovery = z.looseObject({
  issuer: z.string().optional(),
  jwks_uri: z.string().optional(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string().optional(),
  introspection_endpoint: z.string().optional(),
  capabilities: z.array(z.string()).default([]),
  scopes_supported: z.array(z.string()).default([]),
  code_challenge_methods_supported: z.array(z.string()).default([]),
  token_endpoint_auth_methods_supported: z.array(z.string()).default([]),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).default([]),
});

const Interactions = z.array(z.looseObject({ code: z.string() })).default([]);
const Capability = z.looseObject({
  resourceType: z.literal('CapabilityStatement'),
  fhirVersion: z.string().optional(),
  rest: z
    .array(
      z.looseObject({
        mode: z.string().optional(),
        interaction: Interactions,
        resource: z
          .array(
            z.looseObject({
              type: z.string(),
              interaction: Interactions,
              conditionalCreate: z.boolean().optional(),
              searchParam: z.array(z.looseObject({ name: z.string() })).default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

export type DiscoveryDocument = z.infer<typeof Discovery>;
export type Capability = z.infer<typeof Capability>;

/** A document, or why there is none. */
export type Said<T> = { readonly state: 'read'; readonly body: T } | { readonly state: 'absent'; readonly why: string };

/** All that can be judged. What was not asked, because the documents were saved, is absent. */
export interface Documents {
  /** The FHIR base, or the folder. */
  readonly from: string;
  readonly live: boolean;
  readonly discovery: Said<DiscoveryDocument>;
  readonly capability: Said<Capability>;
  readonly tls?: { readonly protocol: string; readonly validTo: string } | { readonly failed: string };
  /** The EHR's clock minus ours, in seconds. */
  readonly skewSeconds?: number;
}

/** The documents in `folder`. */
export async function savedDocuments(folder: string): Promise<Documents> {
  const read = async <S extends z.ZodType>(names: readonly string[], schema: S): Promise<Said<z.infer<S>>> => {
    const file = names.map((name) => join(folder, name)).find(existsSync);
    return file ? understood(await readFile(file, 'utf8'), schema) : { state: 'absent', why: `no ${names[0]}` };
  };
  return {
    from: folder,
    live: false,
    discovery: await read(FILES.discovery, Discovery),
    capability: await read(FILES.capability, Capability),
  };
}

/** The documents at the FHIR base `iss`, with its TLS and its clock. Redirects are not followed. `now` in milliseconds. */
export async function liveDocuments(iss: string, now: () => number): Promise<Documents> {
  const base = iss.replace(/\/$/, '');
  const url = new URL(base);
  const [discovery, capability, tls] = await Promise.all([
    ask(`${base}/.well-known/smart-configuration`, Discovery, now),
    ask(`${base}/metadata`, Capability, now),
    url.protocol === 'https:' ? handshake(url) : undefined,
  ]);
  const skewSeconds = capability.skewSeconds ?? discovery.skewSeconds;
  return {
    from: iss,
    live: true,
    discovery: discovery.said,
    capability: capability.said,
    ...(tls && { tls }),
    ...(skewSeconds !== undefined && { skewSeconds }),
  };
}

/** Whether an address may be asked: https, or this machine. */
export function isAskable(iss: string): boolean {
  const url = URL.parse(iss);
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
}

async function ask<S extends z.ZodType>(
  url: string,
  schema: S,
  now: () => number,
): Promise<{ said: Said<z.infer<S>>; skewSeconds?: number }> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/fhir+json, application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    const clock = Number.isNaN(date) ? {} : { skewSeconds: Math.round((date - now()) / 1000) };
    if (!response.ok) {
      await response.body?.cancel();
      return { said: { state: 'absent', why: `answered ${response.status}` }, ...clock };
    }
    return { said: understood(await response.text(), schema), ...clock };
  } catch (error) {
    return { said: { state: 'absent', why: reason(error) } };
  }
}

/** A TLS connection by the same rules as the server's own egress: 1.2 at least, a certificate that holds. */
function handshake(url: URL): Promise<NonNullable<Documents['tls']>> {
  return new Promise((settle) => {
    const socket = connect({
      host: url.hostname,
      port: Number(url.port || 443),
      servername: url.hostname,
      minVersion: 'TLSv1.2',
      timeout: TIMEOUT_MS,
    });
    socket.once('secureConnect', () => {
      settle({ protocol: socket.getProtocol() ?? 'unknown', validTo: socket.getPeerCertificate().valid_to });
      socket.end();
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', (error) => settle({ failed: reason(error) }));
  });
}

function understood<S extends z.ZodType>(text: string, schema: S): Said<z.infer<S>> {
  if (text.length > LONGEST) return { state: 'absent', why: 'larger than 20 MB' };
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return { state: 'read', body: parsed.data };
    const [issue] = parsed.error.issues;
    return { state: 'absent', why: `not as specified: ${issue?.path.join('.') || 'the document'}` };
  } catch {
    return { state: 'absent', why: 'not JSON' };
  }
}

/** A system's own short code where there is one: a message might hold an address. */
function reason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  }
  return 'could not be reached';
}
