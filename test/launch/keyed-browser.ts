/** A browser that keeps no cookie: it has a key instead, and signs with the page's own code. */
import { createProver, type Prover } from '../../client/proof/prover.ts';
import { type Hospital, ORIGIN } from '../server/hospital.ts';

type Chart = Parameters<Hospital['ehr']['createLaunch']>[0];

/** A launch as its page has it: the address, and the handle in the page's memory. */
export interface Opened {
  readonly launchId: string;
  readonly handle: string;
}

/** What a request to a launch is sent with instead of what belongs to it. */
export interface Instead {
  readonly handle?: string;
  readonly proof?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KeyedBrowser {
  readonly prove: Prover;
  /** A navigation in the EHR's frame. */
  go(path: string): Promise<Response>;
  /** Binds the key to the sign-in that `/launch/key?…` asks for; returns the EHR's authorize address. */
  bind(path: string): Promise<string>;
  /** `/launch`, the key, and the EHR's authorize; returns the callback's path and query, not yet visited. */
  signIn(chart: Chart): Promise<string>;
  /** The callback; returns the id of the launch that waits for its proof. */
  comeBack(callback: string): Promise<string>;
  /** What the page does there. */
  redeem(launchId: string): Promise<Response>;
  launch(chart: Chart): Promise<Opened>;
  /** A request from the page of a launch. */
  ask(opened: Opened, path: string, init?: RequestInit, instead?: Instead): Promise<Response>;
}

export async function keyedBrowser(hospital: Pick<Hospital, 'app' | 'ehr'>, now = Date.now): Promise<KeyedBrowser> {
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const prove = await createProver(key, now);
  const go: KeyedBrowser['go'] = (path) =>
    Promise.resolve(
      hospital.app.request(ORIGIN + path, {
        headers: { accept: 'text/html', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' },
      }),
    );
  const post = async (path: string) =>
    hospital.app.request(ORIGIN + path, {
      method: 'POST',
      headers: { DPoP: await prove({ method: 'POST', url: ORIGIN + path }), 'sec-fetch-site': 'same-origin' },
    });

  const bind: KeyedBrowser['bind'] = async (path) => (await (await post(path)).json()).authorize;
  const signIn: KeyedBrowser['signIn'] = async (chart) => {
    const sentOn = await go(hospital.ehr.createLaunch(chart).launchUrl.slice(ORIGIN.length));
    const answer = await hospital.ehr.fetch(new Request(await bind(sentOn.headers.get('location') ?? '')));
    return (answer.headers.get('location') ?? '').slice(ORIGIN.length);
  };
  const comeBack: KeyedBrowser['comeBack'] = async (callback) => {
    const landed = await go(callback);
    const launchId = /^\/l\/([\w-]+)\/$/.exec(landed.headers.get('location') ?? '')?.[1];
    if (launchId === undefined) throw new Error(`no launch: ${landed.status} ${await landed.text()}`);
    return launchId;
  };
  const redeem: KeyedBrowser['redeem'] = async (launchId) => post(`/l/${launchId}/redeem`);
  return {
    prove,
    go,
    bind,
    signIn,
    comeBack,
    redeem,
    launch: async (chart) => {
      const launchId = await comeBack(await signIn(chart));
      const redeemed = await redeem(launchId);
      if (redeemed.status !== 200) throw new Error(`no handle: ${redeemed.status} ${await redeemed.text()}`);
      return { launchId, handle: (await redeemed.json()).handle };
    },
    ask: async (opened, path, init = {}, { handle = opened.handle, proof, headers } = {}) => {
      const { method = 'GET' } = init;
      const url = `${ORIGIN}/l/${opened.launchId}${path}`;
      return hospital.app.request(url, {
        ...init,
        headers: {
          accept: 'application/json',
          'x-launch': opened.launchId,
          'sec-fetch-site': 'same-origin',
          ...(method !== 'GET' && { origin: ORIGIN, 'content-type': 'application/json' }),
          authorization: `DPoP ${handle}`,
          DPoP: proof ?? (await prove({ method, url, handle })),
          ...headers,
        },
      });
    },
  };
}
