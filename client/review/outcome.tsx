/** What became of a write: saved, in doubt, or not saved and kept. Nothing else exists. */
import { useEffect, useState } from 'preact/hooks';
import type { WriteOutcome } from '../../launch/api.ts';
import { opened, outcomes, running, settle } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { outcomeFace } from '../write-back.ts';
import { CopyButton } from './copy.tsx';

const faces = {
  saved: 'saved',
  proposed: 'incomplete',
  doubt: 'doubt',
  kept: 'error',
  withdrawn: 'not-applicable',
} as const;

/** What is certain, and nothing more. */
function title({ state, via }: WriteOutcome): string {
  switch (outcomeFace({ state })) {
    case 'saved':
      return 'Saved, and read back';
    case 'proposed':
      return 'Proposed; not in the chart';
    case 'withdrawn':
      return 'Withdrawn, and read back';
    case 'kept':
      return via ? 'Not proposed; your work is kept' : 'Not saved; your work is kept';
    case 'doubt':
      if (state === 'withdrawal-in-doubt') return 'In doubt: withdrawal not confirmed';
      return via ? 'In doubt: handed over, no answer' : 'In doubt: sent, not yet confirmed';
  }
}

/** A lost answer is most often a note that arrived: it is looked for once by itself, then on request. */
const FIRST_LOOK_MS = 3_000;

/** The server's own words for the outcome, and the note's text to copy wherever it is not surely in the chart. */
export function OutcomeFace({ outcome: given }: { outcome: WriteOutcome }) {
  const outcome = outcomes.value.get(given.approvalId) ?? given;
  const face = outcomeFace(outcome);
  useEffect(() => {
    if (face !== 'doubt' || outcome.mayResend || outcome.via) return;
    const timer = setTimeout(() => void look().catch(() => undefined), FIRST_LOOK_MS);
    return () => clearTimeout(timer);
  }, [outcome.approvalId]);
  const version = outcome.versionId ? `, version ${outcome.versionId}` : '';
  return (
    <Face
      face={faces[face]}
      title={title(outcome)}
      code={outcome.reference ? `${outcome.reference}${version}` : undefined}
    >
      <p class="outcome-summary">{outcome.summary}</p>
      <p>{outcome.message}</p>
      <div class="buttons">
        {face === 'doubt' && (outcome.via ? <Looked approvalId={outcome.approvalId} /> : <CheckButton />)}
        {outcome.mayResend && <ResendButton approvalId={outcome.approvalId} />}
        {(face === 'doubt' || face === 'kept' || face === 'proposed') && <CopyButton text={outcome.text} />}
        {outcome.mayWithdraw && (
          <button
            type="button"
            aria-haspopup="dialog"
            onClick={() => (opened.value = { what: 'withdraw', approvalId: outcome.approvalId })}
          >
            {face === 'saved' ? 'Withdraw' : 'Withdraw again'}
          </button>
        )}
      </div>
    </Face>
  );
}

/** Asks the server to look into the chart for every write in doubt. */
async function look(): Promise<void> {
  settle((await running.value?.api.reconcile()) ?? []);
}

/** Looks for everything in doubt, on request. */
export function CheckButton() {
  const [state, setState] = useState<'' | 'busy' | 'failed'>('');
  const check = async () => {
    setState('busy');
    try {
      await look();
      setState('');
    } catch {
      setState('failed');
    }
  };
  return (
    <button type="button" disabled={state === 'busy'} onClick={() => void check()}>
      {state === 'busy' ? 'Checking…' : state === 'failed' ? 'Could not check. Again' : 'Check now'}
    </button>
  );
}

function ResendButton({ approvalId }: { approvalId: string }) {
  const [busy, setBusy] = useState(false);
  const resend = async () => {
    setBusy(true);
    const outcome = await running.value?.api.resend(approvalId).catch(() => undefined);
    if (outcome) settle([outcome]);
    setBusy(false);
  };
  return (
    <button type="button" disabled={busy} onClick={() => void resend()}>
      Send again
    </button>
  );
}

/** Only the clinician can look into the EHR's scratchpad; what she saw there ends the doubt. */
function Looked({ approvalId }: { approvalId: string }) {
  const [state, setState] = useState<'' | 'busy' | 'failed'>('');
  const tell = async (there: boolean) => {
    setState('busy');
    const outcome = await running.value?.api
      .scratchpad({ approvalId, answer: { is: 'looked', there } })
      .catch(() => undefined);
    if (outcome) settle([outcome]);
    setState(outcome ? '' : 'failed');
  };
  return (
    <>
      <button type="button" disabled={state === 'busy'} onClick={() => void tell(true)}>
        I see it there
      </button>
      <button type="button" disabled={state === 'busy'} onClick={() => void tell(false)}>
        It is not there
      </button>
      {state === 'failed' && <p class="caption">Could not be kept. Try again.</p>}
    </>
  );
}
