/**
 * What the relay costs: the same read straight from an EHR and through the server, side by side in one run, at fifty open
 * launches; what a 20 MB answer does to everyone else; what is left in memory of launches that came and went.
 *
 * `node test/bench/relay.ts [--minutes 10]` alone; `--minutes` is how long memory is watched.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Gauged } from './relay/gauge.ts';
import { type LoadStage, type OpenLaunch, openLoadStage, patientOf } from './relay/stage.ts';
import { median, type Row } from './table.ts';

const LAUNCHES = 50;
/** The reads of each launch, as a browser asks for them, and how many a second it asks for. */
const READS: readonly Read[] = [
  { what: 'a Patient', target: ({ patient }) => `Patient/${patient}`, perSecond: 2, seconds: 12 },
  { what: '100 Observations (65 kB)', target: () => laboratory('small'), perSecond: 2, seconds: 12 },
  { what: 'a page of 2 MB', target: () => laboratory('2mb'), perSecond: 0.05, seconds: 20 },
];
const LARGE = [
  { what: '20 MB with a further page', code: '20mb', status: 200 },
  { what: '20 MB with someone else’s entry', code: '20mb-of-two', status: 200 },
  { what: 'beyond 20 MB', code: '20mb-over', status: 502 },
  { what: '20 MB, ten million deep', code: '20mb-deep', status: 502 },
] as const;

interface Read {
  readonly what: string;
  readonly target: (launch: OpenLaunch) => string;
  readonly perSecond: number;
  readonly seconds: number;
}

type Way = 'direct' | 'relayed';
/** Milliseconds. */
type Times = Record<Way, number[]>;

const laboratory = (code: string) => `Observation?category=laboratory&_count=100&code=${code}`;

/** All rows. `minutes`: how long memory is watched. */
export async function relayRows({ minutes = 0.5 }: { readonly minutes?: number } = {}): Promise<Row[]> {
  return [...(await onStage(reads)), ...(await onStage((stage) => memory(stage, minutes)))];
}

/** Fresh processes for each: what large answers leave to the allocator would hide what launches leave. */
async function onStage(act: (stage: LoadStage) => Promise<Row[]>): Promise<Row[]> {
  const stage = await openLoadStage({ patients: LAUNCHES });
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

async function reads(stage: LoadStage): Promise<Row[]> {
  const launches: OpenLaunch[] = [];
  for (let index = 0; index < LAUNCHES; index += 1) launches.push(await stage.launch(patientOf(index)));
  const rows: Row[] = [];
  for (const read of READS) rows.push(added(`${read.what}, in turn`, await inTurn(launches, read)));
  for (const read of READS.slice(0, 2))
    rows.push(added(`${read.what}, all ${LAUNCHES} at one instant`, await atOnce(launches, read)));
  return [...rows, ...(await largeAnswers(stage, launches))];
}

/** Each launch reads whenever its clinician happens to, half of the time first from the one, half from the other. */
async function inTurn(launches: readonly OpenLaunch[], read: Read): Promise<Times> {
  const times: Times = { direct: [], relayed: [] };
  const warm = performance.now() + 2_000;
  const until = warm + read.seconds * 1_000;
  await Promise.all(
    launches.map(async (launch) => {
      for (;;) {
        await pause((-Math.log(Math.random()) * 1_000) / read.perSecond);
        if (performance.now() > until) return;
        for (const way of either()) {
          const { ms } = await answered(launch, way, read);
          if (performance.now() > warm) times[way].push(ms);
        }
      }
    }),
  );
  return times;
}

/** All launches at the same instant: the middle one waits for half of the others. */
async function atOnce(launches: readonly OpenLaunch[], read: Read): Promise<Times> {
  const times: Times = { direct: [], relayed: [] };
  for (let round = 0; round < 12; round += 1)
    for (const way of either()) {
      const answers = await Promise.all(launches.map((launch) => answered(launch, way, read)));
      if (round >= 2) times[way].push(...answers.map(({ ms }) => ms));
    }
  return times;
}

const either = (): readonly Way[] => (Math.random() < 0.5 ? ['relayed', 'direct'] : ['direct', 'relayed']);

async function answered(launch: OpenLaunch, way: Way, read: Read) {
  const answer = await launch[way](read.target(launch));
  if (answer.status !== 200) throw new Error(`${read.what}, ${way}: ${answer.status} ${answer.body.subarray(0, 200)}`);
  return answer;
}

function added(what: string, { direct, relayed }: Times): Row {
  const p95 = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;
  const beside = `${median(direct).toFixed(2)} → ${median(relayed).toFixed(2)}; p95 ${p95(direct).toFixed(1)} → ${p95(relayed).toFixed(1)}`;
  return {
    what: `relay, ${what}: added at the median (${beside})`,
    measured: median(relayed) - median(direct),
    budget: 3,
    unit: 'ms',
  };
}

/** The longest time for which the server answered nobody while one launch read this, beside a process that does nothing. */
async function largeAnswers(stage: LoadStage, [launch]: readonly OpenLaunch[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { what, code, status } of LARGE) {
    const gauged: Gauged[] = [];
    const idle: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([stage.gauge('stall-start'), stage.idle('stall-start')]);
      const answer = await launch?.relayed(laboratory(code));
      if (answer?.status !== status) throw new Error(`${what}: ${answer?.status}`);
      const [ours, none] = await Promise.all([stage.gauge('stall'), stage.idle('stall')]);
      gauged.push(ours);
      idle.push(none.stall);
    }
    rows.push({
      what: `event loop, ${what}: longest stall (idle process: ${most(idle)}; own work in it: ${most(gauged.map(({ work }) => work))})`,
      measured: Math.max(...gauged.map(({ stall }) => stall)),
      budget: 100,
      unit: 'ms',
    });
  }
  return rows;
}

