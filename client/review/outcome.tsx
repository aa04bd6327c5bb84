/** What became of a write: saved, in doubt, or not saved and kept. Nothing else exists. */
import { useEffect, useState } from 'preact/hooks';
import type { WriteOutcome } from '../../launch/api.ts';
import { outcomes, running, settle } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { outcomeFace } from '../write-back.ts';
import { CopyButton } from './copy.tsx';

const titles = {
  saved: 'Saved, and read back',
  doubt: 'In doubt: sent, not yet confirmed',
  kept: 'Not saved; your work is kept',
} as const;

const faces = { saved: 'saved', doubt: 'doubt', kept: 'error' } as const;

/** A lost answer is most often a note that arrived: it is looked for once by itself, then on request. */
const FIRST_LOOK_MS = 3_000;

/** The server's own words for the outcome, and the note's text to copy wherever it is not surely in the chart. */
export function OutcomeFace({ outcome: given }: { outcome: WriteOutcome }) {
  const outcome = outcomes.value.get(given.approvalId) ?? given;
  const face = outcomeFace(outcome);
  useEffect(() => {
    if (face !== 'doubt' || outcome.mayResend) return;
    const timer = setTimeout(() => void look().catch(() => undefined), FIRST_LOOK_MS);
    return () => clearTimeout(timer);
  }, [outcome.approvalId]);
  const version = outcome.versionId ? `, version ${outcome.versionId}` : '';
  return (
    <Face
      face={faces[face]}
      title={titles[face]}
      code={outcome.reference ? `${outcome.reference}${version}` : undefined}
    >
      <p class="outcome-summary">{outcome.summary}</p>
      <p>{outcome.message}</p>
      {face !== 'saved' && (
        <div class="buttons">
          {face === 'doubt' && <CheckButton />}
          {outcome.mayResend && <ResendButton approvalId={outcome.approvalId} />}
          <CopyButton text={outcome.text} />
        </div>
      )}
    </Face>
  );
}

/** Asks the server to look into the chart for every write in doubt. */
async function look(): Promise<void> {
  settle((await running.value?.api.reconcile()) ?? []);
}

function CheckButton() {
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
