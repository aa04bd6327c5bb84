/** Real server processes and a real HTTP EHR for them: clinicians who click, and `kill -9` at drawn moments. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import type { Preview, WriteOutcome } from '../../../launch/api.ts';
import { Ehr, type Fault } from '../write-back-ehr.ts';
import { World } from './simulation/world.ts';

/** What a server process is asked. */
export type Question = { readonly id: number; readonly patientId: string } & (
  | { readonly ask: 'preview' | 'reconcile' | 'verify' }
  | { readonly ask: 'approve'; readonly preview: Preview }
  | { readonly ask: 'resend'; readonly approvalId: string }
);
type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never;

const QUIET = 1_700;
const FAULTS: readonly Fault[] = [
  'none',
  'none',
  '500-before',
  '500-after',
  'hang-before',
  'hang-after',
  'no-location',
];

/** Where a server is killed: when the EHR hears of it, when it has committed, or while it shows it back. */
const MOMENTS = ['preview', 'before commit', 'after commit', 'read-back', 'search', 'not at all'] as const;

class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: { value?: unknown }) => void>();
  #id = 0;
  readonly ready: Promise<void>;

  constructor(data: string, base: string) {
    const file = resolve(import.meta.dirname, 'server-process.ts');
    this.#child = spawn(process.execPath, [file, data, base], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (!stdout) throw new Error('no stdout');
    this.ready = new Promise((ready) => {
      createInterface({ input: stdout }).on('line', (line) => {
        const said = JSON.parse(line) as { ready?: boolean; id?: number; value?: unknown };
        if (said.ready) ready();
        else this.#waiting.get(said.id ?? -1)?.(said);
      });
    });
    this.#child.once('exit', () => {
      for (const answer of this.#waiting.values()) answer({});
    });
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The answer; `undefined` where it was refused, or the process died over it. */
  async ask<T>(question: Asked): Promise<T | undefined> {
    if (!this.alive) return undefined;
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise<{ value?: unknown }>((answered) => this.#waiting.set(id, answered));
    this.#child.stdin?.write(`${JSON.stringify({ ...question, id })}\n`);
    return (await answer).value as T | undefined;
  }

  async kill(): Promise<void> {
    if (!this.alive) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** What the runs came to. */
export interface Figures {
  runs: number;
  kills: number;
  confirmed: number;
  notWritten: number;
  creates: number;
  wrong: string[];
}

/** So many clinicians one after the other, on so many servers over one store. */
export async function killing(options: {
  data: string;
  servers: number;
  runs: number;
  seed?: number;
}): Promise<Figures> {
  const { data, servers, runs, seed = 1 } = options;
  const figures: Figures = { runs: 0, kills: 0, confirmed: 0, notWritten: 0, creates: 0, wrong: [] };
  let ehr = new Ehr();
  let onRequest: (moment: (typeof MOMENTS)[number]) => Promise<void> = async () => {};
  const http = serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const at = ehr;
      const post = request.method === 'POST';
      await onRequest(
        post
          ? 'before commit'
          : request.url.includes('metadata')
            ? 'preview'
            : request.url.includes('?')
              ? 'search'
              : 'read-back',
      );
      const answer = await at.answer(request);
      if (post) await onRequest('after commit');
      return answer;
    },
  });
  await once(http, 'listening');
  const address = http.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/fhir`;
  const processes = Array.from({ length: servers }, () => new ServerProcess(data, base));
  await Promise.all(processes.map(({ ready }) => ready));

  for (let run = 0; run < runs; run += 1) {
    const world = new World(seed + run);
    ehr = new Ehr();
    ehr.base = base;
    ehr.conditionalCreate = world.chance(0.3);
    ehr.keepsIdentifier = ehr.conditionalCreate || world.chance(0.7);
    ehr.faults = [world.pick(FAULTS)];
    const wrong = await clinician(`p${seed + run}`, world);
    figures.runs += 1;
    figures.creates += ehr.arrived.length;
    figures.wrong.push(...wrong.map((each) => `run ${run + 1}: ${each}`));
  }
  const verdict = await processes[0]?.ask<{ whole: boolean }>({ ask: 'verify', patientId: 'p' });
  if (!verdict?.whole) figures.wrong.push('the record is broken');
  await Promise.all(processes.map((process) => process.kill()));
  if ('closeAllConnections' in http) http.closeAllConnections();
  http.close();
  return figures;

  async function clinician(patientId: string, world: World): Promise<string[]> {
    const moment = world.pick(MOMENTS);
    const first = world.between(0, servers - 1);
    let killed = false;
    onRequest = async (now) => {
      if (killed || now !== moment) return;
      killed = true;
      figures.kills += 1;
      await processes[first]?.kill();
    };
    const preview = await processes[first]?.ask<Preview>({ ask: 'preview', patientId });
    if (preview) {
      const others = processes.map((process) => process.ask({ ask: 'approve', patientId, preview }));
      await Promise.all(others);
    }
    let rows: readonly WriteOutcome[] = [];
    for (let round = 0; round < 12; round += 1) {
      await revive();
      const looks = await Promise.all(
        processes.map((process) => process.ask<WriteOutcome[]>({ ask: 'reconcile', patientId })),
      );
      const answered = looks.find((each) => each !== undefined);
      // Killed over the answer: asked again.
      if (!answered) continue;
      rows = answered;
      const [row] = rows;
      if (killed || moment === 'not at all' || round > 1) {
        if (!preview || !row || ['confirmed', 'rejected', 'expired'].includes(row.state)) break;
      }
      if (row?.mayResend) {
        const { approvalId } = row;
        await Promise.all(processes.map((process) => process.ask({ ask: 'resend', patientId, approvalId })));
      } else await wait(QUIET);
    }
    onRequest = async () => {};
    await revive();
    rows = (await processes[0]?.ask<WriteOutcome[]>({ ask: 'reconcile', patientId })) ?? rows;
    return judge(rows);
  }

  function judge(rows: readonly WriteOutcome[]): string[] {
    const wrong: string[] = [];
    const [row] = rows;
    const { length } = ehr.notes;
    if (length > 1) wrong.push(`duplicate: ${length}`);
    if (length > 0 && !row) wrong.push('lost: in the chart, and nobody is told');
    if (row?.state === 'confirmed' && length !== 1) wrong.push('false saved');
    if (row && ['rejected', 'expired'].includes(row.state) && length > 0) wrong.push(`hidden: ${row.state}`);
    if (row && ['approved', 'sending', 'unknown'].includes(row.state)) wrong.push(`unsettled: ${row.message}`);
    if (row?.state === 'confirmed') figures.confirmed += 1;
    else figures.notWritten += 1;
    return wrong;
  }

  async function revive(): Promise<void> {
    for (const [slot, process] of processes.entries()) {
      if (process.alive) continue;
      const fresh = new ServerProcess(data, base);
      processes[slot] = fresh;
      await fresh.ready;
    }
  }
}
