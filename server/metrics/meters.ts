/**
 * What is counted, by name. Labels come from short lists of our own: route templates, states, codes, a tenant's id; never
 * a path, a patient, a user, or a word from a request (V16, I-3).
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds: our own answers from a millisecond up, the EHR's to the limit of 30 s. */
const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** The meters of one server, with Node's own (memory, event loop lag, garbage collection) beside them. */
export function createMeters() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    info: new Gauge({
      name: 'attune_info',
      help: 'Always 1: the code and the library in force.',
      labelNames: ['version', 'library_version', 'library_digest'],
      registers,
    }),
    requests: new Histogram({
      name: 'attune_http_request_duration_seconds',
      help: 'Requests answered, by route template and class of status.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    turnedAway: new Counter({
      name: 'attune_requests_turned_away_total',
      help: 'Requests refused as too many, too large or too long, and those shed.',
      labelNames: ['code'],
      registers,
    }),
    launches: new Counter({
      name: 'attune_launches_total',
      help: 'Launches begun, completed and ended.',
      labelNames: ['step'],
      registers,
    }),
    launchFailures: new Counter({
      name: 'attune_launch_failures_total',
      help: 'Sign-ins that ended on an error page, by its code.',
      labelNames: ['code'],
      registers,
    }),
    ehr: new Histogram({
      name: 'attune_ehr_request_duration_seconds',
      help: 'From the request to the head of the answer, by tenant; failures included.',
      labelNames: ['tenant'],
      buckets: SECONDS,
      registers,
    }),
    ehrOutcomes: new Counter({
      name: 'attune_ehr_requests_total',
      help: 'Requests to EHRs: class of status, or why there was no answer.',
      labelNames: ['tenant', 'outcome'],
      registers,
    }),
    transitions: new Counter({
      name: 'attune_write_back_transitions_total',
      help: 'Approved writes that came into a state.',
      labelNames: ['state'],
      registers,
    }),
    hookAnswers: new Histogram({
      name: 'attune_cds_hooks_duration_seconds',
      help: 'CDS Hooks calls answered with cards or without, by what became of them.',
      labelNames: ['hook', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    hookCards: new Counter({
      name: 'attune_cds_hooks_cards_total',
      help: 'Cards sent.',
      labelNames: ['hook', 'indicator'],
      registers,
    }),
    hookFeedback: new Counter({
      name: 'attune_cds_hooks_feedback_total',
      help: 'Cards answered; the indicator is unknown where the card is no longer remembered.',
      labelNames: ['outcome', 'indicator'],
      registers,
    }),
    failures: new Counter({
      name: 'attune_failures_total',
      help: 'Errors of the server itself, behind an answer or beside one: an exception, a task that could not run.',
      registers,
    }),
    policyViolations: new Counter({
      name: 'attune_csp_violations_total',
      help: 'Reports of browsers that the page broke its content security policy.',
      registers,
    }),
  };
}

export type Meters = ReturnType<typeof createMeters>;

type Counted = readonly { readonly state: string; readonly rows: number; readonly oldest: string }[];

/** Prometheus gives a scrape ten seconds by default; a store that hangs may not take the other figures along. */
const CENSUS_MS = 2_000;

/** Counted at each scrape. A store that does not answer leaves no rows here, which is not the same as none. */
export function meterOutbox(
  { registry }: Meters,
  census: () => Promise<Counted>,
  { now, censusMs = CENSUS_MS }: { readonly now: () => number; readonly censusMs?: number },
): void {
  const registers = [registry];
  const labelNames = ['state'] as const;
  const late = () => new Promise<undefined>((tell) => setTimeout(tell, censusMs, undefined).unref());
  const counted = shared(() => Promise.race([census(), late()]).catch(() => undefined));
  new Gauge({
    name: 'attune_outbox_rows',
    help: 'Approved writes whose contents are held, by state; settled ones leave after a day.',
    labelNames,
    registers,
    async collect() {
      const states = await counted();
      this.reset();
      if (states) for (const state of STATES) this.set({ state }, 0);
      for (const { state, rows } of states ?? []) this.set({ state }, rows);
    },
  });
  new Gauge({
    name: 'attune_outbox_oldest_seconds',
    help: 'Since when the oldest row of a state was approved.',
    labelNames,
    registers,
    async collect() {
      const states = await counted();
      this.reset();
      for (const { state, oldest } of states ?? []) this.set({ state }, (now() - Date.parse(oldest)) / 1000);
    },
  });
}

const STATES = ['approved', 'sending', 'confirmed', 'rejected', 'unknown', 'expired'];

/** Whoever asks while an answer is on its way gets the same one: both gauges of a scrape tell of one moment. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
