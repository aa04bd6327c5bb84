/**
 * The key ring: seals what waits in the outbox and turns ids into keyed hashes.
 * Old encryption keys stay to open old rows; new rows use the active one, so a key is rotated without downtime (interop V12, V13).
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Sealed } from './store.ts';

const key = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'a 256-bit key in base64');
const ringSchema = z
  .strictObject({
    /** Id of the key that seals new rows. */
    active: z.string(),
    encryption: z.record(z.string().regex(/^[\w-]{1,32}$/), key),
    /** Makes the keyed hashes by which rows are found again; changing it makes old rows unfindable. */
    lookup: key,
    /** Signs the head of the audit record. */
    audit: key,
  })
  .refine((ring) => ring.active in ring.encryption, 'the active key must be among the encryption keys');

/** What `keys.json`, or the setting in its place, holds. */
export type KeyRingFile = z.infer<typeof ringSchema>;

/** Sealing and keyed hashing. Holds the keys in memory and never gives them out. */
export interface KeyRing {
  /** `bound` (tenant, K and format version) is authenticated with the contents: a row copied elsewhere does not open. */
  seal(plain: string, bound: readonly string[]): Sealed;
  /** Throws when the contents, the nonce or what they are bound to were altered, or the key is gone. */
  open(sealed: Sealed, bound: readonly string[]): string;
  /** Keyed hash of ids, base64url; the parts cannot run into each other. */
  lookup(purpose: 'patient' | 'user' | 'intent' | 'launch' | 'card' | 'answer', ...parts: readonly string[]): string;
  /** HMAC-SHA-256 (hex) for the head of the record. */
  sign(text: string): string;
}

/** Builds the ring. Throws, without quoting any key, when the file does not fit. */
export function keyRing(file: unknown): KeyRing {
  const parsed = ringSchema.safeParse(file);
  if (!parsed.success) throw new Error(`key ring: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
  const ring = parsed.data;
  const keys = new Map(Object.entries(ring.encryption).map(([id, text]) => [id, Buffer.from(text, 'base64')]));
  const hmac = (secret: string, text: string) => createHmac('sha256', Buffer.from(secret, 'base64')).update(text);

  return {
    seal(plain, bound) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyOf(ring.active), nonce).setAAD(Buffer.from(bound.join('|')));
      const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { keyId: ring.active, nonce: nonce.toString('base64'), data: data.toString('base64') };
    },
    open(sealed, bound) {
      const data = Buffer.from(sealed.data, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(sealed.keyId), Buffer.from(sealed.nonce, 'base64'), {
        authTagLength: 16,
      })
        .setAAD(Buffer.from(bound.join('|')))
        .setAuthTag(data.subarray(-16));
      return Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString('utf8');
    },
    lookup: (purpose, ...parts) => hmac(ring.lookup, JSON.stringify([purpose, ...parts])).digest('base64url'),
    sign: (text) => hmac(ring.audit, text).digest('hex'),
  };

  function keyOf(id: string): Buffer {
    const found = keys.get(id);
    if (!found) throw new Error(`key ring: no key ${id}`);
    return found;
  }
}

/** A fresh ring with one encryption key. */
export function newKeyRing(): KeyRingFile {
  const fresh = () => randomBytes(32).toString('base64');
  return { active: 'k1', encryption: { k1: fresh() }, lookup: fresh(), audit: fresh() };
}

/** Reads the ring from a file of mode 0600, or writes a fresh one there on the first run. */
export function openKeyRing(path: string): KeyRing {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // `wx` fails when the file exists: two servers that start at once agree on one ring.
    writeFileSync(path, `${JSON.stringify(newKeyRing(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return keyRing(JSON.parse(readFileSync(path, 'utf8')));
}
