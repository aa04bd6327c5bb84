/** A deployment's files in a folder of their own: configuration, tenants, signers. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, type Settings } from '../../../server/config.ts';
import type { liveRegistry } from '../../../server/tenants/live.ts';
import type { RefusalCode } from '../../../server/tenants/refused.ts';
import { createReload, type Reload } from '../../../server/tenants/reload.ts';
import { digestOf, withSignature } from '../../../server/tenants/signatures.ts';
import { codeMapsIn } from '../../../server/tenants/snapshot.ts';

export const NORTH = {
  id: 'north',
  name: 'North Hospital',
  iss: 'https://fhir.north.example/r4',
  clientId: 'attune',
  auth: { method: 'private_key_jwt' },
  frameAncestors: ['https://ehr.north.example'],
  writeBack: { enabled: true },
};
export const SOUTH = { ...NORTH, id: 'south', name: 'South Hospital', iss: 'https://fhir.south.example/r4' };

/** One person who may sign. */
export interface Person {
  readonly key: KeyObject;
  /** File names in the folder. */
  readonly publicFile: string;
  readonly privateFile: string;
}

export interface Site {
  readonly folder: string;
  at(file: string): string;
  write(file: string, content: unknown): void;
  text(file: string): string;
  person(name: string): Person;
  /** Signs what lies in `tenants.json` and its code maps. */
  sign(...people: readonly Person[]): void;
  configure(extra?: object): string;
  settings(extra?: object, env?: NodeJS.ProcessEnv): Promise<Settings>;
  /** Settings as a running server follows them; `told` is what it was told. */
  running(extra?: object): Promise<Running>;
  remove(): void;
}

/** One set for all tests: making an RSA key takes its time. */
const KEYS = {
  keys: [
    { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' }), alg: 'ES384' },
    { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), alg: 'RS384' },
  ],
};

export interface Running extends Reload {
  readonly settings: Settings;
  readonly live: ReturnType<typeof liveRegistry>;
  readonly told: (RefusalCode | 'changed')[];
}

export function openSite(): Site {
  const folder = mkdtempSync(join(tmpdir(), 'tenants-'));
  const at = (file: string) => join(folder, file);
  const write = (file: string, content: unknown) =>
    writeFileSync(at(file), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  const text = (file: string) => readFileSync(at(file), 'utf8');
  write('keys.json', KEYS);
  const configure = (extra: object = {}) => {
    const files = { dataDir: 'data', tenantsFile: 'tenants.json', appKeysFile: 'keys.json' };
    write('attune.json', { origin: 'https://app.example', port: 0, ...files, ...extra });
    return at('attune.json');
  };
  const settings = (extra: object = {}, env: NodeJS.ProcessEnv = {}) => readSettings(configure(extra), env);
  return {
    folder,
    at,
    write,
    text,
    configure,
    settings,
    person: (name) => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      write(`${name}.pub.pem`, String(publicKey.export({ type: 'spki', format: 'pem' })));
      write(`${name}.pem`, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
      return { key: privateKey, publicFile: `${name}.pub.pem`, privateFile: `${name}.pem` };
    },
    sign: (...people) => {
      const names = codeMapsIn(JSON.parse(text('tenants.json')));
      const codeMaps = new Map(names.map((name) => [name, readFileSync(at(name))]));
      const digest = digestOf({ tenants: readFileSync(at('tenants.json')), codeMaps });
      let signed: string | undefined;
      for (const { key } of people) signed = withSignature(signed, { digest, key, now: new Date() }).text;
      write('tenants.json.sig', signed ?? '[]');
    },
    running: async (extra) => {
      const read = await settings(extra);
      const told: Running['told'] = [];
      const { registry } = read;
      const reload = createReload({
        ...registry,
        onChanged: async (release) => {
          told.push('changed');
          await registry.keep(release);
        },
        onRefused: async (code) => void told.push(code),
      });
      return { ...reload, settings: read, live: registry.live, told };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
