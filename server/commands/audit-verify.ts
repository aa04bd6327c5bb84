/** `audit verify [--data DIR]`: is the append-only record whole, from its first event to its signed head? */
import { parseArgs } from 'node:util';
import { createAudit } from '../audit.ts';
import { withAuditStore } from './audit-store.ts';
import type { Command } from './command.ts';

/** `intact` with the count, or the first broken link and exit 1. */
export const auditVerifyCommand: Command = async ({ args, terminal }) => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } }, strict: true });
  return withAuditStore(values.data, async ({ store, keys }) => {
    const verdict = await createAudit({ store, keys }).verify();
    terminal.out(
      JSON.stringify(
        verdict.whole
          ? { status: 'intact', events: verdict.events }
          : { status: 'broken', firstBroken: verdict.seq, reason: verdict.why },
      ),
    );
    return verdict.whole ? 0 : 1;
  });
};
