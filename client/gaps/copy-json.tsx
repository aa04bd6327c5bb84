/** JSON to take along: copied where the frame may, else shown and selected. */
import { useState } from 'preact/hooks';

export function CopyJson({ label, value }: { label: string; value: unknown }) {
  const [state, setState] = useState<'ready' | 'copied' | 'shown'>('ready');
  const text = JSON.stringify(value, null, 2);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // An EHR's frame rarely grants the clipboard.
      setState('shown');
    }
  };
  return (
    <>
      <div class="buttons">
        <button type="button" onClick={() => void copy()}>
          {state === 'copied' ? 'JSON copied' : 'Copy as JSON'}
        </button>
      </div>
      {state === 'shown' && (
        <textarea class="note json" readOnly rows={8} aria-label={label} value={text} ref={(area) => area?.select()} />
      )}
    </>
  );
}
