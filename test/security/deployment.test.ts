/** The deployment files start a server as they are: settings and registry are read by the server's own reader (V14, V15). */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from '../../server/config.ts';

it('the example of the compose file is accepted, with CDS Hooks and write-back off', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'deploy-'));
  try {
    cpSync('deploy/compose', dir, { recursive: true });
    const file = join(dir, 'attune.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...config, dataDir: join(dir, 'data') }));
    const settings = await readSettings(file, {});
    expect(settings.config.cdsHooks).toBe(false);
    expect(settings.tenants.all.map(({ writeBack }) => writeBack.enabled)).toEqual([false]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it('what runs has no shell, no privileges, a read-only file system, and time to settle what is being sent', () => {
  const kubernetes = readFileSync('deploy/kubernetes.yaml', 'utf8');
  for (const needed of [
    'runAsNonRoot: true',
    'readOnlyRootFilesystem: true',
    'allowPrivilegeEscalation: false',
    'drop: [ALL]',
    'path: /readyz',
    'path: /livez',
  ])
    expect(kubernetes).toContain(needed);
  expect(readFileSync('Dockerfile', 'utf8')).toMatch(/FROM \S*distroless\S*:nonroot/);
  expect(readFileSync('deploy/attune.service', 'utf8')).toContain('ProtectSystem=strict');
  // V10: no dump of a memory that holds tokens and charts.
  expect(readFileSync('compose.yaml', 'utf8')).toContain('ulimits: { core: 0 }');
  expect(readFileSync('deploy/attune.service', 'utf8')).toContain('LimitCORE=0');
  // The server gives an EHR 30 s and itself 35: none of the three may kill it earlier.
  const limits = [
    /terminationGracePeriodSeconds: (\d+)/.exec(kubernetes),
    /stop_grace_period: (\d+)s/.exec(readFileSync('compose.yaml', 'utf8')),
    /TimeoutStopSec=(\d+)/.exec(readFileSync('deploy/attune.service', 'utf8')),
  ];
  for (const limit of limits) expect(Number(limit?.[1])).toBeGreaterThanOrEqual(36);
});
