/** `register --origin URL [--ehr ISS|FOLDER] [--frame ORIGIN]… [--no-write-back] [--format markdown|json]`: the registration kit for an EHR. */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { firstRung, type ScopeRung } from '../../launch/scopes.ts';
import { isLoopback } from '../../launch/tenants.ts';
import { isAskable, liveDocuments, savedDocuments } from '../doctor/documents.ts';
import { registrationKit } from '../doctor/kit.ts';
import { kitMarkdown } from '../doctor/kit-markdown.ts';
import { type Command, type CommandRequest, UsageError } from './command.ts';

const PACKAGE = new URL('../../package.json', import.meta.url);

export const registerCommand: Command = async ({ args, terminal, library, clock }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      origin: { type: 'string' },
      ehr: { type: 'string' },
      frame: { type: 'string', multiple: true, default: [] },
      'no-write-back': { type: 'boolean', default: false },
      format: { type: 'string', default: 'markdown' },
    },
    strict: true,
  });
  const origin = originOf(values.origin);
  if (values.format !== 'json' && values.format !== 'markdown') throw new UsageError('--format is markdown or json');
  const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  const kit = registrationKit({
    origin,
    version,
    libraryDigest: (await library()).library.digest,
    rung: values.ehr === undefined ? 'v2-granular' : await rungAt(values.ehr, clock),
    writes: !values['no-write-back'],
    frameAncestors: values.frame.map((frame) => originOf(frame)),
  });
  terminal.out(values.format === 'json' ? JSON.stringify(kit) : kitMarkdown(kit));
  return 0;
};

function originOf(given: string | undefined): string {
  const url = URL.parse(given ?? '');
  if (!url || url.origin !== given || (url.protocol !== 'https:' && !isLoopback(url)))
    throw new UsageError('register needs --origin https://… (scheme and host only); so does --frame');
  return given;
}

async function rungAt(ehr: string, clock: CommandRequest['clock']): Promise<ScopeRung> {
  const folder = existsSync(ehr) && statSync(ehr).isDirectory();
  if (!folder && !isAskable(ehr)) throw new UsageError('--ehr takes an https address or a folder');
  const { discovery } = folder ? await savedDocuments(ehr) : await liveDocuments(ehr, clock);
  if (discovery.state !== 'read') throw new UsageError(`--ehr: no SMART configuration (${discovery.why})`);
  return firstRung(discovery.body.capabilities);
}
