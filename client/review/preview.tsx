/** What will be written, in full: sentences first, then the exact bytes on request; where it goes and in whose name (interop WB7). */
import { useState } from 'preact/hooks';
import type { Preview } from '../../launch/api.ts';

export function PreviewView({ preview }: { preview: Preview }) {
  const [exact, setExact] = useState(false);
  return (
    <>
      <h3>{preview.heading}</h3>
      <p>{preview.destination}</p>
      <p class="caption">Author {preview.author}. No order is placed.</p>
      <pre class="note">{preview.text}</pre>
      <button type="button" class="quiet" aria-expanded={exact} onClick={() => setExact(!exact)}>
        Exact resource (JSON)
      </button>
      {exact && <pre class="note json">{pretty(preview.resource)}</pre>}
    </>
  );
}

function pretty(resource: string): string {
  try {
    return JSON.stringify(JSON.parse(resource), null, 2);
  } catch {
    return resource;
  }
}
