/**
 * A checkpoint: what the record was at one moment, signed with a key whose public half anyone may have. Kept where the
 * record is not, it shows what the record's own keys cannot: that someone who had them wrote it anew (interop T-4, V11).
 */
import { createHash, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { canonical, GENESIS } from '../store/chain.ts';
import { fingerprintOf, type SigningKey } from './key.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const Written = z.strictObject({
  /** The last event that it covers, and that event's hash in the chain. */
  seq: z.int().min(1),
  hash,
  /** How many events it covers beyond the checkpoint before. */
  count: z.int().min(1),
  /** When, as an ISO instant. */
  at: z.iso.datetime(),
  /** SHA-256 (hex) of an earlier line of the same file; 64 zeros in the first. */
  previous: hash,
  /** SHA-256 (hex) of the public key that it is signed with, as DER. */
  key: hash,
  /** Ed25519 over the canonical JSON of all the rest, base64url. */
  signature: z.string().regex(/^[\w-]{86}$/),
});

/** What is signed. */
export type Checkpoint = Omit<z.infer<typeof Written>, 'signature' | 'key'>;

/** One line of a file of checkpoints. */
export interface Line {
  readonly checkpoint: z.infer<typeof Written>;
  /** SHA-256 (hex) of the line: what the next one, and the record, name it by. */
  readonly digest: string;
}

/** The line to append, without its end. */
export function write(checkpoint: Checkpoint, key: SigningKey): string {
  const signed = { ...checkpoint, key: key.fingerprint };
  return canonical({ ...signed, signature: key.sign(canonical(signed)) });
}

/** `undefined` for a line that is no checkpoint: what a crash tore, or someone overwrote. */
export function read(line: string): Line | undefined {
  try {
    return { checkpoint: Written.parse(JSON.parse(line)), digest: digestOf(line) };
  } catch {
    return undefined;
  }
}

/** Whether one of these keys signed it; in words, why not. */
export function complaint({ checkpoint }: Line, keys: readonly KeyObject[]): string | undefined {
  const { signature, ...signed } = checkpoint;
  const key = keys.find((candidate) => fingerprintOf(candidate) === signed.key);
  if (!key) return 'the checkpoint is signed with a key that was not given';
  const holds = verify(null, Buffer.from(canonical(signed)), key, Buffer.from(signature, 'base64url'));
  return holds ? undefined : 'the checkpoint’s signature does not hold';
}

/** The lines of a file in order, those that are none left out. */
export function linesOf(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => read(line) ?? []);
}

/** Whether the line follows on one of those before it. Two servers may follow on the same one. */
export function follows({ checkpoint }: Line, before: ReadonlySet<string>): boolean {
  return before.size === 0 ? checkpoint.previous === GENESIS : before.has(checkpoint.previous);
}

function digestOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
