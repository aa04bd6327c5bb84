/** The way out when a note cannot be written: its text, to paste elsewhere. */
import { useState } from 'preact/hooks';

/** Copies where the frame may; otherwise shows the text, selected, for the clinician to copy. */
export function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'shown'>('ready');
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
      <button type="button" onClick={() => void copy()}>
        {state === 'copied' ? 'Text copied' : 'Copy text'}
      </button>
      {state === 'shown' && (
        <textarea
          class="note"
          readOnly
          rows={8}
          aria-label="Text of the note"
          value={text}
          ref={(area) => area?.select()}
        />
      )}
    </>
  );
}
