/** What a request to an EHR was for, told by its address and form alone: no query, no id and no content is kept of it. */
import type { EgressKind } from '../../launch/egress.ts';

/** A request as it leaves. */
export interface Leaving {
  /** The tenant's FHIR base. */
  readonly iss: string;
  readonly url: string;
  readonly method: string;
  readonly body?: unknown;
}

/** Kind, and the FHIR resource type where it is about one. */
export interface Purpose {
  readonly kind: EgressKind;
  readonly resourceType?: string;
}

/** Names of resource types; anything else in that place is somebody's address and is not kept. */
const TYPE = /^[A-Z][A-Za-z]{2,39}$/;

export function purposeOf({ iss, url, method, body }: Leaving): Purpose {
  const base = `${iss.replace(/\/$/, '')}/`;
  const [address = ''] = url.split(/[?#]/, 1);
  if (address.includes('/.well-known/')) return { kind: 'discovery' };
  const form = method === 'POST' ? String(body ?? '') : '';
  if (/(^|&)grant_type=/.test(form)) return { kind: 'token' };
  if (/(^|&)token=/.test(form)) return { kind: 'revocation' };
  if (!`${address}/`.startsWith(base)) return { kind: method === 'GET' ? 'signing-keys' : 'other' };
  return interaction(address.slice(base.length).split('/'), method);
}

/** An interaction of FHIR's RESTful API. */
function interaction([type = '', second]: readonly string[], method: string): Purpose {
  if (type === 'metadata') return { kind: 'capabilities' };
  if (type === '') return { kind: method === 'POST' ? 'write' : 'search' };
  if (!TYPE.test(type)) return { kind: 'other' };
  if (method !== 'GET' && second !== '_search') return { kind: 'write', resourceType: type };
  return { kind: second === undefined || second === '_search' ? 'search' : 'read', resourceType: type };
}
