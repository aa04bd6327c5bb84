/**
 * What nobody caught, and what libraries print by themselves, as lines of the log in our words: an error's own words and a
 * library's may quote a chart (V10). Only the kind of error is told.
 */
import type { Log } from './log.ts';

const LEVELS = { error: 'error', warn: 'warn', info: 'info', log: 'info', debug: 'info' } as const;

/** For the rest of this process's life. What was thrown past everyone ends it: systemd or Kubernetes starts it anew, and the outbox recovers (X2). */
export function lastResort(log: Log): void {
  process.on('uncaughtException', (error) => {
    log({ level: 'error', event: 'stop', errCode: `uncaught:${kindOf(error)}` });
    process.exit(1);
  });
  // One request's failure is not everyone's: what has to be durable is, or was never confirmed.
  process.on('unhandledRejection', (error) =>
    log({ level: 'error', event: 'request', errCode: `unhandled:${kindOf(error)}` }),
  );
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, 'error' | 'warn' | 'info'][])
    console[method] = (...words: unknown[]) =>
      log({ level, event: 'request', errCode: `printed:${kindOf(words.find((word) => word instanceof Error))}` });
  // Node's own warnings name the code of what is deprecated or experimental.
  process.removeAllListeners('warning');
  process.on('warning', ({ name }) => log({ level: 'warn', event: 'request', errCode: `warning:${name}` }));
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unnamed';
  const code = 'code' in error && typeof error.code === 'string' ? `:${error.code}` : '';
  return `${error.name}${code}`;
}
