/** What IT takes away: the record as AuditEvents, and the list of all that ships (V11, V15). */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { validateResource } from '@medplum/core';
import type { AuditEvent as FhirAuditEvent } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../../fixtures/ehr/definitions.ts';
import { type AuditEntry, type AuditEvent, createAudit, recordConfigChange } from '../../../server/audit.ts';
import { run } from '../../../server/cli.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import { launchOf } from '../write-back-ehr.ts';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'export-'));
  const keys = openKeyRing(join(dir, 'keys.json'));
  const store = sqliteStore({ path: join(dir, 'attune.sqlite'), keys });
  const audit = createAudit({ store, keys });
  const events: AuditEntry[] = [
    audit.entry(launchOf(), { type: 'shown', recommendationId: 'r', indicator: 'critical' }),
    audit.entry(launchOf(), { type: 'written', reference: 'DocumentReference/7', payloadHash: 'abc' }),
    { type: 'recovered', at: '2026-11-23T09:00:00.000Z', tenant: 'practice', reason: 'interrupted' },
  ];
  for (const event of events) await audit.record(event);
  await store.close();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line), stdin: async () => '' });
  return { code, lines: out, err: err.join('\n') };
}

describe('audit export', () => {
  it('gives one valid AuditEvent a line, with who, when, what, and the place in the chain; the patient stays a keyed hash', async () => {
    const { code, lines } = await attune('audit', 'export', '--data', dir);
    expect(code).toBe(0);
    const events = lines.map((line) => JSON.parse(line) as FhirAuditEvent);
    loadDefinitions();
    for (const event of events) expect(() => validateResource(event as never)).not.toThrow();
    expect(events.map(({ subtype, action, outcome }) => [subtype?.[0]?.code, action, outcome])).toEqual([
      ['shown', 'R', '0'],
      ['written', 'C', '0'],
      ['recovered', 'E', '0'],
    ]);
    expect(events[0]?.agent[0]).toMatchObject({
      requestor: true,
      who: { reference: expect.stringContaining('Practitioner/') },
    });
    expect(events[1]?.entity).toContainEqual({ what: { reference: 'DocumentReference/7' } });
    expect(lines.join()).not.toContain('p1"');
    expect(events.map(({ entity }) => entity?.at(-1)?.what?.identifier?.value)).toEqual(['1', '2', '3']);
  });

  it('of every kind of event is valid, with DICOM’s words for the kinds and TREAT for what was done in a visit (V11)', async () => {
    const keys = openKeyRing(join(dir, 'keys.json'));
    const store = sqliteStore({ path: join(dir, 'attune.sqlite'), keys });
    const audit = createAudit({ store, keys });
    const at = '2026-11-23T09:00:00.000Z';
    const visit: AuditEvent[] = [
      { type: 'launched' },
      { type: 'read', resourceType: 'Observation', requests: 12, bytes: 48_211, failures: 0 },
      { type: 'read', resourceType: 'Condition', requests: 2, bytes: 300, failures: 1 },
      { type: 'read', resourceType: 'Consent', requests: 1, bytes: 0, failures: 1 },
      { type: 'declined', recommendationId: 'r', reason: 'already-tolerated' },
      { type: 'approved', approvalId: 'a', payloadHash: 'h' },
      { type: 'withdrawing' },
      { type: 'proposed' },
      { type: 'ended', reason: 'grant-withdrawn' },
    ];
    for (const event of visit) await audit.record(audit.entry(launchOf(), event));
    await recordConfigChange(audit, { what: 'tenants', digest: 'd', at: new Date(at), user: 'os:root' });
    await audit.record({ type: 'checkpointed', at, tenant: '*', series: 's', payloadHash: 'p' });
    await store.close();
    const { lines } = await attune('audit', 'export', '--data', dir);
    const events = lines.slice(3).map((line) => JSON.parse(line) as FhirAuditEvent);
    loadDefinitions();
    for (const event of events) expect(() => validateResource(event as never)).not.toThrow();
    expect(
      events.map(({ type, subtype, outcome, purposeOfEvent }) => [
        type.code,
        subtype?.map(({ code }) => code).join(' '),
        outcome,
        purposeOfEvent?.[0]?.coding?.[0]?.code,
      ]),
    ).toEqual([
      ['110114', 'launched 110122', '0', 'TREAT'],
      ['110112', 'read', '0', 'TREAT'],
      ['110112', 'read', '4', 'TREAT'],
      ['110112', 'read', '8', 'TREAT'],
      ['110110', 'declined', '0', 'TREAT'],
      ['110110', 'approved', '0', 'TREAT'],
      ['110110', 'withdrawing', '0', 'TREAT'],
      ['110110', 'proposed', '0', 'TREAT'],
      ['110114', 'ended 110123', '0', 'TREAT'],
      ['110113', 'configured 110131', '0', undefined],
      ['110101', 'checkpointed', '0', undefined],
    ]);
    expect(events[1]?.entity?.at(-1)?.detail).toEqual(
      expect.arrayContaining([
        { type: 'resourceType', valueString: 'Observation' },
        { type: 'requests', valueString: '12' },
        { type: 'bytes', valueString: '48211' },
      ]),
    );
    expect(events[9]?.agent[0]).toMatchObject({ who: { display: 'os:root' }, requestor: true });
  });

  it('of a time gives what happened from its beginning on, and before its end', async () => {
    const recorded = async (...given: string[]) =>
      (await attune('audit', 'export', '--data', dir, ...given)).lines.map(
        (line) => (JSON.parse(line) as FhirAuditEvent).recorded,
      );
    const at = '2026-11-23T09:00:00.000Z';
    expect(await recorded('--since', at, '--until', '2026-11-23T09:00:00.001Z')).toEqual([at]);
    expect(await recorded('--until', at)).not.toContain(at);
    expect(await recorded('--since', '2099-01-01')).toEqual([]);
    expect((await attune('audit', 'export', '--data', dir, '--since', 'yesterday')).code).toBe(2);
  });

  it('is itself on the record, with the account that took it', async () => {
    await attune('audit', 'export', '--data', dir);
    const { lines } = await attune('audit', 'export', '--data', dir);
    const taken = JSON.parse(lines.at(-1) ?? '') as FhirAuditEvent;
    expect(taken.subtype?.[0]?.code).toBe('exported');
    expect(taken.agent[0]?.who?.display).toMatch(/^os:.+/);
    expect((await attune('audit', 'verify', '--data', dir)).code).toBe(0);
  });

  it('says so, and ends with 1, when the chain does not hold', async () => {
    const database = new DatabaseSync(join(dir, 'attune.sqlite'));
    database.exec(
      "DROP TRIGGER audit_no_update; UPDATE audit SET event = replace(event, 'critical', 'info') WHERE seq = 1",
    );
    database.close();
    const { code, lines, err } = await attune('audit', 'export', '--data', dir);
    expect(code).toBe(1);
    expect(lines).toHaveLength(3);
    expect(err).toContain('broken at event 1');
  });

  it('of a folder without a record is bad usage, and makes none there', async () => {
    appendFileSync(join(dir, 'x'), '');
    expect((await attune('audit', 'export', '--data', join(dir, 'nowhere'))).code).toBe(2);
  });
});

