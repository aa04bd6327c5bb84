/**
 * `audit archive FILE [--years N] [--data DIR] [--checkpoints FILE]… [--public-key FILE]…`: takes events older than N years
 * (6, as HIPAA asks, unless said) out of the record into a file. Nothing is removed that is not in the file and on disk.
 */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { type AuditEntry, verifyRecord } from '../audit.ts';
import { readSigned } from '../checkpoints/verify.ts';
import { GENESIS, link } from '../store/chain.ts';
import type { Head, Recorded, Store } from '../store/store.ts';
import { signedFiles, withAuditStore } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

const PAGE = 1_000;
/** Events removed in one transaction: a server that runs meanwhile waits for no longer than that takes. */
const STEP = 10_000;

/** Says how many events the file holds and its SHA-256, which is on the record too. Exit 1 where the record is not whole. */
export const auditArchiveCommand: Command = async ({ args, terminal, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      years: { type: 'string', default: '6' },
      checkpoints: { type: 'string', multiple: true },
      'public-key': { type: 'string', multiple: true },
    },
    allowPositionals: true,
    strict: true,
  });
  const [file, ...rest] = positionals;
  if (!file || rest.length > 0) throw new UsageError('audit archive takes the file to write');
  if (!/^[1-9]\d?$/.test(values.years)) throw new UsageError('--years takes whole years, 1 or more');
  const { data, checkpoints, 'public-key': publicKeys } = values;
  const { texts, keys: signers } = await signedFiles({ data, checkpoints, publicKeys });
  const signed = readSigned(texts, signers);
  return withAuditStore(data, async ({ store, keys }) => {
    if (!keys) throw new UsageError('a copy of the record is not archived: keys.json is not here');
    const verdict = signed.holds ? await verifyRecord(store, { sign: keys.sign, see: signed.see }) : signed;
    if (!signed.holds || !('whole' in verdict) || !verdict.whole) {
      terminal.err('the record is not whole: see `audit verify`. Nothing was archived.');
      return 1;
    }
    // The event that the last checkpoint signed stays: the next one follows on it.
    const most = (signed.count > 0 ? signed.through : verdict.events) - 1;
    const through = await lastBefore(store, { at: yearsBefore(clock(), Number(values.years)), most });
    const anchor = await store.anchor();
    const events = through - (anchor?.seq ?? 0);
    if (events <= 0) {
      terminal.out(JSON.stringify({ archived: 0 }));
      return 0;
    }
    const digest = await write(file, store, { anchor, through });
    const event: AuditEntry = {
      type: 'archived',
      at: new Date(clock()).toISOString(),
      tenant: '*',
      user: `os:${userInfo().username}`,
      payloadHash: digest,
    };
    for (let to = through - events; to < through; ) {
      to = Math.min(to + STEP, through);
      await store.archive(to, event);
    }
    terminal.out(JSON.stringify({ archived: events, through, file, sha256: digest }));
    return 0;
  });
};

/** An ISO instant. */
function yearsBefore(now: number, years: number): string {
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return date.toISOString();
}

/** The last of the events from the first on that all happened before the instant. */
async function lastBefore(store: Store, { at, most }: { at: string; most: number }): Promise<number> {
  let last = (await store.anchor())?.seq ?? 0;
  for (let page = await store.recorded(last, PAGE); page.length > 0; page = await store.recorded(last, PAGE))
    for (const { seq, event } of page) {
      if (seq > most || (JSON.parse(event) as AuditEntry).at >= at) return last;
      last = seq;
    }
  return last;
}

/** One event a line, as recorded. Synced to disk, read again, and followed link by link before it is relied on. Answers its SHA-256 (hex). */
async function write(
  file: string,
  store: Store,
  { anchor, through }: { anchor: Head | undefined; through: number },
): Promise<string> {
  const out = await open(file, 'wx', 0o600);
  let seq = anchor?.seq ?? 0;
  while (seq < through) {
    const page = (await store.recorded(seq, PAGE)).filter((recorded) => recorded.seq <= through);
    await out.writeFile(page.map((recorded) => `${JSON.stringify(recorded)}\n`).join(''));
    seq = page.at(-1)?.seq ?? through;
  }
  await out.sync();
  await out.close();
  const bytes = await readFile(file);
  let hash = anchor?.hash ?? GENESIS;
  for (const line of bytes.toString('utf8').trimEnd().split('\n')) {
    const recorded = JSON.parse(line) as Recorded;
    hash = link(hash, recorded.event);
    if (recorded.hash !== hash) throw new Error('the file is not what was written');
  }
  return createHash('sha256').update(bytes).digest('hex');
}
