/** A watcher that counts: what it hears at each seam becomes a number, and goes on unchanged. */
import type { TenantFetch } from '../../launch/discovery.ts';
import { LAUNCH_ERRORS } from '../../launch/errors.ts';
import { EgressRefused } from '../egress.ts';
import type { LogLine } from '../log.ts';
import type { HookSeen, Watch } from '../watch.ts';
import { type Meters, meterOutbox } from './meters.ts';

const SIGN_IN = new Set(['/launch', '/callback', '/standalone']);
const TURNED_AWAY = new Set(['too-many-requests', 'too-large', 'url-too-long', 'overloaded']);

/** `now` in milliseconds since the epoch. */
export function counting(meters: Meters, now: () => number): Omit<Watch, 'close'> {
  return {
    log: (log) => (line) => {
      heard(meters, line);
      log(line);
    },
    store: (store) => {
      meterOutbox(meters, () => store.census(), { now });
      return {
        ...store,
        approve: async (row, event) => {
          const approved = await store.approve(row, event);
          if (approved.inserted) meters.transitions.inc({ state: 'approved' });
          return approved;
        },
        move: async (change, event) => {
          const moved = await store.move(change, event);
          if (moved && !change.from.includes(moved.state)) meters.transitions.inc({ state: moved.state });
          return moved;
        },
      };
    },
    fetchFor: (fetchFor) => (tenant) => timed(fetchFor(tenant), tenant.id, meters),
    visit: (type) => meters.launches.inc({ step: type === 'launched' ? 'completed' : 'ended' }),
    hook: (seen) => hooked(meters, seen),
  };
}

/** A request is counted from its own line of the log, so that the two can never disagree. */
function heard(meters: Meters, { event, level, route, method, status, ms, errCode }: Omit<LogLine, 'ts'>): void {
  if (event === 'csp-violation') meters.policyViolations.inc();
  if (level === 'error' && route === undefined) meters.failures.inc();
  if (event !== 'request' || route === undefined || method === undefined || status === undefined) return;
  meters.requests.observe({ method, route, status: classOf(status) }, (ms ?? 0) / 1000);
  if (errCode !== undefined && TURNED_AWAY.has(errCode)) meters.turnedAway.inc({ code: errCode });
  if (!SIGN_IN.has(route)) return;
  if (errCode !== undefined) meters.launchFailures.inc({ code: launchCode(errCode) });
  else if (status === 303 && route !== '/callback') meters.launches.inc({ step: 'begun' });
}

/** Behind the colon stands what the EHR called it, which is not ours to count by. */
function launchCode(errCode: string): string {
  const [code = ''] = errCode.split(':', 1);
  return Object.hasOwn(LAUNCH_ERRORS, code) ? code : 'other';
}

function timed(fetch: TenantFetch, tenant: string, { ehr, ehrOutcomes }: Meters): TenantFetch {
  return async (url, init) => {
    const done = ehr.startTimer({ tenant });
    try {
      const response = await fetch(url, init);
      ehrOutcomes.inc({ tenant, outcome: classOf(response.status) });
      return response;
    } catch (error) {
      ehrOutcomes.inc({ tenant, outcome: whyNot(error) });
      throw error;
    } finally {
      done();
    }
  };
}

/** Why a request had no answer, in a word of ours. */
function whyNot(error: unknown): string {
  const causes = causesOf(error);
  if (causes.some((one) => one instanceof EgressRefused)) return 'refused-here';
  const words = causes.flatMap((one) => [one.name, 'code' in one ? String(one.code) : '']);
  if (words.some((word) => /Timeout|TIMEOUT|ETIMEDOUT/.test(word))) return 'timeout';
  if (words.includes('AbortError')) return 'given-up';
  if (words.some((word) => /CERT|TLS|SSL/.test(word))) return 'tls';
  return 'unreachable';
}

function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

function hooked({ hookAnswers, hookCards, hookFeedback }: Meters, seen: HookSeen): void {
  if (seen.is === 'feedback') {
    hookFeedback.inc({ outcome: seen.outcome, indicator: seen.indicator ?? 'unknown' });
    return;
  }
  const { hook, outcome, indicators, ms } = seen;
  hookAnswers.observe({ hook, outcome }, ms / 1000);
  for (const indicator of indicators) hookCards.inc({ hook, indicator });
}

function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}
