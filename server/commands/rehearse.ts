/**
 * `rehearse --tenant ID --patient ID --family NAME [--born DATE] [--config FILE] [--wait MINUTES] [--practice] [--format json|markdown]`:
 * tries every way of writing on a named test patient, takes it back, and keeps the report.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Tenant } from '../../launch/tenants.ts';
import { createAudit } from '../audit.ts';
import { readSettings, type Settings } from '../config.ts';
import type { NamedPatient } from '../rehearse/admission.ts';
import { reportMarkdown } from '../rehearse/markdown.ts';
import { launchInPractice } from '../rehearse/practice-launch.ts';
import { openReception, type Reception } from '../rehearse/reception.ts';
import { rehearse } from '../rehearse/rehearse.ts';
import { keepReport, type RehearsalReport } from '../rehearse/report.ts';
import type { Installation } from '../rehearse/sample.ts';
import { INTERRUPTED, SESSION_ENDED } from '../rehearse/verdict.ts';
import { openKeyRing } from '../store/keys.ts';
import { openStore } from '../store/open.ts';
import { Refusal } from '../write-back/refusal.ts';
import { type Command, type CommandRequest, type ExitCode, UsageError } from './command.ts';

const PACKAGE = new URL('../../package.json', import.meta.url);
const MINUTE_MS = 60_000;
const CUT_SHORT: ReadonlySet<string> = new Set([SESSION_ENDED, INTERRUPTED]);

/** Exit 0: something is usable, and all that was tried is. 1: something fell short, or the launch did not come. */
export const rehearseCommand: Command = async (request) => {
  const asked = await readArguments(request.args);
  const { terminal, library } = request;
  const { library: loaded } = await library();
  const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  const installation = { version, library: { version: loaded.version, digest: loaded.digest } };
  const report = await rehearsal(asked, installation, request);
  if (typeof report === 'string') {
    terminal.err(report);
    return 1;
  }
  const place = await keepReport(asked.settings.config.dataDir, report);
  terminal.err(`Kept in ${place}`);
  terminal.out(asked.format === 'json' ? JSON.stringify(report) : reportMarkdown(report));
  return exitCodeOf(report);
};

interface Asked {
  readonly settings: Settings;
  readonly tenant: Tenant;
  readonly named: NamedPatient;
  readonly waitMs: number;
  readonly practice: boolean;
  readonly format: string;
}

async function readArguments(args: readonly string[]): Promise<Asked> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      tenant: { type: 'string' },
      patient: { type: 'string' },
      family: { type: 'string' },
      born: { type: 'string' },
      wait: { type: 'string', default: '15' },
      practice: { type: 'boolean', default: false },
      format: { type: 'string', default: 'json' },
    },
    strict: true,
  });
  const { patient: id = '', family = '', born: birthDate, practice, format } = values;
  if (!/^[A-Za-z0-9.-]{1,128}$/.test(id))
    throw new UsageError('rehearse needs --patient, the FHIR id of a test patient');
  if (family.trim() === '')
    throw new UsageError('rehearse needs --family, the test patient’s family name in the chart');
  if (birthDate !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(birthDate)) throw new UsageError('--born is YYYY-MM-DD');
  if (format !== 'json' && format !== 'markdown') throw new UsageError('--format is json or markdown');
  const minutes = Number(values.wait);
  if (!(minutes > 0 && minutes <= 120)) throw new UsageError('--wait is in minutes, 120 at most');
  const path = values.config ?? process.env.ATTUNE_CONFIG;
  if (path === undefined || !existsSync(path)) throw new UsageError('rehearse needs --config, or ATTUNE_CONFIG');
  const settings = await readSettings(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be used: ${error instanceof Error ? error.message : 'unreadable'}`);
  });
  const tenant = settings.tenants.byId(values.tenant ?? '');
  if (!tenant) throw new UsageError('rehearse needs --tenant, the id of a tenant in the configured file');
  if (!tenant.writeBack.enabled) throw new UsageError(`write-back is switched off for ${tenant.id}`);
  if (practice && !tenant.practice) throw new UsageError('--practice is for a tenant marked practice');
  const named = { id, family, ...(birthDate !== undefined && { birthDate }) };
  return { settings, tenant, named, waitMs: minutes * MINUTE_MS, practice, format };
}

/** The report, or why there is none. */
async function rehearsal(
  { settings, tenant, named, waitMs, practice }: Asked,
  installation: Installation,
  { terminal, clock }: CommandRequest,
): Promise<RehearsalReport | string> {
  const { config } = settings;
  const ring = openKeyRing(join(config.dataDir, 'keys.json'));
  const { store } = await openStore({ dataDir: config.dataDir, keys: ring, databaseUrl: process.env.DATABASE_URL });
  const audit = createAudit({ store, keys: ring });
  const say = terminal.err;
  let reception: Reception | undefined;
  let begun = false;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    reception = await openReception({ ...installation, settings, tenant, named, audit, say, clock }).catch(taken);
    if (!reception) return `${config.host}:${config.port} is taken: stop the server that runs there, and start again.`;
    say(`Waiting ${waitMs / MINUTE_MS} minutes for one launch about ${named.id}, by a clinician.`);
    say(`From the chart: ${config.origin}/launch  Without: ${config.origin}/standalone?tenant=${tenant.id}`);
    const stopped =
      practice && (await launchInPractice({ iss: tenant.iss, origin: config.origin, patientId: named.id }));
    if (stopped) return `${stopped}. Nothing was written.`;
    const launched = await reception.meant(waitMs, interrupted.signal);
    if (!launched) return 'No launch about the named patient came. Nothing was written.';
    begun = true;
    say('The launch came. Writing, reading back and taking back; this may take a minute.');
    return await rehearse({
      ...installation,
      launched,
      signal: interrupted.signal,
      patientKey: ring.lookup('patient', tenant.id, named.id),
      record: (event) => audit.record(audit.entry(launched, event)),
    });
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    if (begun) say('The rehearsal broke off. Look in the chart for REHEARSAL: not all of it may have been taken back.');
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    await reception?.close();
    await store.close();
  }
}

function taken(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
  throw error;
}

function exitCodeOf({ rungs }: RehearsalReport): ExitCode {
  const usable = rungs.some(({ verdict }) => verdict === 'usable');
  return usable && rungs.every(({ verdict, why }) => verdict !== 'unusable' && !CUT_SHORT.has(why)) ? 0 : 1;
}
