/** `audit export [--data DIR] [--since ISO] [--until ISO]`: the record as FHIR R4 AuditEvents, one a line (V11). Patients stay keyed hashes. */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { type AuditEntry, verifyRecord } from '../audit.ts';
import { auditEvent } from '../audit-event.ts';
import { withAuditStore } from './audit-store.ts';
import { type Command, UsageError } from './command.ts';

const PAGE = 1_000;

/**
 * Exports what is there, whole or not; exit 1, and the first broken link on stderr, when the chain does not hold. `since`
 * is included, `until` is not. That it was exported, and by which account of this machine, is on the record afterwards.
 */
export const auditExportCommand: Command = async ({ args, terminal, clock }) => {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, since: { type: 'string' }, until: { type: 'string' } },
    strict: true,
  });
  const [since, until] = [instant(values.since), instant(values.until)];
  return withAuditStore(values.data, async ({ store, keys }) => {
    for (let seq = 0, page = await store.recorded(0, PAGE); page.length > 0; page = await store.recorded(seq, PAGE))
      for (const recorded of page) {
        seq = recorded.seq;
        const entry = JSON.parse(recorded.event) as AuditEntry;
        const at = Date.parse(entry.at);
        // What has no time is never left out.
        if (at < since || at >= until) continue;
        terminal.out(JSON.stringify(auditEvent(entry, recorded)));
      }
    const verdict = await verifyRecord(store, { ...(keys && { sign: keys.sign }) });
    if (!verdict.whole) {
      terminal.err(`the record is broken at event ${verdict.seq}: ${verdict.why}`);
      return 1;
    }
    const at = new Date(clock()).toISOString();
    // A copy without its keys is not the record, and is left as it is.
    if (keys)
      await store.append({
        type: 'exported',
        at,
        tenant: '*',
        user: `os:${userInfo().username}`,
      } satisfies AuditEntry);
    return 0;
  });
};

function instant(text: string | undefined): number {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  if (text !== undefined && Number.isNaN(at)) throw new UsageError(`not a time: ${text}`);
  return at;
}
