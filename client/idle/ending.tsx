/** The session is about to end: said once, counted down, with the way to go on. */
import { useEffect, useState } from 'preact/hooks';
import { ending, running } from '../state.ts';
import { Face } from '../ui/face.tsx';
import './ending.css';

/** Nothing, but for the last minute. */
export function Ending() {
  const soon = ending.value;
  return soon ? <Soon {...soon} /> : null;
}

function Soon({ at, mayStay }: { at: number; mayStay: boolean }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="ending" role="alert">
      <Face face="slow" level={2} title="This session ends in a minute">
        <p>
          {mayStay
            ? 'Attune has not been used for a while. What is on the screen stays; nothing more can be read or written afterwards.'
            : 'The EHR’s permission for it ends. Write what you want written, or open Attune again from the chart.'}{' '}
          <span class="caption" aria-hidden="true">
            {Math.max(0, Math.ceil((at - now) / 1000))} s
          </span>
        </p>
        {mayStay && (
          <button type="button" class="primary" onClick={() => void running.value?.stay()}>
            Stay in this session
          </button>
        )}
      </Face>
    </div>
  );
}
