/** `node test/server/doctor/page.ts` writes docs/doctor.md: what the doctor says of the practice EHR in all modes and of the saved documents. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createPracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import { VENDOR_MODES, type VendorMode } from '../../../fixtures/ehr/quirks.ts';
import type { Diagnosis } from '../../../server/doctor/diagnosis.ts';
import { liveDocuments, savedDocuments } from '../../../server/doctor/documents.ts';
import { examine } from '../../../server/doctor/examine.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NOW = Date.parse('2026-11-23T09:00:00Z');
export const PAGE = join(ROOT, 'docs/doctor.md');
export const SAVED = ['epic', 'oracle-health', 'athenahealth', 'medplum', 'hapi'] as const;

/** What the doctor says of a saved shape. */
export async function ofSaved(id: string): Promise<Diagnosis> {
  return examine(await savedDocuments(join(ROOT, 'fixtures/vendors/discovery', id)), { now: NOW });
}

/** What the doctor says of the practice EHR, asked over HTTP. */
export async function ofPractice(mode?: VendorMode): Promise<Diagnosis> {
  // The port is known only once it listens, and the documents name it: the first EHR finds a free one.
  const probe = await practice(0);
  const port = await probe.listen(0);
  await probe.close();
  const ehr = await practice(port, mode);
  await ehr.listen(port);
  try {
    return examine(await liveDocuments(ehr.fhirBase, Date.now), { now: NOW });
  } finally {
    await ehr.close();
  }
}

function practice(port: number, mode?: VendorMode) {
  const app = 'http://localhost:4999';
  return createPracticeEhr({
    origin: `http://127.0.0.1:${port}`,
    app: { origin: app, launchUrl: `${app}/launch`, redirectUris: [`${app}/callback`] },
    patients: [],
    now: Date.now,
    ...(mode && { quirks: mode }),
  });
}

/** The page. */
export async function doctorPage(): Promise<string> {
  const named: [name: string, diagnosis: Diagnosis][] = [['practice', await ofPractice()]];
  for (const mode of VENDOR_MODES) named.push([`practice, ${mode}`, await ofPractice(mode)]);
  for (const id of SAVED) named.push([`${id} (saved)`, await ofSaved(id)]);
  return [
    '# What the doctor says',
    '',
    'Written by `node test/server/doctor/page.ts`; a test compares it. `npm run -s attune -- doctor ISS|FOLDER` prints the same as',
    'JSON, or as tables with `--format markdown`, for an EHR at its address or from saved documents (`smart-configuration.json`,',
    '`metadata.json`). Exit 1: the app cannot be launched there. `--tenants FILE` adds what your own registry says of it, `--data DIR` the kept rehearsal ([write-back.md](write-back.md#rehearsing)). The',
    'saved documents are ours, in the shapes of the named EHRs; nothing here was asked of a live vendor system. What an EHR',
    'announces is not yet what it grants: the launch itself has the last word.',
    '',
    '*works*: announced in full. *degraded*: works with less, or is tried at launch since the EHR does not say. *blocked*: not',
    'offered; shown as not asked, and what needs it abstains.',
    '',
    '## Features',
    ...matrix(named, ({ features }) => features.map(({ id, title, status }) => [id, title, status])),
    '',
    '## Checks of the launch',
    ...matrix(named, ({ checks }) =>
      checks.filter(({ status }) => status !== 'not-checked').map(({ id, status }) => [id, id, status]),
    ),
    '',
    '## Ways to write',
    '',
    '*available*: as a site that changed nothing finds it. *offered*: once the site switches it on, and its trial on a test patient',
    'passes ([write-back.md](write-back.md)). What is granted shows at the launch.',
    '',
    ...matrix(named, ({ writeBack }) =>
      writeBack.map(({ rung, title, status }) => [title, `${rung} ${title}`, status]),
    ),
    '',
    '## Why not',
    ...named.flatMap(([name, { verdict, checks, features }]) => [
      '',
      `**${name}: ${verdict}**`,
      '',
      ...lines([
        ...checks.filter(({ status }) => status === 'failed' || status === 'attention').map(({ text }) => text),
        ...features
          .filter(({ id, status }) => status !== 'works' && id !== 'launch')
          .map(({ title, why }) => `${title}: ${why}`),
      ]),
    ]),
    '',
  ].join('\n');
}

/** One row for each thing, one column for each EHR. Ports differ from run to run and are not told. */
function matrix(
  named: readonly (readonly [string, Diagnosis])[],
  rowsOf: (diagnosis: Diagnosis) => readonly (readonly string[])[],
): string[] {
  const titles = new Map(
    named.flatMap(([, diagnosis]) => rowsOf(diagnosis).map(([id = '', title = '']) => [id, title] as const)),
  );
  const columns = named.map(
    ([, diagnosis]) => new Map(rowsOf(diagnosis).map(([id = '', , status = '']) => [id, status])),
  );
  return [
    `| | ${named.map(([name]) => name).join(' | ')} |`,
    `|---|${named.map(() => '---|').join('')}`,
    ...[...titles].map(([id, title]) => `| ${title} | ${columns.map((column) => column.get(id) ?? '–').join(' | ')} |`),
  ];
}

function lines(texts: readonly string[]): string[] {
  const said = texts.map((text) => `- ${text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1')}`);
  return said.length > 0 ? [...new Set(said)] : ['- nothing'];
}

/** A folder of documents made by a test. */
export function folderOf(files: Readonly<Record<string, unknown>>): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

if (import.meta.main) writeFileSync(PAGE, await doctorPage());
