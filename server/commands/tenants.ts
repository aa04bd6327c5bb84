/** `tenants check` and `tenants sign`: a change of who may launch the app, looked at and agreed to before a server takes it (V14). */
import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Tenant } from '../../launch/tenants.ts';
import { readConfig, rulesOf } from '../config.ts';
import { savedDocuments } from '../doctor/documents.ts';
import { examine } from '../doctor/examine.ts';
import { lineOfProblem } from '../library/problem.ts';
import { fingerprint } from '../library/signature.ts';
import { differences } from '../tenants/difference.ts';
import { type CheckedFile, checkFile } from '../tenants/problems.ts';
import { Refused } from '../tenants/refused.ts';
import { type Release, type Rules, refuseEarlier, refuseInsecure } from '../tenants/registry.ts';
import { SIGNATURES_SUFFIX, type Signer, signersOf, withSignature } from '../tenants/signatures.ts';
import { type Command, type Terminal, UsageError } from './command.ts';

type Valid = Extract<CheckedFile, { file: unknown }>;

/**
 * `tenants check FILE [--against CURRENT] [--config FILE] [--documents DIR]`: what is wrong, what would change, whether a
 * server with that configuration would take it, and what would work at each EHR by the documents saved in `DIR/<tenant>`.
 * Exit 1 when there is anything to put right.
 */
export const tenantsCheckCommand: Command = async ({ args, terminal, clock }) => {
  const strings = { against: { type: 'string' }, config: { type: 'string' }, documents: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: strings,
    allowPositionals: true,
    strict: true,
  });
  const path = onlyFile(positionals, 'tenants check');
  for (const named of [values.against, values.config, values.documents]) mustExist(named);
  const checked = await validOrSaid(path, terminal);
  const before = values.against === undefined ? undefined : await validOrSaid(values.against, terminal);
  if (!checked || (values.against !== undefined && !before)) return 1;

  if (before) sayDifference(before, checked, terminal);
  const takes = values.config === undefined || (await wouldTake({ path, checked, before }, values.config, terminal));
  const works =
    values.documents === undefined || (await wouldWork(checked.file.tenants, values.documents, terminal, clock()));
  terminal.err(`${path} is valid: ${inShort(checked)}`);
  return takes && works ? 0 : 1;
};

/** `tenants sign FILE --key FILE`: adds one person's signature. Nothing is signed that could not be used. */
export const tenantsSignCommand: Command = async ({ args, terminal, clock }) => {
  const options = { key: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const path = onlyFile(positionals, 'tenants sign');
  if (values.key === undefined) throw new UsageError('tenants sign takes --key FILE');
  mustExist(values.key);
  const checked = await validOrSaid(path, terminal);
  if (!checked) return 1;
  if (checked.file.version === undefined) {
    terminal.err('a file that is signed needs a version, one higher than the last');
    return 1;
  }
  const key = createPrivateKey(await readFile(values.key));
  if (key.asymmetricKeyType !== 'ed25519') throw new UsageError('the key is not an Ed25519 key');
  const file = `${path}${SIGNATURES_SUFFIX}`;
  const earlier = existsSync(file) ? await readFile(file, 'utf8') : undefined;
  const signed = withSignature(earlier, { digest: checked.digest, key, now: new Date(clock()) });
  await writeFile(file, signed.text);
  terminal.err(`signed ${inShort(checked)}`);
  for (const signer of signed.signers) terminal.err(signerLine(signer, signer.key === fingerprint(key)));
  return 0;
};

async function validOrSaid(path: string, terminal: Terminal): Promise<Valid | undefined> {
  const checked = await checkFile(path);
  if ('file' in checked) return checked;
  for (const problem of checked.problems) terminal.out(lineOfProblem(problem));
  terminal.err(`${checked.problems.length} to put right in ${path}`);
  return undefined;
}

function sayDifference(before: Valid, after: Valid, terminal: Terminal): void {
  const lines = differences(before.file.tenants, after.file.tenants);
  const [was, is] = [before, after].map(({ file }) => file.version ?? 'none');
  if (was !== is) terminal.out(`version: ${was} → ${is}`);
  for (const line of lines) terminal.out(line);
  if (lines.length === 0) terminal.out('no tenant changes');
}

/** Whether a server that starts from `config`, and had `before` in force, would put it in force. */
async function wouldTake(
  { path, checked, before }: { path: string; checked: Valid; before: Valid | undefined },
  config: string,
  terminal: Terminal,
): Promise<boolean> {
  const rules = await readConfig(config)
    .then(rulesOf)
    .catch((cause: Error) => {
      throw new UsageError(`${config}: ${cause.message}`, { cause });
    });
  const reasons = [
    refusal(() => refuseInsecure(rules.origin, checked.file.tenants)),
    refusal(() => refuseEarlier(releaseOf(checked), { last: before && releaseOf(before), counted: isSigned(rules) })),
    isSigned(rules) ? await lackingSignatures(path, checked, rules, terminal) : undefined,
  ].filter((reason) => reason !== undefined);
  for (const reason of reasons) terminal.out(`not taken: ${reason}`);
  return reasons.length === 0;
}

function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

async function lackingSignatures(
  path: string,
  { digest }: Valid,
  { signers, signatures }: Rules,
  terminal: Terminal,
): Promise<string | undefined> {
  const file = `${path}${SIGNATURES_SUFFIX}`;
  const signed = signersOf(existsSync(file) ? await readFile(file, 'utf8') : '', digest, signers);
  for (const signer of signed) terminal.out(signerLine(signer, false));
  return signed.length < signatures ? `${signed.length} of ${signatures} signatures` : undefined;
}

/** The dry run: what the doctor says of each tenant, by documents that were saved of its EHR. */
async function wouldWork(
  tenants: readonly Tenant[],
  documents: string,
  terminal: Terminal,
  now: number,
): Promise<boolean> {
  let works = true;
  for (const tenant of tenants) {
    const folder = join(documents, tenant.id);
    if (!existsSync(folder)) {
      terminal.out(`${tenant.id}: not tried, there is no ${folder}`);
      continue;
    }
    const { verdict, checks, writeBack } = examine(await savedDocuments(folder), { now, tenant });
    const ways = writeBack.filter(({ status }) => status === 'available').map(({ title }) => title);
    const failed = checks.filter(({ status }) => status === 'failed').map(({ text }) => text);
    terminal.out(`${tenant.id}: ${[verdict, ...failed, `ways to write: ${ways.join(', ') || 'none'}`].join('; ')}`);
    works &&= verdict !== 'blocked' && failed.length === 0;
  }
  return works;
}

function isSigned({ signers }: Rules): boolean {
  return signers.length > 0;
}

function releaseOf({ file: { version }, digest }: Valid): Release {
  return { digest, ...(version !== undefined && { version }) };
}

function inShort({ file: { tenants, version }, digest }: Valid): string {
  const count = `${tenants.length} ${tenants.length === 1 ? 'tenant' : 'tenants'}`;
  return [count, ...(version === undefined ? [] : [`version ${version}`]), `digest ${digest}`].join(', ');
}

function signerLine({ key, signedAt }: Signer, you: boolean): string {
  return `signed by ${key}${you ? ' (this key)' : ''} at ${signedAt}`;
}

function onlyFile(positionals: readonly string[], command: string): string {
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new UsageError(`${command} takes one tenants file`);
  mustExist(path);
  return path;
}

function mustExist(path: string | undefined): void {
  if (path !== undefined && !existsSync(path)) throw new UsageError(`there is no ${path}`);
}