const most = (values: readonly number[]) => Math.max(...values).toFixed(0);

interface Sample {
  readonly minute: number;
  readonly launches: number;
  readonly heapUsed: number;
  readonly rss: number;
}

/** Launches sign in, read and log out, fifty browsers at a time, each new; memory is looked at after garbage collection. */
async function memory(stage: LoadStage, minutes: number): Promise<Row[]> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 60_000;
  const samples: Sample[] = [];
  let launches = 0;
  const browsers = Array.from({ length: LAUNCHES }, async (_, index) => {
    while (elapsed() < minutes) {
      const launch = await stage.launch(patientOf(index));
      launches += 1;
      for (const read of READS.slice(0, 2)) {
        await pause(2_000 * Math.random());
        await answered(launch, 'relayed', read);
      }
      await pause(10_000 * Math.random());
      if ((await launch.logOut()) !== 204) throw new Error('could not log out');
    }
  });
  const watch = async () => {
    while (elapsed() < minutes) {
      await pause(Math.max(2_500, minutes * 2_000));
      const { heapUsed, rss } = await stage.gauge('memory');
      samples.push({ minute: elapsed(), launches, heapUsed, rss });
    }
  };
  await Promise.all([...browsers, watch()]);
  return (['heapUsed', 'rss'] as const).flatMap((of) => tide(samples, of));
}

/**
 * Whether the low-water mark rises. What was read of a visit is put on the record every five minutes, and its count kept
 * until then, so that a line through all samples would tell of that tide, not of the sea.
 */
function tide(samples: readonly Sample[], of: 'heapUsed' | 'rss'): Row[] {
  const half = samples.length / 2;
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length < 4) return [];
  const low = (some: readonly Sample[]) => Math.min(...some.map((sample) => sample[of])) / 2 ** 20;
  const [before, after] = [low(samples.slice(1, half)), low(samples.slice(half))];
  const marks = [before, after].map((megabytes) => megabytes.toFixed(1)).join(' → ');
  const minutes = last.minute - first.minute;
  return [
    {
      what: `${of === 'rss' ? 'resident memory' : 'heap'}, lowest of each half (${marks} MB) of ${minutes.toFixed(1)} min, ${last.launches - first.launches} launches`,
      measured: after - before,
      budget: 10,
      unit: 'MB more',
    },
  ];
}

if (import.meta.main) {
  const { parseArgs } = await import('node:util');
  const { table } = await import('./table.ts');
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '0.5' } } });
  process.stdout.write(`${table(await relayRows({ minutes: Number(values.minutes) }))}\n`);
}
