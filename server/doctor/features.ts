/** Every feature of the app at an EHR: whether it works, with which scope, and why not. Read features are the app's own queries. */
import { firstRung, type ScopeRung, scopesToRequest } from '../../launch/scopes.ts';
import { firstRound, history, type Query } from '../../models/engine/facts/queries.ts';
import { LAUNCH_NEEDS } from './checks.ts';
import type { Check, Feature } from './diagnosis.ts';
import type { Capability, Documents } from './documents.ts';

/** Without these nothing is shown. */
const NEEDED: ReadonlySet<string> = new Set(['patient']);

/** The scopes that a launch would ask for, write-back included. */
export function scopesAsked(documents: Documents): readonly string[] {
  const reads = [...firstRound(), ...history()].map(({ resourceType, params: { category } }) => ({
    resourceType,
    ...(category !== undefined && { category }),
  }));
  return scopesToRequest({ rung: rungOf(documents), reads, writes: true, standalone: false });
}

/** The launch, then each query of the first round and of the second. */
export function featuresOf(documents: Documents, checks: readonly Check[]): readonly Feature[] {
  const scopes = scopesAsked(documents);
  return [
    launchFeature(checks),
    ...firstRound().map((query) => readFeature(query, { documents, scopes, behind: false })),
    ...history().map((query) => readFeature(query, { documents, scopes, behind: true })),
  ];
}

/** Blocked when the launch or the patient is; degraded when anything of the first round is. */
export function verdictOf(features: readonly Feature[]): Feature['status'] {
  const first = new Set(['launch', ...firstRound().map(({ id }) => id)]);
  const blocked = features.some(({ id, status }) => status === 'blocked' && (id === 'launch' || NEEDED.has(id)));
  if (blocked) return 'blocked';
  return features.some(({ id, status }) => status !== 'works' && first.has(id)) ? 'degraded' : 'works';
}

function rungOf({ discovery }: Documents): ScopeRung {
  return firstRung(discovery.state === 'read' ? discovery.body.capabilities : []);
}

function launchFeature(checks: readonly Check[]): Feature {
  const of = (status: Check['status']) => checks.filter((one) => LAUNCH_NEEDS.has(one.id) && one.status === status);
  const common = { id: 'launch', title: 'Launch from the chart', scope: 'launch openid fhirUser online_access' };
  const [failed] = of('failed');
  if (failed) return { ...common, status: 'blocked', why: failed.text };
  const doubtful = of('attention');
  return doubtful.length === 0
    ? { ...common, status: 'works', why: 'everything a launch needs is announced' }
    : { ...common, status: 'degraded', why: doubtful.map(({ text }) => text).join('; ') };
}

function readFeature(
  query: Query,
  { documents, scopes, behind }: { documents: Documents; scopes: readonly string[]; behind: boolean },
): Feature {
  const { capability } = documents;
  const common = { id: query.id, title: query.label, scope: scopeOf(query, scopes) };
  if (capability.state !== 'read')
    return { ...common, status: 'degraded', why: 'the EHR does not say what it offers; it is asked at launch' };
  const listed = serverOf(capability.body)?.resource ?? [];
  if (listed.length === 0)
    return { ...common, status: 'degraded', why: 'the CapabilityStatement names no types; each is asked at launch' };
  const found = listed.find(({ type }) => type === query.resourceType);
  const wanted = query.resourceType === 'Patient' ? 'read' : 'search-type';
  if (!found?.interaction.some(({ code }) => code === wanted)) {
    const consequence = behind
      ? 'said under data gaps, nothing else changes'
      : 'shown as not asked, and what needs it abstains';
    return { ...common, status: 'blocked', why: `${query.resourceType} ${wanted} is not offered: ${consequence}` };
  }
  const absent = missingParameters(
    query,
    found.searchParam.map(({ name }) => name),
  );
  return absent.length === 0
    ? { ...common, status: 'works', why: `${query.resourceType} ${wanted} is offered` }
    : {
        ...common,
        status: 'degraded',
        why: `search by ${absent.join(', ')} is not announced: asked more widely and filtered here`,
      };
}

/** The parameters that carry meaning; what only orders or counts is left out by a server that does not know it. */
function missingParameters({ resourceType, params }: Query, offered: readonly string[]): string[] {
  if (resourceType === 'Patient' || offered.length === 0) return [];
  const wanted = ['patient', ...Object.keys(params).filter((name) => !name.startsWith('_'))];
  const known = new Set(offered.includes('subject') ? [...offered, 'patient'] : offered);
  return wanted.filter((name) => !known.has(name));
}

function scopeOf({ resourceType, params: { category } }: Query, scopes: readonly string[]): string {
  const ours = scopes.filter((scope) => scope.startsWith(`patient/${resourceType}.`) && !/\.(c|write)$/.test(scope));
  const narrow = category === undefined ? [] : ours.filter((scope) => scope.endsWith(`|${category}`));
  const found = narrow.length > 0 ? narrow : ours;
  return found.join(' ');
}

/** The server part of a statement. */
export function serverOf({ rest }: Capability) {
  return rest.find(({ mode }) => mode === 'server') ?? rest[0];
}
