/** `sbom`: a CycloneDX 1.5 list of all that ships: server and client packages, the built page, models and WebAssembly with their SHA-256 (V15). */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ortWasm } from '../../models/engine/onnx-runtime.ts';
import { sha256 } from '../library/canonical.ts';
import type { LoadedLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEVELOPMENT = 'cdx:npm:package:development';
const CLIENT = join(ROOT, 'dist/client');

const Bom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), name: z.string(), type: z.string() }) }),
  components: z.array(
    z.looseObject({
      'bom-ref': z.string(),
      name: z.string(),
      properties: z.array(z.looseObject({ name: z.string() })).default([]),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })).default([]),
});

/** One component that no package registry knows. */
interface Made {
  readonly type: 'file' | 'data' | 'machine-learning-model';
  readonly name: string;
  readonly version?: string;
  readonly sha256: string;
}

/** Exit 1 when the page has not been built: a list without it would not be of what ships. */
export const sbomCommand: Command = async ({ args, terminal, library }) => {
  if (args.length > 0) throw new UsageError('sbom takes no arguments');
  const bom = await packages();
  const made = [...(await clientFiles()), wasm(), ...knowledge(await library())];
  const { component } = bom.metadata;
  terminal.out(
    JSON.stringify({
      ...bom,
      metadata: { ...bom.metadata, component: { ...component, name: 'attune', type: 'application' } },
      components: [...bom.components, ...made.map(componentOf)],
    }),
  );
  if (existsSync(CLIENT)) return 0;
  terminal.err('the page is not built (npm run build): its files are missing from this list');
  return 1;
};

/** Packages with licence, source and SHA-512, from the lockfile and by npm itself. */
async function packages(): Promise<z.infer<typeof Bom>> {
  const { stdout } = await promisify(execFile)('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const bom = Bom.parse(JSON.parse(stdout));
  // npm's own `--omit dev` also leaves out what a development tool needs as well (preact), so its mark is read instead.
  const components = bom.components.filter(({ properties }) => !properties.some(({ name }) => name === DEVELOPMENT));
  const kept = new Set([bom.metadata.component, ...components].map((component) => component['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => kept.has(on)) }));
  return { ...bom, components, dependencies };
}

async function clientFiles(): Promise<Made[]> {
  if (!existsSync(CLIENT)) return [];
  const entries = await readdir(CLIENT, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name));
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { type: 'file', name: `client/${relative(CLIENT, path)}`, sha256: sha256(await readFile(path)) } as const;
    }),
  );
}

function wasm(): Made {
  return { type: 'file', name: ortWasm.file, sha256: ortWasm.sha256 };
}

/** The library as one, and each ONNX graph in it. */
function knowledge({ library, files }: LoadedLibrary): Made[] {
  const { version, digest } = library;
  const graphs = [...files].filter(([url]) => url.endsWith('.onnx'));
  const ids = new Map(
    library.risk.flatMap((model) => {
      const hash = model.kind === 'onnx' ? model.sha256 : model.kind === 'regression' ? model.twin?.sha256 : undefined;
      return hash === undefined ? [] : [[hash, model.id] as const];
    }),
  );
  return [
    { type: 'data', name: 'knowledge library', version, sha256: digest.replace(/^sha256:/, '') },
    ...graphs.map(([, { bytes }]) => {
      const hash = sha256(bytes);
      return { type: 'machine-learning-model', name: ids.get(hash) ?? 'exposure', sha256: hash } as const;
    }),
  ];
}

function componentOf({ sha256: content, ...named }: Made) {
  return {
    'bom-ref': `${named.type}/${named.name}@${content.slice(0, 12)}`,
    ...named,
    hashes: [{ alg: 'SHA-256', content }],
  };
}
