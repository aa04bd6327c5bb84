/**
 * `audit verify [--data DIR] [--checkpoints FILE]… [--public-key FILE]…`: is the append-only record whole, from its first
 * event to its head, and is it what the checkpoints signed? With a public key alone no secret is needed: for whoever
 * has a copy of the record and not our keys.
 */
import { parseArgs } from 'node:util';
import { verifyRecord } from '../audit.ts';
import { readSigned } from '../checkpoints/verify.ts';
import type { KeyRing } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import { type SignedFiles, signedFiles, withAuditStore } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

/** `intact` with the count, or the first broken link and exit 1. */
export const auditVerifyCommand: Command = async ({ args, terminal }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      checkpoints: { type: 'string', multiple: true },
      'public-key': { type: 'string', multiple: true },
    },
    strict: true,
  });
  const { data, checkpoints, 'public-key': publicKeys } = values;
  const files = await signedFiles({ data, checkpoints, publicKeys });
  return withAuditStore(data, async ({ store, keys }) => {
    if (!keys && files.keys.length === 0)
      throw new UsageError('nothing to check the record against: neither keys.json nor checkpoints with a public key');
    const answer = await judge(store, keys, files);
    terminal.out(JSON.stringify(answer));
    return answer.status === 'intact' ? 0 : 1;
  });
};

async function judge(store: Store, keys: KeyRing | undefined, { names, texts, keys: signers }: SignedFiles) {
  const broken = (reason: string, where: { firstBroken?: number; checkpoint?: string } = {}) =>
    ({ status: 'broken', ...where, reason }) as const;

  const signed = readSigned(texts, signers);
  if (!signed.holds) return broken(signed.why, { checkpoint: `${names[signed.file]}:${signed.line}` });
  const verdict = await verifyRecord(store, { ...(keys && { sign: keys.sign }), see: signed.see });
  if (!verdict.whole) return broken(verdict.why, { firstBroken: verdict.seq });
  const { events, archived } = verdict;
  if (signed.through > events)
    return broken(`the last events are missing: a checkpoint signed ${signed.through} of them`, {
      firstBroken: events + 1,
    });
  const elsewhere = signed.elsewhere();
  if (signed.count === 0 && elsewhere > 0)
    return broken('the record says that it was signed, and no checkpoint is here: name their file with --checkpoints');
  return {
    status: 'intact',
    events,
    ...(archived !== undefined && { archived }),
    checkpoints: signed.count,
    signedThrough: signed.through,
    ...(elsewhere > 0 && { checkpointsElsewhere: elsewhere }),
    head: keys ? 'checked' : 'not-checked',
  } as const;
}
