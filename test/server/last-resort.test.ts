/** What goes wrong past every handler: said in the log by its kind, without a word of it, and the process ends or goes on as it should (V10). */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a script in a process of its own, behind the last resort; its lines and how it ended. */
function run(script: string) {
  const text = `
    import { createLog } from './server/log.ts';
    import { lastResort } from './server/last-resort.ts';
    lastResort(createLog((line) => process.stderr.write(line)));
    ${script}
    setTimeout(() => process.stdout.write('alive'), 50);
  `;
  const { stderr, stdout, status } = spawnSync(
    'node_modules/.bin/node',
    ['--input-type=module-typescript', '-e', text],
    {
      encoding: 'utf8',
    },
  );
  const lines = stderr.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), text: stderr, stdout, status };
}

const CHART = `JSON.parse('{"family":"ZZCANARY')`;

describe('An error that nobody caught', () => {
  it('ends the process, and the log has its kind alone: no message, no stack', () => {
    const { lines, text, status } = run(`setTimeout(() => ${CHART}, 1);`);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', event: 'stop', errCode: 'uncaught:SyntaxError' }),
    ]);
    expect(text).not.toContain('ZZCANARY');
    expect(status).toBe(1);
  });

  it('in a promise that nobody waits for is logged, and everyone else is served on', () => {
    const { lines, text, stdout, status } = run(`void Promise.resolve().then(() => ${CHART});`);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', errCode: 'unhandled:SyntaxError' })]);
    expect(text).not.toContain('ZZCANARY');
    expect([stdout, status]).toEqual(['alive', 0]);
  });

  it('that is no error at all is called unnamed', () => {
    expect(run(`void Promise.reject({ family: 'ZZCANARY' });`).lines).toEqual([
      expect.objectContaining({ errCode: 'unhandled:unnamed' }),
    ]);
  });
});

describe('What a library prints', () => {
  it('becomes a line of the log without its words', () => {
    const { lines, text } = run(`
      console.error(Object.assign(new Error('ZZCANARY'), { code: 'ECONNRESET' }));
      console.info('The user ZZCANARY aborted a request.');
      process.emitWarning('ZZCANARY');`);
    expect(lines.map(({ level, errCode }) => [level, errCode])).toEqual([
      ['error', 'printed:Error:ECONNRESET'],
      ['info', 'printed:unnamed'],
      ['warn', 'warning:Warning'],
    ]);
    expect(text).not.toContain('ZZCANARY');
  });
});
