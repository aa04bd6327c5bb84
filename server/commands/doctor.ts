/** `doctor ISS|FOLDER [--tenants FILE [--data DIR]] [--format json|markdown]`: what works at an EHR, with which scope, and what is blocked. */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { canonicalIssuer, readTenants, type Tenant } from '../../launch/tenants.ts';
import { withCodeMaps } from '../code-map.ts';
import { isAskable, liveDocuments, savedDocuments } from '../doctor/documents.ts';
import { examine } from '../doctor/examine.ts';
import { diagnosisMarkdown } from '../doctor/markdown.ts';
import { readReport } from '../rehearse/report.ts';
import { type Command, UsageError } from './command.ts';

/** Exit 1 when the app cannot be launched there. */
export const doctorCommand: Command = async ({ args, terminal, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { tenants: { type: 'string' }, data: { type: 'string' }, format: { type: 'string', default: 'json' } },
    allowPositionals: true,
    strict: true,
  });
  const [where, ...more] = positionals;
  if (where === undefined || more.length > 0) throw new UsageError('doctor needs one address or one folder');
  if (values.format !== 'json' && values.format !== 'markdown') throw new UsageError('--format is json or markdown');
  if (values.data !== undefined && (values.tenants === undefined || !existsSync(values.data)))
    throw new UsageError('--data is the server’s folder, beside --tenants');
  const folder = existsSync(where) && statSync(where).isDirectory();
  if (!folder && !isAskable(where))
    throw new UsageError('doctor asks an https address (or one on this machine), or reads a folder');
  const documents = folder ? await savedDocuments(where) : await liveDocuments(where, clock);
  const tenant = values.tenants === undefined ? undefined : await tenantAt(values.tenants, where);
  const rehearsal = tenant && values.data !== undefined ? await readReport(values.data, tenant.id) : undefined;
  const diagnosis = examine(documents, { now: clock(), ...(tenant && { tenant }), ...(rehearsal && { rehearsal }) });
  terminal.out(values.format === 'json' ? JSON.stringify(diagnosis) : diagnosisMarkdown(where, diagnosis));
  return diagnosis.verdict === 'blocked' ? 1 : 0;
};

async function tenantAt(file: string, iss: string): Promise<Tenant | undefined> {
  if (!existsSync(file)) throw new UsageError(`there is no ${file}`);
  const written: unknown = JSON.parse(await readFile(file, 'utf8'));
  const tenants = readTenants(await withCodeMaps(written, (named) => readFile(resolve(dirname(file), named), 'utf8')));
  return canonicalIssuer(iss) === undefined ? undefined : tenants.byIssuer(iss);
}
