/** The registry in force, as everyone may hold it: what is asked of it is answered by the one that holds at that moment. */
import { isDeepStrictEqual } from 'node:util';
import type { AppKeys } from '../../launch/keys.ts';
import type { Secret } from '../../launch/record.ts';
import { grantorOf, indexed, type Tenant, type Tenants } from '../../launch/tenants.ts';
import type { Registry } from './registry.ts';

/** A registry that can be replaced while the server runs. */
export interface LiveRegistry {
  readonly tenants: Tenants;
  readonly keys: AppKeys;
  /** @throws when the tenant uses none */
  readonly secretOf: (tenant: Tenant) => Secret;
  inForce(): Registry;
  /** From now on this one holds. A tenant that did not change stays the object it was, and with it all that is kept by it. */
  put(next: Registry): void;
}

export function liveRegistry(first: Registry): LiveRegistry {
  let current = first;
  const secrets = new WeakMap<Tenant, Secret>(first.secrets);
  /** As each was last, by grantor: an EHR is told that a grant is given back even after it has left the registry. */
  const met = new Map<string, Tenant>();

  const put = (next: Registry): void => {
    for (const tenant of current.tenants.all) met.set(grantorOf(tenant), tenant);
    const tenants = next.tenants.all.map((tenant) => {
      const before = current.tenants.byId(tenant.id);
      const kept = before && isDeepStrictEqual(before, tenant) ? before : tenant;
      const secret = next.secrets.get(tenant);
      if (secret) secrets.set(kept, secret);
      return kept;
    });
    current = { ...next, tenants: indexed(tenants) };
  };

  return {
    tenants: {
      get all() {
        return current.tenants.all;
      },
      byId: (id) => current.tenants.byId(id),
      byIssuer: (iss) => current.tenants.byIssuer(iss),
      byCaller: (iss) => current.tenants.byCaller(iss),
      byGrant: (granted) => current.tenants.byGrant(granted),
      onceByGrant: (granted) => current.tenants.byGrant(granted) ?? met.get(granted.grantor),
    },
    keys: {
      signing: (alg) => current.keys.signing(alg),
      get jwks() {
        return current.keys.jwks;
      },
    },
    secretOf: (tenant) => {
      const secret = secrets.get(tenant);
      if (!secret) throw new Error('no client secret for this tenant');
      return secret;
    },
    inForce: () => current,
    put,
  };
}
