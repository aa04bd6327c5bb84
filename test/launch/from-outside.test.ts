/** C6, W1, W2: what a token response says of cards and frames is somebody else's word, and counts only as far as the site agreed. */
import { describe, expect, it, vi } from 'vitest';
import { type ContextParts, launchContext } from '../../launch/context.ts';
import { scopesToRequest } from '../../launch/scopes.ts';
import { readTenants, type Tenant } from '../../launch/tenants.ts';

const line = {
  id: 'x',
  name: 'X',
  iss: 'https://ehr.example.org/r4',
  clientId: 'c',
  auth: { method: 'none' },
  frameAncestors: [],
  writeBack: { enabled: true },
};
const FRAME = 'https://ehr.example.org';

function tenantOf(more: object = {}): Tenant {
  const tenant = readTenants({ tenants: [{ ...line, ...more }] }).all[0];
  if (!tenant) throw new Error('no tenant');
  return tenant;
}
function contextOf(launch: object, more: Partial<ContextParts> = {}) {
  return launchContext({
    launchId: 'launch-1',
    tenant: tenantOf({ webMessaging: { origins: [FRAME] } }),
    launch: { patient: 'p1', ...launch },
    claims: { fhirUser: 'Practitioner/7', name: 'Dr. Test' },
    scope: ['launch', 'messaging/scratchpad', 'messaging/ui'],
    needed: [],
    library: { version: '1', digest: 'sha256:0', url: '/library' },
    launchedAt: new Date(0),
    expiresAt: new Date(1),
    ...more,
  });
}
const offered = { smart_web_messaging_handle: 'h', smart_web_messaging_origin: FRAME };

describe('W1, W2: the EHR’s frame may be spoken to', () => {
  it('with handle, an origin that the site named, and the scope: the browser gets all three, and nothing else', () => {
    expect(contextOf(offered).webMessaging).toEqual({ handle: 'h', origin: FRAME, ui: true });
    expect(contextOf(offered, { scope: ['messaging/scratchpad'] }).webMessaging?.ui).toBe(false);
  });

  it.each([
    ['no handle', { smart_web_messaging_origin: FRAME }, {}],
    ['an empty handle', { ...offered, smart_web_messaging_handle: '' }, {}],
    ['a handle that is no text', { ...offered, smart_web_messaging_handle: { toString: 'h' } }, {}],
    ['no origin', { smart_web_messaging_handle: 'h' }, {}],
    ['any origin', { ...offered, smart_web_messaging_origin: '*' }, {}],
    ['an origin that the site did not name', { ...offered, smart_web_messaging_origin: 'https://evil.example' }, {}],
    ['the right origin with a path', { ...offered, smart_web_messaging_origin: `${FRAME}/` }, {}],
    ['no scope', offered, { scope: ['launch'] }],
    ['the scope of the user interface alone', offered, { scope: ['messaging/ui'] }],
    ['a site that wants none of it', offered, { tenant: tenantOf() }],
  ])('not with %s', (_name, launch, more) => {
    expect(contextOf(launch, more).webMessaging).toBeUndefined();
  });

  it.each([
    '*',
    'https://*.example.org',
    'https://ehr.example.org/',
    'http://ehr.example.org',
    'ehr.example.org',
    'null',
  ])('a registry that names %j as an origin does not start (V14)', (origin) => {
    expect(() => tenantOf({ webMessaging: { origins: [origin] } })).toThrow(/webMessaging/);
  });

  it('is asked for only where the site named an origin and write-back is on', () => {
    const ask = (writes: boolean, messaging: boolean) =>
      scopesToRequest({ rung: 'v2', reads: [], writes, messaging, standalone: false }).filter((scope) =>
        scope.startsWith('messaging/'),
      );
    expect(ask(true, true)).toEqual(['messaging/scratchpad', 'messaging/ui']);
    expect([...ask(true, false), ...ask(false, true)]).toEqual([]);
  });
});

describe('C6: the card that opened the app', () => {
  const card = { hook: 'patient-view', recommendation: { id: 'a', from: ['a'] } };

  it('is what this server reads out of its own appContext, for this tenant and the patient of the token response', () => {
    const openCard = vi.fn(() => card);
    expect(contextOf({ appContext: '{"card":"1"}' }, { openCard }).card).toEqual(card);
    expect(openCard).toHaveBeenCalledWith('{"card":"1"}', { tenantId: 'x', patientId: 'p1' });
  });

  it.each([
    ['longer than 4 KB', 'x'.repeat(4097)],
    ['no text', { card: '1' }],
    ['absent', undefined],
  ])('is not even looked at when it is %s', (_name, appContext) => {
    const openCard = vi.fn(() => card);
    expect(contextOf({ appContext }, { openCard }).card).toBeUndefined();
    expect(openCard).not.toHaveBeenCalled();
  });

  it('is nothing where no cards are sent, or it was not one of ours', () => {
    expect(contextOf({ appContext: '{"card":"1"}' })).not.toHaveProperty('card');
    expect(contextOf({ appContext: '{"card":"1"}' }, { openCard: () => undefined })).not.toHaveProperty('card');
  });
});

describe('C6: why the app is opened', () => {
  it.each([
    ['reconcile-medications', 'reconcile-medications'],
    ['order-review', 'order-review'],
    ['drop-table', undefined],
    [['order-review'], undefined],
  ])('%j becomes %j', (intent, known) => {
    expect(contextOf({ intent }).intent).toBe(known);
  });
});
