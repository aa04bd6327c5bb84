/**
 * The house's walls: which room may import which, what the engine may not know, and the one way to read FHIR.
 * Import statements are read as text, so that a type-only import counts as what it is.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CORE_ENTRIES, loadedWith } from './core-size.ts';

const root = resolve(import.meta.dirname, '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.d.ts'));

type Room = 'engine' | 'models' | 'launch' | 'client' | 'server' | 'fixtures' | 'test' | 'root';
interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function roomOf(path: string): Room {
  if (path.startsWith('models/engine/')) return 'engine';
  const first = path.split('/')[0] ?? '';
  return ['models', 'launch', 'client', 'server', 'fixtures', 'test'].includes(first) ? (first as Room) : 'root';
}

/** Every import, re-export and dynamic import of a file, as written. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found: Import[] = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+['"]([^'"]+)['"]/gm)) {
    found.push({ from: file, to: match[2] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const match of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)) {
    found.push({ from: file, to: match[1] ?? '', typeOnly: false });
  }
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ from: file, to: match[1] ?? '', typeOnly: false });
  }
  return found;
}

const all = files.flatMap(importsOf);
const ours = all
  .filter(({ to }) => to.startsWith('.'))
  .map((found) => ({ ...found, target: relative(root, resolve(root, dirname(found.from), found.to)) }));

const mayImport: Record<Room, (target: string, typeOnly: boolean) => boolean> = {
  engine: (target) => roomOf(target) === 'engine',
  models: (target) => ['engine', 'models'].includes(roomOf(target)),
  launch: (target, typeOnly) => roomOf(target) === 'launch' || (roomOf(target) === 'engine' && typeOnly),
  client: (target, typeOnly) =>
    ['client', 'engine'].includes(roomOf(target)) || (roomOf(target) === 'launch' && typeOnly),
  server: (target) => ['server', 'engine', 'launch'].includes(roomOf(target)),
  fixtures: (target, typeOnly) => roomOf(target) === 'fixtures' || (roomOf(target) === 'engine' && typeOnly),
  test: () => true,
  root: (target) => roomOf(target) === 'root',
};

describe('Each room imports only what the house allows', () => {
  it.each(['engine', 'models', 'launch', 'client', 'server', 'fixtures', 'root'] as const)('%s', (room) => {
    const trespasses = ours
      .filter(({ from }) => roomOf(from) === room)
      .filter(({ target, typeOnly }) => !mayImport[room](target, typeOnly))
      .map(({ from, target }) => `${from} → ${target}`);
    expect(trespasses).toEqual([]);
  });

  it('nobody imports a test', () => {
    expect(ours.filter(({ from, target }) => roomOf(from) !== 'test' && roomOf(target) === 'test')).toEqual([]);
  });

  it('knowledge files are read by the library loader, never imported', () => {
    const json = ours.filter(
      ({ from, target }) => roomOf(from) !== 'test' && target.startsWith('models/') && target.endsWith('.json'),
    );
    expect(json).toEqual([]);
  });
});

describe('The engine is pure', () => {
  const engine = all.filter(({ from }) => roomOf(from) === 'engine');

  it('takes nothing from Node', () => {
    expect(engine.filter(({ to }) => to.startsWith('node:'))).toEqual([]);
  });

  it('has no clock and no dice: now is handed in', () => {
    const impure = files
      .filter((file) => roomOf(file) === 'engine')
      .filter((file) =>
        /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(/.test(readFileSync(join(root, file), 'utf8')),
      );
    expect(impure).toEqual([]);
  });

  it('loads FHIRPath in one file only, so that the first number never waits for it', () => {
    const importers = new Set(
      engine.filter(({ to, typeOnly }) => to.startsWith('fhirpath') && !typeOnly).map(({ from }) => from),
    );
    expect([...importers]).toEqual(['models/engine/rules/fhirpath.ts']);
  });
});

describe('One way to each outside thing', () => {
  const importersOf = (name: RegExp) =>
    [
      ...new Set(
        all
          .filter(({ to, from, typeOnly }) => name.test(to) && roomOf(from) !== 'test' && !typeOnly)
          .map(({ from }) => from),
      ),
    ].sort();

  it('the browser reads FHIR through fhirclient, in client/pull.ts alone', () => {
    expect(importersOf(/^fhirclient/)).toEqual(['client/pull.ts']);
  });

  it('OAuth is known to launch/smart.ts and its parts alone', () => {
    for (const file of importersOf(/^oauth4webapi$/)) expect(file).toMatch(/^launch\//);
  });

  it('onnxruntime-web is only ever its wasm build', () => {
    const others = all.filter(
      ({ to, typeOnly }) => to.startsWith('onnxruntime') && !typeOnly && !/^onnxruntime-web\/(wasm|ort-wasm)/.test(to),
    );
    expect(others).toEqual([]);
  });

  it('the browser never calls fetch outside the files that talk to our own server', () => {
    const callers = files
      .filter((file) => roomOf(file) === 'client')
      .filter((file) =>
        /(?<![.\w])fetch\(/.test(readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')),
      );
    for (const file of callers)
      expect(['client/api.ts', 'client/evidence/believed.ts', 'client/pull.ts', 'client/worker.ts']).toContain(file);
  });
});

describe('The core stands alone', () => {
  const mounts =
    /^server\/(?:cds-hooks|metrics|syslog|rehearse|doctor|commands|promises|checkpoints|tenants)\/|postgres/;

  it('launching, relaying and writing back load no mount', () => {
    expect([...loadedWith(CORE_ENTRIES)].filter((file) => mounts.test(file))).toEqual([]);
  });

  it('what is off by default is not even loaded by a server that does not ask for it', () => {
    const off = /^server\/(?:cds-hooks|metrics|syslog|doctor|commands)\/|postgres/;
    expect([...loadedWith(['server/main.ts'])].filter((file) => off.test(file))).toEqual([]);
  });

  it('the walk along the imports does find what is loaded', () => {
    expect([...loadedWith(['server/cds-hooks/start.ts'])]).toContain('server/cds-hooks/routes.ts');
  });
});

describe('Habits', () => {
  it('no folder is a drawer for odds and ends', () => {
    expect(files.filter((file) => /\/(utils?|helpers?|common|shared|misc)(\/|\.tsx?$)/.test(file))).toEqual([]);
  });

  it('nothing is any, nothing is ignored, nothing is left for later', () => {
    const pattern = /\bas any\b|: any\b|@ts-ignore|@ts-nocheck|\bTODO\b|\bFIXME\b/;
    const offenders = files.filter(
      (file) => file !== 'test/architecture.test.ts' && pattern.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(offenders).toEqual([]);
  });
});
