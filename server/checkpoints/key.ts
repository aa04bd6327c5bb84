/** The Ed25519 key that signs checkpoints. Its public half lies beside it, for whoever verifies without a secret. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Signs, and never gives the key out. */
export interface SigningKey {
  /** Base64url. */
  sign(text: string): string;
  readonly publicKey: KeyObject;
  /** SHA-256 (hex) of the public key as DER. */
  readonly fingerprint: string;
}

const PRIVATE = 'checkpoint-key.pem';
/** In the data folder, beside the private key. */
export const PUBLIC = 'checkpoint-key.pub.pem';

/** The given key (PEM), else the one in `dataDir`, made there on the first run with mode 0600. Throws where it is not Ed25519. */
export function openSigningKey(options: { readonly dataDir: string; readonly pem?: string }): SigningKey {
  const key = createPrivateKey(options.pem ?? kept(join(options.dataDir, PRIVATE)));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('checkpoints: the signing key is no Ed25519 key');
  const publicKey = createPublicKey(key);
  writeFileSync(join(options.dataDir, PUBLIC), publicKey.export({ format: 'pem', type: 'spki' }));
  return {
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
    publicKey,
    fingerprint: fingerprintOf(publicKey),
  };
}

export function fingerprintOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}

function kept(path: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    // `wx` fails when the file exists: two servers that start at once agree on one key.
    writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(path, 'utf8');
}
