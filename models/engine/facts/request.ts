/** What reading a chart needs to be told. `readFacts(request: ReadRequest): Facts` in `read.ts`. */
import type { CodeMap } from './code-map.ts';
import type { DrugTable } from './drug-table.ts';
import type { SourceReport } from './facts.ts';

/** The chart as it was pulled, and the moment at which it is read. */
export interface ReadRequest {
  /** The launch's patient: resources about anyone else are kept out, and said. */
  readonly patientId: string;
  /** Raw resources as parsed from JSON, in any order; nothing about them is trusted. */
  readonly resources: readonly unknown[];
  /** How far each query got; absent: the resources are all there is (a Bundle on disk). */
  readonly sources?: readonly SourceReport[];
  /** Without it, medicines stay unresolved until `withMedications`. */
  readonly drugs?: DrugTable;
  /** IANA zone of the tenant, for times written without an offset. Absent: such times are widened to cover every zone. */
  readonly timeZone?: string;
  /** The tenant's own codes and units; absent: LOINC and known units only. */
  readonly codeMap?: CodeMap;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Bundle `fullUrl` → `Type/id`, for charts whose references are `urn:uuid:…` (see `bundle.ts`). */
  readonly fullUrls?: ReadonlyMap<string, string>;
}
