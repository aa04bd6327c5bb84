/** From files to a registry that may be used: signatures, schema, security, release, secrets, keys. All of it, or none (V14). */
import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { type AppKeys, importAppKeys } from '../../launch/keys.ts';
import { Secret } from '../../launch/record.ts';
import {
  INSECURE,
  indexed,
  isLoopback,
  type SecretReference,
  type Tenant,
  type Tenants,
  TenantsFile,
} from '../../launch/tenants.ts';
import type { CodeMap } from '../../models/engine/facts/code-map.ts';
import { parseCodeMap, withCodeMaps } from '../code-map.ts';
import { Refused } from './refused.ts';
import { digestOf, SIGNATURES_SUFFIX, type Signer, signersOf } from './signatures.ts';
import { codeMapsIn, type Place, type Snapshot } from './snapshot.ts';

/** Which release of the tenants file it is. `version` is absent where nobody counts. */
export interface Release {
  readonly version?: number;
  /** SHA-256 (hex) of the file and its code maps, as signed. */
  readonly digest: string;
}

/** A registry in force: tenants with their secrets, the app's keys, and which release it is. */
export interface Registry extends Release {
  readonly tenants: Tenants;
  readonly secrets: ReadonlyMap<Tenant, Secret>;
  readonly keys: AppKeys;
  readonly signedBy: readonly Signer[];
  /** By their text: the next reading does not parse again what it knows. */
  readonly codeMaps: ReadonlyMap<string, CodeMap>;
}

/** What the configuration asks of it. */
export interface Rules {
  /** Our own origin. */
  readonly origin: URL;
  /** Public keys of those who may sign; none: signatures are not asked for. */
  readonly signers: readonly KeyObject[];
  /** How many different ones of them must have. */
  readonly signatures: number;
}

/** Judges a snapshot. `last` is the release that was in force before, or the whole registry. @throws Refused */
export async function readRegistry(
  snapshot: Snapshot,
  {
    place,
    rules,
    last,
  }: {
    readonly place: Place;
    readonly rules: Rules;
    readonly last?: (Release & Partial<Pick<Registry, 'codeMaps'>>) | undefined;
  },
): Promise<Registry> {
  const written = snapshot.json(place.tenants);
  const codeMaps = new Map(codeMapsIn(written).map((name) => [name, snapshot.bytes(place.at(name))]));
  const digest = digestOf({ tenants: snapshot.bytes(place.tenants), codeMaps });
  const signedBy = checkSigned(snapshot, { place, rules, digest });
  const parsed = new Map<string, CodeMap>();
  const { tenants, version } = await checkWritten(
    written,
    (name) => snapshot.text(place.at(name)),
    (json) => {
      const codeMap = last?.codeMaps?.get(json) ?? parseCodeMap(json);
      parsed.set(json, codeMap);
      return codeMap;
    },
  );
  refuseInsecure(rules.origin, tenants);
  const release = { digest, ...(version !== undefined && { version }) };
  refuseEarlier(release, { last, counted: rules.signers.length > 0 });
  return {
    ...release,
    signedBy,
    tenants: indexed(tenants),
    secrets: secretsOf(tenants, { place, snapshot }),
    keys: await keysIn(snapshot, place),
    codeMaps: parsed,
  };
}

/** The tenants of a registry as written, checked together. @throws Refused `invalid` or `insecure`, with every complaint */
export async function checkWritten(
  written: unknown,
  read: (codeMap: string) => string,
  parse?: (json: string) => CodeMap,
): Promise<z.infer<typeof TenantsFile>> {
  const whole = await withCodeMaps(written, async (name) => read(name), parse).catch((cause: Error) => {
    throw cause instanceof Refused ? cause : new Refused('invalid', cause.message, { cause });
  });
  const parsed = TenantsFile.safeParse(whole);
  if (parsed.success) return parsed.data;
  const insecure = parsed.error.issues.some((issue) => issue.code === 'custom' && issue.params === INSECURE);
  throw new Refused(insecure ? 'insecure' : 'invalid', `tenants: ${parsed.error.message}`);
}

/** Plain http is for a server and EHRs that are all on this machine. @throws Refused */
export function refuseInsecure(origin: URL, tenants: readonly Tenant[]): void {
  if (origin.protocol === 'https:') return;
  if (!isLoopback(origin)) throw new Refused('insecure', 'config: origin must be https');
  const remote = tenants.find((tenant) => !tenant.allowHttpLoopback);
  if (remote)
    throw new Refused(
      'insecure',
      `config: an http origin is for EHRs on this machine only, and ${remote.id} is not one`,
    );
}

/**
 * A release is never replaced by an earlier one. Where signatures are asked for (`counted`), every release has a number
 * and no two share one: else an old file, whose signatures still hold, could be put back. @throws Refused
 */
export function refuseEarlier(
  next: Release,
  { last, counted }: { readonly last?: Release | undefined; readonly counted: boolean },
): void {
  if (counted && next.version === undefined) throw new Refused('not-newer', 'tenants: a signed file needs a version');
  if (!last || next.digest === last.digest) return;
  const [version, before] = [next.version ?? 0, last.version ?? 0];
  if (version < before || (counted && version === before))
    throw new Refused('not-newer', `tenants: version ${version} after version ${before}; give it a higher one`);
}

function checkSigned(
  snapshot: Snapshot,
  { place, rules, digest }: { readonly place: Place; readonly rules: Rules; readonly digest: string },
): readonly Signer[] {
  if (rules.signers.length === 0) return [];
  const file = `${place.tenants}${SIGNATURES_SUFFIX}`;
  const signedBy = signersOf(signaturesText(snapshot, file), digest, rules.signers);
  if (signedBy.length < rules.signatures)
    throw new Refused(
      'unsigned',
      `tenants: ${file} holds ${signedBy.length} of the ${rules.signatures} signatures that the configuration asks for`,
    );
  return signedBy;
}

function signaturesText(snapshot: Snapshot, file: string): string {
  try {
    return snapshot.text(file);
  } catch (cause) {
    throw new Refused('unsigned', `tenants: there is no ${file}`, { cause });
  }
}

function secretsOf(
  tenants: readonly Tenant[],
  { place, snapshot }: { readonly place: Place; readonly snapshot: Snapshot },
): ReadonlyMap<Tenant, Secret> {
  const secretAt = (reference: z.infer<typeof SecretReference>): string => {
    if ('file' in reference) return snapshot.text(place.at(reference.file)).trim();
    return place.env[reference.env] ?? '';
  };
  return new Map(
    tenants.flatMap((tenant) => {
      if (tenant.auth.method !== 'client_secret_basic') return [];
      const { secret: reference } = tenant.auth;
      const secret = secretAt(reference);
      const where = 'env' in reference ? `the environment has no ${reference.env}` : `${reference.file} is empty`;
      if (secret === '') throw new Refused('secret', `config: ${where}`);
      return [[tenant, new Secret(secret)] as const];
    }),
  );
}

async function keysIn(snapshot: Snapshot, place: Place): Promise<AppKeys> {
  try {
    return await importAppKeys(snapshot.json(place.appKeys));
  } catch (cause) {
    // The cause may quote a key.
    throw new Refused('app-keys', `config: the keys in ${place.appKeys} cannot be used`, { cause });
  }
}
