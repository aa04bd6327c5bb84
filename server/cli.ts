/** `npm run -s attune -- <command>`: JSON to stdout, prose to stderr; exit 0 all held, 1 something fell short, 2 bad usage. */
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { auditArchiveCommand } from './commands/audit-archive.ts';
import { auditExportCommand } from './commands/audit-export.ts';
import { auditVerifyCommand } from './commands/audit-verify.ts';
import { backupCommand } from './commands/backup.ts';
import { cardCommand } from './commands/cards.ts';
import { type Command, type ExitCode, type Terminal, UsageError } from './commands/command.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { migrateCommand } from './commands/migrate.ts';
import { registerCommand } from './commands/register.ts';
import { rehearseCommand } from './commands/rehearse.ts';
import { sbomCommand } from './commands/sbom.ts';
import { signCommand } from './commands/sign.ts';
import { libraryFolders } from './commands/site-library.ts';
import { tenantsCheckCommand, tenantsSignCommand } from './commands/tenants.ts';
import { unmappedCommand } from './commands/unmapped.ts';
import { validateCommand } from './commands/validate.ts';
import { verifyContextCommand } from './commands/verify-context.ts';
import { verifyExposureCommand } from './commands/verify-exposure.ts';
import { verifyInteractionsCommand } from './commands/verify-interactions.ts';
import { verifyModelsCommand } from './commands/verify-models.ts';
import { verifyPgxCommand } from './commands/verify-pgx.ts';
import { LibraryError, type LoadedLibrary, loadLibrary } from './library.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  evaluate: evaluateCommand,
  unmapped: unmappedCommand,
  'verify models': verifyModelsCommand,
  'verify interactions': verifyInteractionsCommand,
  'verify context': verifyContextCommand,
  'verify exposure': verifyExposureCommand,
  'verify pgx': verifyPgxCommand,
  validate: validateCommand,
  card: cardCommand,
  export: exportCommand,
  sign: signCommand,
  'tenants check': tenantsCheckCommand,
  'tenants sign': tenantsSignCommand,
  'audit verify': auditVerifyCommand,
  'audit export': auditExportCommand,
  'audit archive': auditArchiveCommand,
  backup: backupCommand,
  migrate: migrateCommand,
  sbom: sbomCommand,
  doctor: doctorCommand,
  register: registerCommand,
  rehearse: rehearseCommand,
};

const USAGE = `usage: attune <command>
  evaluate FILE|DIR… | -  [--now ISO|last] [--code-map FILE]
                                         facts, evaluations and recommendations, one JSON line a patient
  unmapped FILE|DIR… | -  [--code-map FILE]
                                         local codes and refused units with counts, ready to become a code map
  verify models DIR   [--values]         shipped risk models against conformance cases
  verify interactions FILE… [--values]   pairs of medicines with their expected tier, against the engine
  verify context FILE [--values]         medicines with a patient's facts, against the engine
  verify exposure FILE… [--values]       predicted exposure against observed AUC ratios
  verify pgx FILE… [--values]            gene guidance against published recommendations
  validate DIR                           what is wrong in a library folder
  card ID [--format markdown|chai|json]  a model's card
  export ID [--out FILE]                 a model's ONNX file and what is needed to run it elsewhere
  sign DIR --key FILE                    adds one person's signature to a site's library folder (Ed25519)
  tenants check FILE [--against FILE] [--config FILE] [--documents DIR]
                                         what is wrong in a tenants file, what it changes, and whether a server takes it
  tenants sign FILE --key FILE           adds one person's signature (Ed25519)
  audit verify [--checkpoints FILE]… [--public-key FILE]…
                                         is the audit chain intact, and what the checkpoints signed
  audit export [--since ISO] [--until ISO]
                                         the record as FHIR AuditEvents, one a line
  audit archive FILE [--years 6]         takes events older than that out of the record into a file
  backup FOLDER [--data DIR]             a copy of the data and their keys, without sessions, while a server runs
  migrate VERSION [--data DIR]           takes the schema of stopped servers back, or forward again
  sbom                                   all that ships, with digests (CycloneDX)
  doctor ISS|FOLDER [--tenants FILE [--data DIR]] [--format json|markdown]
                                         what works at an EHR, with which scope, and what is blocked
  register --origin URL [--ehr ISS|FOLDER] [--format markdown|json]
                                         what an EHR's administrators and security reviewers ask for
  rehearse --tenant ID --patient ID --family NAME [--born DATE] [--config FILE] [--wait MINUTES] [--practice]
           [--format json|markdown]      tries every way of writing on a test patient, takes it back, keeps the report
LIBRARY_DIR: a site's own library over ours; LIBRARY_KEY: the public keys it must be signed with (PEM, a:b)`;

const MODELS = fileURLToPath(new URL('../models', import.meta.url));

/** Runs one command line. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const words = [argv.slice(0, 2).join(' '), argv[0] ?? ''];
  const name = words.find((candidate) => Object.hasOwn(COMMANDS, candidate));
  const command = name === undefined ? undefined : COMMANDS[name];
  if (!name || !command) {
    terminal.err(USAGE);
    return 2;
  }
  let library: Promise<LoadedLibrary> | undefined;
  try {
    return await command({
      args: argv.slice(name.split(' ').length),
      terminal,
      clock: () => Date.now(),
      library: () => {
        library ??= libraryFolders({ dir: MODELS, env: process.env, terminal }).then(loadLibrary);
        return library;
      },
    });
  } catch (error) {
    return failed(error, terminal);
  }
}

/** Usage and library errors are told in full; of anything else only the kind, since a message may quote a chart. */
function failed(error: unknown, terminal: Terminal): ExitCode {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    terminal.err(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (error instanceof LibraryError) terminal.err(error.message);
  else terminal.err(`failed: ${error instanceof Error ? error.name : typeof error}${code ? ` (${code})` : ''}`);
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The reader of a pipe may have seen enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.exitCode = await run(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    stdin: () => text(process.stdin),
  });
}
