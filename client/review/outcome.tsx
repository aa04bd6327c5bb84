/** What became of a write: saved, in doubt, or not saved and kept. Nothing else exists. */
import { useState } from 'preact/hooks';
import type { WriteOutcome } from '../../launch/api.ts';
import { answered, running, unsettled } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { outcomeFace } from '../write-back.ts';
import { CopyButton } from './copy.tsx';

const titles = {
  saved: 'Saved, and read back',
  doubt: 'In doubt: sent, not yet confirmed',
  kept: 'Not saved; your work is kept',
} as const;

const faces = { saved: 'saved', doubt: 'doubt', kept: 'error' } as const;

/** The server's own words for the outcome, and the note's text to copy wherever it is not surely in the chart. */
export function OutcomeFace({ outcome }: { outcome: WriteOutcome }) {
  const face = outcomeFace(outcome);
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
          {outcome.message.endsWith('Resend?') && <ResendButton approvalId={outcome.approvalId} />}
          <CopyButton text={outcome.text} />
        </div>
      )}
    </Face>
  );
}

function CheckButton() {
  const [state, setState] = useState<'' | 'busy' | 'failed'>('');
  const check = async () => {
    setState('busy');
    try {
      settle((await running.value?.api.reconcile()) ?? []);
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

/** Puts newer outcomes in place of the ones on the screen. */
function settle(outcomes: readonly WriteOutcome[]): void {
  const newer = new Map(outcomes.map((outcome) => [outcome.approvalId, outcome]));
  unsettled.value = unsettled.value.map((outcome) => newer.get(outcome.approvalId) ?? outcome);
  answered.value = new Map(
    [...answered.value].map(([id, answer]) => {
      const outcome = answer.how === 'accepted' ? newer.get(answer.outcome.approvalId) : undefined;
      return [id, outcome ? { how: 'accepted', outcome } : answer];
    }),
  );
}
