/** A server that is running takes another tenants file without a restart, and a clinician’s visit goes on or ends as it should (V12, V14, L11). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Preview, WriteOutcome } from '../../../launch/api.ts';
import { createAudit } from '../../../server/audit.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { openStore } from '../../../server/store/open.ts';
import { CARD } from '../../security/whole.ts';
import { appKeysOf, type ServerProcess, startServer } from './process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
}, 60_000);
afterAll(() => server.close());

const SECOND = () => ({ ...server.practice, id: 'second', name: 'Second EHR', iss: 'http://127.0.0.1:9/fhir' });
const readyz = async () => (await fetch(`${server.origin}/readyz`)).json();
const changeTo = (...tenants: object[]) => server.reload('tenants-changed', () => server.write(tenants));
beforeEach(async () => {
  const whole = [server.practice, SECOND()];
  await changeTo(...whole.map((tenant) => ({ ...tenant, timeZone: 'Europe/Berlin' })));
  await changeTo(...whole);
});

describe('A running server', () => {
  it('answers for a tenant that was added, on SIGHUP', async () => {
    await changeTo(server.practice);
    expect(await (await fetch(`${server.origin}/standalone`)).text()).not.toContain('Second EHR');
    await changeTo(server.practice, SECOND());
    expect(await (await fetch(`${server.origin}/standalone`)).text()).toContain('Second EHR');
  });

  it('sees a changed file by itself within seconds', async () => {
    await server.said('tenants-changed', () => server.write([server.practice]));
    expect(await (await fetch(`${server.origin}/standalone`)).text()).not.toContain('Second EHR');
  });

  it('says of a SIGHUP that changed nothing that it changed nothing', () => server.reload('tenants-same', () => {}));

  it('keeps the tenants that it has when the file cannot be used, and says so without a word of it', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    const wrong = [{ ...server.practice, clientId: '', name: 'ZZCANARY' }];
    await server.reload('tenants-refused:invalid', () => server.write(wrong));
    expect(await readyz()).toEqual({ ready: true, degraded: ['tenants-invalid'] });
    expect(await (await browser.inLaunch(launchId, '/fhir/Patient/alba')).json()).toMatchObject({ id: 'alba' });
    expect(await server.browser().launch('bruno')).toMatch(/./);
    expect(server.log()).not.toContain('ZZCANARY');
    await changeTo(server.practice);
    expect(await readyz()).toEqual({ ready: true });
  });

  it('keeps the patient of a launch that is signing in meanwhile', async () => {
    const browser = server.browser();
    const callback = await browser.signIn('bruno');
    await changeTo({ ...server.practice, name: 'Practice EHR, renamed' }, SECOND());
    const launchId = await browser.arrive(callback);
    const context = (await (await browser.inLaunch(launchId, '/context')).json()) as object;
    expect(context).toMatchObject({ patientId: 'bruno', tenant: { name: 'Practice EHR, renamed' } });
    expect(await (await browser.inLaunch(launchId, '/fhir/Patient/bruno')).json()).toMatchObject({ id: 'bruno' });
  });

  it('takes no answer to a sign-in that began at another address (L11)', async () => {
    const browser = server.browser();
    const callback = await browser.signIn('bruno');
    const asked = server.ehr.requests.length;
    await changeTo({ ...server.practice, pinnedHosts: ['127.0.0.1:10'] }, SECOND());
    expect((await browser.get(callback)).status).toBe(400);
    expect(server.ehr.requests.slice(asked).filter(({ path }) => path.endsWith('/token'))).toEqual([]);
  });

  it('lets a read that is under way finish, though the tenant’s line has changed meanwhile', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    server.ehr.setLatency(700);
    const reading = browser.inLaunch(launchId, '/fhir/Patient/alba');
    await changeTo({ ...server.practice, name: 'Practice EHR, renamed' }, SECOND());
    server.ehr.setLatency(0);
    expect(await (await reading).json()).toMatchObject({ id: 'alba' });
  });

  it('goes on with a visit under the settings of the moment: who may frame it, from the next request', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    await changeTo({ ...server.practice, frameAncestors: ['http://127.0.0.1:7777'] }, SECOND());
    const page = await browser.get(`/l/${launchId}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain('frame-ancestors http://127.0.0.1:7777;');
  });
});

describe('A tenant that is taken out of the file', () => {
  it('has no launches any more: theirs show that they have ended, their tokens are given back, no new one begins', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    const link = server.ehr.createLaunch({ patientId: 'alba' }).launchUrl.slice(server.origin.length);
    const revoked = () => server.ehr.requests.filter(({ path }) => path.endsWith('/revoke')).length;
    const before = revoked();
    await changeTo(SECOND());

    const page = await browser.get(`/l/${launchId}/`);
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('session has ended');
    const read = await browser.inLaunch(launchId, '/fhir/Patient/alba');
    expect([read.status, await read.json()]).toEqual([401, expect.objectContaining({ code: 'session-expired' })]);
    expect((await browser.get(link)).status).toBe(403);
    await expect.poll(revoked).toBeGreaterThan(before);
  });

  it('has none either that was just signing in: what its token would have read is not asked for', async () => {
    const browser = server.browser();
    const callback = await browser.signIn('alba');
    const asked = server.ehr.requests.length;
    const since = () => server.ehr.requests.slice(asked).map(({ path }) => path);
    server.ehr.setLatency(1_500);
    const arriving = browser.arrive(callback);
    await expect.poll(since).toContain('/auth/token');
    await changeTo(SECOND());
    server.ehr.setLatency(0);
    const launchId = await arriving;
    const read = await browser.inLaunch(launchId, '/fhir/Patient/alba');
    expect([read.status, await read.json()]).toEqual([401, expect.objectContaining({ code: 'session-expired' })]);
    expect(since().filter((path) => path.startsWith('/fhir/') && !path.includes('.well-known'))).toEqual([]);
  });

  it('is the same as one whose FHIR address changed', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    await changeTo({ ...server.practice, iss: 'http://127.0.0.1:11/fhir' }, SECOND());
    const asked = server.ehr.requests.length;
    expect((await browser.inLaunch(launchId, '/fhir/Patient/alba')).status).toBe(401);
    expect(server.ehr.requests.slice(asked).filter(({ path }) => path.startsWith('/fhir'))).toEqual([]);
  });
});

describe('Write-back that is switched off', () => {
  it('takes no approval from then on, and what is in doubt is still looked for', async () => {
    const browser = server.browser();
    const launchId = await browser.launch('alba');
    const previewed = async (id: string) =>
      (await (
        await browser.inLaunch(launchId, '/write-back/preview', { recommendation: { ...CARD, id } })
      ).json()) as Preview;
    const approve = async ({ approvalId, hash }: Preview) =>
      browser.inLaunch(launchId, '/write-back/approve', { approvalId, hash });
    const [doubtful, later] = [await previewed('metformin-egfr/1'), await previewed('metformin-egfr/2')];
    // The answer is lost after the EHR has committed.
    server.ehr.setFault({ match: { method: 'POST', path: /DocumentReference/ }, kind: 'drop-after-commit' });
    server.ehr.setFault({ match: { method: 'GET', path: /DocumentReference/ }, kind: 'error' });
    const sent = (await (await approve(doubtful)).json()) as WriteOutcome;
    server.ehr.clearFaults();

    await changeTo({ ...server.practice, writeBack: { enabled: false } }, SECOND());
    const refused = await approve(later);
    expect([refused.status, await refused.json()]).toEqual([403, expect.objectContaining({ code: 'write-back-off' })]);
    const [outcome] = (await (await browser.inLaunch(launchId, '/write-back/reconcile', {})).json()) as WriteOutcome[];
    expect([sent.state, outcome?.state]).toEqual(['unknown', 'confirmed']);
  }, 30_000);
});

describe('The app’s own keys', () => {
  it('V12: are added, switched and removed while clinicians sign in', async () => {
    const shown = async () =>
      ((await (await fetch(`${server.origin}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }).keys;
    const { file, keys } = appKeysOf(server);
    const made = await generateKeyPair('ES384', { extractable: true });
    const newer = { ...(await exportJWK(made.privateKey)), alg: 'ES384' };
    const rest = keys.filter(({ alg }) => alg !== 'ES384');
    const before = await shown();
    for (const step of [
      [...keys, newer],
      [newer, ...keys],
      [newer, ...rest],
    ]) {
      await server.reload('tenants-changed', () => writeFileSync(file, JSON.stringify({ keys: step })));
      expect(await server.browser().launch('alba')).toMatch(/./);
    }
    const after = await shown();
    expect(after).toHaveLength(before.length);
    expect(after.map(({ kid }) => kid)).not.toEqual(before.map(({ kid }) => kid));
  });
});

describe('What the record says of it', () => {
  it('V11: each change by its digest, each refusal by its code, the end of a visit whose EHR is gone; no secret, no name', async () => {
    const launchId = await server.browser().launch('alba');
    expect(launchId).toMatch(/./);
    await server.reload('tenants-refused:insecure', () => server.write([]));
    await changeTo(SECOND());
    await server.stop();
    const dataDir = join(server.folder, 'data');
    const keys = openKeyRing(join(dataDir, 'keys.json'));
    const { store } = await openStore({ dataDir, keys });
    const events = (await store.recorded(0, 10_000)).map(({ event }) => JSON.parse(event) as Record<string, string>);
    expect(await createAudit({ store, keys }).verify()).toMatchObject({ whole: true });
    await store.close();
    const changes = events.filter(({ type, reason }) => type === 'configured' && reason === 'tenants');
    expect(changes.length).toBeGreaterThan(5);
    for (const change of changes) expect(change.payloadHash).toMatch(/^[0-9a-f]{64}$/);
    const last = events.slice(events.findLastIndex(({ type }) => type === 'launched'));
    expect(last.map(({ type, reason }) => `${type} ${reason ?? ''}`)).toEqual(
      expect.arrayContaining(['refused tenants-insecure', 'configured tenants', 'ended unregistered']),
    );
    expect(JSON.stringify(changes)).not.toMatch(/Practice|Second|127\.0\.0\.1/);
  });
});
