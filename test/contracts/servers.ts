/** What several servers over one store must be to a clinician: one (T3, T5, M1, M3, V17). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LaunchRecord, Secret } from '../../launch/record.ts';
import { createSessions } from '../../server/sessions.ts';
import type { Kept } from '../../server/store/kept.ts';
import { type AwkwardEhr, awkwardTenant, launchId, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, ORIGIN, openHospital, type TestBrowser } from '../server/hospital.ts';

/** `open` gives another server's way to the same store, until `reset`. */
export interface ServersUnderTest {
  readonly servers: number;
  open(now: () => number): Kept | Promise<Kept>;
  reset(): Promise<void>;
}

export function serversContract(name: string, under: ServersUnderTest): void {
  describe(`${under.servers} servers over one ${name}`, () => {
    let ehr: AwkwardEhr;
    let servers: Hospital[];
    let browsers: TestBrowser[];
    const server = () => openHospital({ tenant: awkwardTenant(ehr.iss), kept: under.open });
    beforeAll(async () => {
      ehr = await openAwkwardEhr();
    });
    afterAll(async () => {
      await Promise.all(servers.map((each) => each.close()));
      await ehr.close();
    });
    beforeEach(async () => {
      await Promise.all((servers ?? []).map((each) => each.close()));
      await under.reset();
      ehr.reset();
      servers = await Promise.all(Array.from({ length: under.servers }, server));
      browsers = servers.map((each) => each.browser());
      ehr.seen.length = 0;
    });
    const [first, second, last] = [() => at(0), () => at(1), () => at(-1)];
    function at(index: number): TestBrowser {
      const found = browsers.at(index);
      if (!found) throw new Error('no such server');
      return found;
    }
    /** One browser, whose requests a balancer sends wherever it likes. */
    const share = (from: TestBrowser) => {
      for (const browser of browsers)
        if (browser !== from) for (const [cookie, value] of from.cookies) browser.cookies.set(cookie, value);
    };
    const times = (line: string) => ehr.seen.filter((seen) => seen.line === line).length;
    const context = async (browser: TestBrowser, id: string) => (await browser.inLaunch(id, '/context')).status;

    it('a sign-in that begins at one ends at another, and every one of them serves the launch', async () => {
      const authorize = await first().request(`/launch?${new URLSearchParams({ iss: ehr.iss, launch: 'x' })}`);
      share(first());
      const asked = new URL(authorize.headers.get('location') ?? ORIGIN).searchParams;
      ehr.nonces.push(asked.get('nonce') ?? '');
      const back = `/callback?${new URLSearchParams({ code: 'c', state: asked.get('state') ?? '' })}`;
      const landed = await second().request(back);
      share(second());
      const id = landed.headers.get('location')?.split('/')[2] ?? '';
      for (const browser of browsers) expect(await context(browser, id)).toBe(200);
      expect((await last().request(back)).status).not.toBe(303);
    });

    it('a launch outlives the servers that opened it (V17)', async () => {
      const id = await launchId(first(), ehr);
      await Promise.all(servers.map((each) => each.close()));
      servers = [await server()];
      const [restarted] = servers;
      const browser = restarted?.browser();
      for (const [cookie, value] of first().cookies) browser?.cookies.set(cookie, value);
      expect(browser && (await context(browser, id))).toBe(200);
    });

    it('a token that has run out is refreshed by one of them, once, for reads that reach all at once (T3)', async () => {
      ehr.script.token = { ...ehr.script.token, refresh_token: 'refresh-1' };
      const id = await launchId(first(), ehr);
      share(first());
      ehr.seen.length = 0;
      ehr.script.token = { ...ehr.script.token, access_token: 'second-token', refresh_token: 'refresh-2' };
      ehr.script.fhir = (request) =>
        request.headers.get('authorization') === 'Bearer second-token'
          ? Response.json({ resourceType: 'Bundle', type: 'searchset' })
          : new Response(null, { status: 401 });
      const reads = browsers.flatMap((browser) =>
        [1, 2, 3, 4].map((code) => browser.inLaunch(id, `/fhir/Observation?code=${code}`)),
      );
      expect((await Promise.all(reads)).map(({ status }) => status)).toEqual(reads.map(() => 200));
      expect(times('POST /token')).toBe(1);
    });

    it('no refresh token is ever sent twice, however often all of them refresh (T3)', async () => {
      const used: (string | null)[] = [];
      ehr.script.token = { ...ehr.script.token, refresh_token: 'refresh-0' };
      const id = await launchId(first(), ehr);
      share(first());
      ehr.seen.length = 0;
      for (let round = 1; round <= 4; round += 1) {
        const good = `token-${round}`;
        ehr.script.token = { ...ehr.script.token, access_token: good, refresh_token: `refresh-${round}` };
        ehr.script.fhir = (request) =>
          request.headers.get('authorization') === `Bearer ${good}`
            ? Response.json({ resourceType: 'Bundle', type: 'searchset' })
            : new Response(null, { status: 401 });
        const reads = browsers.map((browser) => browser.inLaunch(id, `/fhir/Observation?code=${round}`));
        for (const { status } of await Promise.all(reads)) expect(status).toBe(200);
      }
      for (const { line, body } of ehr.seen)
        if (line === 'POST /token') used.push(new URLSearchParams(body).get('refresh_token'));
      expect(used).toEqual(['refresh-0', 'refresh-1', 'refresh-2', 'refresh-3']);
    });

    it('a launch that is ended at one has ended at all, and the EHR is told once (T5)', async () => {
      const id = await launchId(first(), ehr);
      share(first());
      expect((await second().inLaunch(id, '/logout', { method: 'POST' })).status).toBe(204);
      for (const browser of browsers) expect(await context(browser, id)).toBe(401);
      expect(times('POST /revoke')).toBe(1);
    });

    it('an idle launch is ended by one of them, though all look at once; use at one counts at all (T5)', async () => {
      const id = await launchId(first(), ehr);
      share(first());
      const pass = (ms: number) => servers.forEach((each) => void each.pass(ms));
      pass(10 * 60_000);
      expect(await context(second(), id)).toBe(200);
      pass(10 * 60_000);
      await Promise.all(servers.map(({ endIdle }) => endIdle()));
      expect(await context(last(), id)).toBe(200);
      pass(15 * 60_000 + 1);
      await Promise.all(servers.map(({ endIdle }) => endIdle()));
      expect(await context(first(), id)).toBe(401);
      expect(times('POST /revoke')).toBe(1);
    });

    it('charts that are opened at once, each at another, are all in the one session (M1)', async () => {
      const sessions = await Promise.all(
        browsers.map(async () =>
          createSessions({
            store: await under.open(Date.now),
            key: Buffer.alloc(32, 1),
            now: Date.now,
            lapsed: () => false,
          }),
        ),
      );
      const ids = sessions.map((_, index) => `launch-${index}`);
      const record = (launchId: string) =>
        ({
          tenantId: 'north',
          grantor: 'north-as-it-is',
          sub: 'user-1',
          tokens: { access: new Secret('token'), expiresAt: 1e15 },
          context: { launchId, launchedAt: new Date().toISOString(), expiresAt: '2999-01-01T00:00:00Z' },
        }) as unknown as LaunchRecord;
      const opened = await Promise.all(
        sessions.map((each, index) => each.open(record(ids[index] ?? ''), { browser: 'one browser' })),
      );
      for (const { sid } of opened)
        for (const id of ids) expect((await sessions[0]?.find(sid, id))?.state).toBe('active');
    });
  });
}
