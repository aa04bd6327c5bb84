/** For whoever teaches Attune this site's words: local codes and refused units with counts, and settings that are not made. */
import { useMemo } from 'preact/hooks';
import { type Unmapped, unmapped } from '../../models/engine/facts/unmapped.ts';
import { context, running } from '../state.ts';
import { CopyJson } from './copy-json.tsx';
import { unreadWord } from './reasons.ts';
import type { Gap } from './unlock.ts';

/** Folded: it is not the physician's business. Nothing in it is of a patient. */
export function ForInformaticists({ settings }: { settings: readonly Gap[] }) {
  return (
    <details class="fold">
      <summary>For informaticists</summary>
      <Lines />
      {settings.length > 0 && (
        <>
          <h5>Not set for this site</h5>
          <ul class="rows">
            {settings.map(({ missing, unlocks, refines, helps }) => (
              <li class="row" key={missing.path}>
                <span class="row-main">
                  <span class="mono">{missing.path}</span>
                  <small>
                    {missing.label}; wanted by {[...unlocks, ...refines, ...helps].join(', ')}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

function Lines() {
  const reading = running.value?.reading();
  const patientId = context.value?.patientId;
  const lines = useMemo(
    () =>
      reading && patientId !== undefined
        ? unmapped({ patientId, resources: reading.resources, now: reading.now, ...context.value?.reading })
        : undefined,
    [reading?.resources.length, patientId],
  );
  if (!lines) return <p class="caption">The chart is not at hand any more.</p>;
  return (
    <>
      <h5>Codes and units without a meaning here</h5>
      {lines.length === 0 ? (
        <p>None in what was read.</p>
      ) : (
        <>
          <ul class="rows">
            {lines.map((line) => (
              <li class="row" key={JSON.stringify(line)}>
                <span class="row-main">
                  {line.display ?? line.code ?? 'no name'}
                  <small class="mono">{[line.code, line.system].filter(Boolean).join(' · ')}</small>
                  <small>{why(line)}</small>
                </span>
                <span class="row-side">×{line.count}</span>
              </li>
            ))}
          </ul>
          <CopyJson label="Codes and units to map" value={lines} />
        </>
      )}
      <p class="caption">
        Results are asked for by LOINC code: an EHR that files them under local codes alone may not have sent them. The
        command “attune unmapped” reads a whole export.
      </p>
    </>
  );
}

/** What keeps the line from being read. */
export function why({ kind, unit, path, reason }: Unmapped): string {
  const written = unit === undefined ? 'without a unit' : `unit “${unit}”`;
  if (kind === 'code') return `local code, ${written}`;
  return [path, written, reason && unreadWord[reason]].filter(Boolean).join(' · ');
}
