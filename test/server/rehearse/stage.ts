/** A practice EHR on a socket and our configuration on disk: what a rehearsal is run against, as IT runs it. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Patient } from 'fhir/r4';
import { createPracticeEhr, type PracticeEhr, type PracticeEhrOptions } from '../../../fixtures/ehr/ehr.ts';
import type { RungSetting } from '../../../models/engine/proposals/ladder.ts';
import { rehearseCommand } from '../../../server/commands/rehearse.ts';
import type { RehearsalReport } from '../../../server/rehearse/report.ts';

/** Every way of writing, as a site would switch it on before anything was tried. */
export const EVERYTHING: readonly RungSetting[] = [
  { write: 'ServiceRequest' },
  { write: 'Bundle' },
  { write: 'Observation', scores: { 'cha2ds2-vasc': { system: 'https://site.example/codes', code: 'cv' } } },
  { write: 'DocumentReference' },
  { write: 'Communication' },
  { write: 'QuestionnaireResponse', questionnaire: 'https://site.example/Questionnaire/cds', linkId: 'text' },
];

export interface Stage {
  readonly ehr: PracticeEhr;
  readonly origin: string;
  readonly dataDir: string;
  readonly configFile: string;
  /** Runs the command; `meanwhile` once it waits for the launch. */
  rehearse(args?: readonly string[], meanwhile?: () => Promise<void>): Promise<Ran>;
  close(): Promise<void>;
}

export interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: string;
  /** The report as printed, where there is one. */
  readonly report: RehearsalReport | undefined;
}

export interface StageOptions {
  readonly ehr?: Partial<PracticeEhrOptions>;
  readonly writeBack?: Readonly<Record<string, unknown>>;
  readonly tenant?: Readonly<Record<string, unknown>>;
}

/** Two patients: `zz-test`, whom IT keeps for tests, and `somebody`. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const [ehrPort, appPort] = [await quietPort(), await quietPort()];
  const [ehrOrigin, origin] = [`http://127.0.0.1:${ehrPort}`, `http://localhost:${appPort}`];
  const ehr = await createPracticeEhr({
    origin: ehrOrigin,
    app: { origin, launchUrl: `${origin}/launch`, redirectUris: [`${origin}/callback`] },
    patients: [patient('zz-test', 'Zzcanary-Prüfling'), patient('somebody', 'Zzcanary-Somebody')],
    now: Date.now,
    timeShift: false,
    ...options.ehr,
  });
  await ehr.listen(ehrPort);
  const dataDir = mkdtempSync(join(tmpdir(), 'rehearse-'));
  const configFile = join(dataDir, 'config.json');
  const tenant = {
    id: 'practice',
    name: 'Practice EHR',
    iss: ehr.fhirBase,
    clientId: 'attune-public',
    auth: { method: 'none' },
    frameAncestors: [ehrOrigin],
    allowHttpLoopback: true,
    practice: true,
    writeBack: { enabled: true, withdraw: true, rungs: EVERYTHING, ...options.writeBack },
    ...options.tenant,
  };
  writeFileSync(join(dataDir, 'tenants.json'), JSON.stringify({ tenants: [tenant] }));
  writeFileSync(configFile, JSON.stringify({ origin, port: appPort, dataDir, tenantsFile: 'tenants.json' }));
  return {
    ehr,
    origin,
    dataDir,
    configFile,
    rehearse: (args = PRACTICE, meanwhile) => run(['--config', configFile, '--tenant', 'practice', ...args], meanwhile),
    close: async () => {
      await ehr.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The arguments that name the test patient. */
export const NAMED = ['--patient', 'zz-test', '--family', 'zzcanary-prüfling', '--born', '1950-02-03'] as const;
/** And let the command make the launch itself. */
export const PRACTICE = [...NAMED, '--practice'] as const;

async function run(args: readonly string[], meanwhile?: () => Promise<void>): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  let waiting = () => {};
  const waits = new Promise<void>((settle) => {
    waiting = settle;
  });
  const done = rehearseCommand({
    args,
    terminal: {
      out: (line) => out.push(line),
      err: (line) => {
        err.push(line);
        if (line.startsWith('From the chart')) waiting();
      },
      stdin: async () => '',
    },
    clock: Date.now,
    // Version and digest are all that a rehearsal takes of it.
    library: async () => ({ library: { version: '2026.11', digest: 'sha256:0123456789abcdef' } }) as never,
  });
  const [code] = await Promise.all([done, meanwhile ? waits.then(meanwhile) : undefined]);
  const [first = ''] = out;
  return { code, out, err: err.join('\n'), report: first.startsWith('{') ? JSON.parse(first) : undefined };
}

/** A port that stays free until the command listens on it: below those that the system hands out for connections. */
async function quietPort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  const server = createServer();
  const free = await new Promise<boolean>((settle) => {
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => settle(true));
  });
  await new Promise((closed) => server.close(closed));
  return free ? port : quietPort();
}

function patient(id: string, family: string): Bundle {
  const resource: Patient = {
    resourceType: 'Patient',
    id,
    gender: 'female',
    birthDate: '1950-02-03',
    name: [{ family }],
  };
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource }],
  };
}
