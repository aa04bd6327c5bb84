/** `audit export [--data DIR]`: the record as FHIR R4 AuditEvents, one a line (V11). Patients stay keyed hashes. */
import { parseArgs } from 'node:util';
import { type AuditEntry, createAudit } from '../audit.ts';
import { auditEvent } from '../audit-event.ts';
import { withAuditStore } from './audit-store.ts';
import type { Command } from './command.ts';

const PAGE = 1_000;

/** Exports what is there, whole or not; exit 1, and the first broken link on stderr, when the chain does not hold. */
export const auditExportCommand: Command = async ({ args, terminal }) => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } }, strict: true });
  return withAuditStore(values.data, async ({ store, keys }) => {
    for (let seq = 0, page = await store.recorded(0, PAGE); page.length > 0; page = await store.recorded(seq, PAGE))
      for (const recorded of page) {
        seq = recorded.seq;
        terminal.out(JSON.stringify(auditEvent(JSON.parse(recorded.event) as AuditEntry, recorded)));
      }
    const verdict = await createAudit({ store, keys }).verify();
    if (verdict.whole) return 0;
    terminal.err(`the record is broken at event ${verdict.seq}: ${verdict.why}`);
    return 1;
  });
};
