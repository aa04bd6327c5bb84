/** What became of a write: saved, in doubt, or not saved and kept. Nothing else exists. */
import { useEffect, useState } from 'preact/hooks';
import type { WriteOutcome } from '../../launch/api.ts';
import { ApiFailure, referenceOf } from '../api.ts';
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
  const version = face === 'saved' && outcome.versionId ? `, version ${outcome.versionId}` : '';
  return (
    <Face face={faces[face]} title={title(outcome)}>
      <p class="outcome-summary">{outcome.summary}</p>
      <p>{outcome.message}</p>
      {outcome.reference && <p class="caption">{`${outcome.reference}${version}`}</p>}
      <div class="buttons">
        {face === 'doubt' && (outcome.via ? <Looked approvalId={outcome.approvalId} /> : <CheckButton />)}
        {outcome.mayResend && <ResendButton approvalId={outcome.approvalId} />}
        {(face === 'doubt' || face === 'kept' || face === 'proposed') && <CopyButton text={outcome.text} />}
        {outcome.mayWithdraw && (
          <button
            type="button"
            class={face === 'saved' ? 'quiet' : ''}
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
  const { busy, failure, ask } = useAsking();
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void ask(look)}>
        {busy ? 'Checking…' : failure ? 'Could not check. Again' : 'Check now'}
      </button>
      <Reference of={failure} />
    </>
  );
}

function ResendButton({ approvalId }: { approvalId: string }) {
  const { busy, failure, ask } = useAsking();
  const resend = async () => {
    const outcome = await running.value?.api.resend(approvalId);
    if (outcome) settle([outcome]);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void ask(resend)}>
        Send again
      </button>
      {failure && <p class="caption">{failure.message} Check again before you send it once more.</p>}
      <Reference of={failure} />
    </>
  );
}

/** A question to the server that a button asks: under way, and how it failed last. */
function useAsking() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure>();
  const ask = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(undefined);
    await work().catch((error: unknown) =>
      setFailure(error instanceof ApiFailure ? error : new ApiFailure('client-error', 'Attune stopped.')),
    );
    setBusy(false);
  };
  return { busy, failure, ask };
}

/** What to tell IT. */
function Reference({ of }: { of: ApiFailure | undefined }) {
  return of ? <p class="caption mono">{referenceOf(of)}</p> : null;
}

/** Only the clinician can look into the EHR's scratchpad; what she saw there ends the doubt. */
function Looked({ approvalId }: { approvalId: string }) {
  const { busy, failure, ask } = useAsking();
  const tell = (there: boolean) =>
    ask(async () => {
      const outcome = await running.value?.api.scratchpad({ approvalId, answer: { is: 'looked', there } });
      if (outcome) settle([outcome]);
    });
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void tell(true)}>
        I see it there
      </button>
      <button type="button" disabled={busy} onClick={() => void tell(false)}>
        It is not there
      </button>
      {failure && <p class="caption">Could not be kept. Try again.</p>}
      <Reference of={failure} />
    </>
  );
}