describe('sbom', () => {
  it('lists packages with their hashes, and the library, the models and the WebAssembly by digest', async () => {
    const { lines } = await attune('sbom');
    const bom = JSON.parse(lines[0] ?? '') as {
      bomFormat: string;
      metadata: { component: { 'bom-ref': string } };
      dependencies: { ref: string; dependsOn: string[] }[];
      components: { 'bom-ref': string; name: string; type: string; hashes?: { alg: string; content: string }[] }[];
    };
    expect(bom.bomFormat).toBe('CycloneDX');
    const named = (name: string) => bom.components.find((component) => component.name === name);
    for (const name of ['hono', 'fhirclient', 'onnxruntime-web', 'preact'])
      expect(named(name)?.hashes?.[0]?.alg).toBe('SHA-512');
    expect(named('knowledge library')?.hashes?.[0]?.content).toMatch(/^[0-9a-f]{64}$/);
    expect(named('ort-wasm-simd-threaded.wasm')?.hashes?.[0]?.content).toMatch(/^[0-9a-f]{64}$/);
    expect(bom.components.filter(({ type }) => type === 'machine-learning-model').map(({ name }) => name)).toContain(
      'hidden-albuminuria',
    );
    expect(bom.components.some(({ name }) => name === 'vitest')).toBe(false);
    const listed = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
    expect(bom.dependencies.length).toBeGreaterThan(10);
    for (const { ref, dependsOn } of bom.dependencies)
      for (const one of [ref, ...dependsOn]) expect(listed).toContain(one);
  });
});
