/** Taking back what was written: what this EHR will do, why, and only then; withdrawn is said of what the EHR has shown so. */
import { useEffect, useState } from 'preact/hooks';
import type { Preview, Withdrawal, WriteOutcome } from '../../launch/api.ts';
import { ApiFailure, referenceOf } from '../api.ts';
import { CopyButton } from '../review/copy.tsx';
import { CheckButton, OutcomeFace } from '../review/outcome.tsx';
import { PreviewView } from '../review/preview.tsx';
import { opened, outcomes, running, settle, stage } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { Sheet } from '../ui/sheet.tsx';
import './withdraw.css';

/** How far it is. `failed` before anything was asked of the EHR, or with its refusal; `lost` when nobody knows. */
type Step =
  | { readonly is: 'asking' }
  | { readonly is: 'choosing'; readonly plan: Withdrawal; readonly reason?: string; readonly preview?: Preview }
  | { readonly is: 'busy'; readonly plan: Withdrawal; readonly reason: string; readonly preview?: Preview }
  | { readonly is: 'answered' }
  | { readonly is: 'failed' | 'lost'; readonly failure: ApiFailure };

/** A sheet over everything: the second thing that may interrupt, for it too changes the chart. */
export function Withdraw({ approvalId }: { approvalId: string }) {
  const [step, setStep] = useState<Step>({ is: 'asking' });
  const outcome = outcomes.value.get(approvalId);

  useEffect(() => {
    let open = true;
    void asked(approvalId).then((next) => open && setStep(next));
    return () => {
      open = false;
    };
  }, [approvalId]);

  if (!outcome) return null;
  const choose = async (plan: Withdrawal, reason: string) => {
    if (plan.how !== 'corrected') return setStep({ is: 'choosing', plan, reason });
    setStep({ is: 'busy', plan, reason });
    setStep(await prepared(plan, reason));
  };
  const confirm = async (plan: Withdrawal, reason: string, preview?: Preview) => {
    setStep({ is: 'busy', plan, reason, ...(preview && { preview }) });
    setStep(preview ? await corrected(preview) : await marked(approvalId, reason));
  };

  return (
    <Sheet title="Withdraw" modal="always" onClose={close}>
      {step.is !== 'answered' && (
        <>
          <p class="headline">{outcome.summary}</p>
          <p class="caption">{outcome.reference}</p>
        </>
      )}
      <div class="withdraw" aria-live="polite">
        <StepView step={step} outcome={outcome} choose={choose} confirm={confirm} />
      </div>
    </Sheet>
  );
}

function StepView(props: {
  step: Step;
  outcome: WriteOutcome;
  choose: (plan: Withdrawal, reason: string) => Promise<void>;
  confirm: (plan: Withdrawal, reason: string, preview?: Preview) => Promise<void>;
}) {
  const { step, outcome, choose, confirm } = props;
  const back = (
    <button type="button" onClick={close}>
      Back
    </button>
  );
  switch (step.is) {
    case 'asking':
      return (
        <>
          <p class="caption">Asking what this EHR allows…</p>
          <div class="buttons">{back}</div>
        </>
      );
    case 'choosing':
    case 'busy': {
      const { plan, reason, preview } = step;
      const busy = step.is === 'busy';
      return (
        <>
          <h3>What will happen</h3>
          <p>{plan.text}</p>
          {plan.how === 'by-hand' ? (
            <div class="buttons">
              <CopyButton text={outcome.text} />
              {back}
            </div>
          ) : (
            <>
              <fieldset class="reasons" disabled={busy}>
                <legend>Why?</legend>
                {plan.reasons.map(({ code, word }) => (
                  <button
                    type="button"
                    key={code}
                    aria-pressed={code === reason}
                    onClick={() => void choose(plan, code)}
                  >
                    {word}
                  </button>
                ))}
              </fieldset>
              {preview && <PreviewView preview={preview} />}
              <div class="buttons sticky">
                <button
                  type="button"
                  class="primary"
                  disabled={busy || reason === undefined || (plan.how === 'corrected' && !preview)}
                  onClick={() => reason !== undefined && void confirm(plan, reason, preview)}
                >
                  {busy ? 'Waiting for the EHR…' : (preview?.button ?? 'Mark as entered in error')}
                </button>
                {back}
              </div>
            </>
          )}
        </>
      );
    }
    case 'answered':
      return (
        <>
          <OutcomeFace outcome={outcome} />
          <div class="buttons">{back}</div>
        </>
      );
    case 'failed':
    case 'lost':
      return (
        <>
          <Failed {...step} />
          <div class="buttons">
            {step.is === 'lost' && <CheckButton />}
            {back}
          </div>
        </>
      );
  }
}

function Failed({ is, failure }: { is: 'failed' | 'lost'; failure: ApiFailure }) {
  const code = referenceOf(failure);
  if (is === 'lost') {
    return (
      <Face face="doubt" title="In doubt: withdrawal not confirmed" code={code}>
        <p>{failure.message} Nobody knows yet whether it was withdrawn. Look in the chart, or check again.</p>
      </Face>
    );
  }
  return (
    <Face
      face="error"
      title={refused.has(failure.code) ? 'Not withdrawn: the EHR refused' : 'Not withdrawn'}
      code={code}
    >
      <p>{failure.message}</p>
    </Face>
  );
}

const refused: ReadonlySet<string> = new Set(['not-taken', 'not-granted', 'changed-meanwhile']);

async function asked(approvalId: string): Promise<Step> {
  try {
    return { is: 'choosing', plan: await api().withdrawal(approvalId) };
  } catch (error) {
    return { is: 'failed', failure: asFailure(error) };
  }
}

async function prepared(plan: Withdrawal, reason: string): Promise<Step> {
  try {
    const preview = await api().correction({ approvalId: plan.approvalId, reason });
    return { is: 'choosing', plan, reason, preview };
  } catch (error) {
    return { is: 'failed', failure: asFailure(error) };
  }
}

async function marked(approvalId: string, reason: string): Promise<Step> {
  return sent(async () => settle([await api().withdraw({ approvalId, reason })]));
}

/** The correcting note settles what it corrects, which only the server knows. */
async function corrected({ approvalId, hash }: Preview): Promise<Step> {
  return sent(async () => {
    await api().approve({ approvalId, hash });
    settle(await api().writes());
  });
}

/** An answer of our server in words is certain; anything else may have been done. */
async function sent(work: () => Promise<void>): Promise<Step> {
  try {
    await work();
    return { is: 'answered' };
  } catch (error) {
    const failure = asFailure(error);
    const lost = /^(unreachable|internal|http-5\d\d|client-error)$/.test(failure.code);
    return { is: lost ? 'lost' : 'failed', failure };
  }
}

function api() {
  const now = running.value;
  if (!now) throw new ApiFailure('no-launch', 'The launch is not open.');
  return now.api;
}

function asFailure(error: unknown): ApiFailure {
  const failure = error instanceof ApiFailure ? error : new ApiFailure('client-error', 'Attune stopped.');
  if (failure.code === 'session-ended') stage.value = { step: 'ended' };
  return failure;
}

function close(): void {
  opened.value = undefined;
}
