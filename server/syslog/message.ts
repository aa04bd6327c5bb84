/** One event of the record as a syslog message (RFC 5424), framed for TLS by counting its octets (RFC 5425). */
import type { AuditEvent } from 'fhir/r4';

/** 13, “log audit”. */
const FACILITY = 13;
/** Informational, warning, error: by the event's outcome. */
const SEVERITIES: Readonly<Record<NonNullable<AuditEvent['outcome']>, number>> = { '0': 6, '4': 4, '8': 3, '12': 2 };
/** Says that what follows is UTF-8. */
const BOM = '\uFEFF';

/** The message is the AuditEvent as JSON; no structured data. `host` names this server. */
export function frameOf(event: AuditEvent, { host }: { readonly host: string }): Buffer {
  const priority = FACILITY * 8 + SEVERITIES[event.outcome ?? '0'];
  const id = event.subtype?.[0]?.code ?? '-';
  const header = `<${priority}>1 ${event.recorded} ${host} attune - ${id} -`;
  const message = Buffer.from(`${header} ${BOM}${JSON.stringify(event)}`, 'utf8');
  return Buffer.concat([Buffer.from(`${message.length} `, 'ascii'), message]);
}
