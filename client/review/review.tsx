/** Accepting: what will be written, in full, before anything is; then what became of it. */
import { useEffect, useState } from 'preact/hooks';
import type { Preview, WriteOutcome } from '../../launch/api.ts';
import type { Recommendation } from '../../models/engine/evaluation.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { type Api, ApiFailure, referenceOf } from '../api.ts';
import { latest, library, opened, running, stage, today } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { Tier } from '../ui/tier.tsx';
import { Done, handOver, openChannel } from '../web-messaging/later.tsx';
import { acceptedOf, approve, type Unsourced, withSources } from '../write-back.ts';
import { CopyButton } from './copy.tsx';
import { accepted } from './decide.ts';
import { OutcomeFace } from './outcome.tsx';
import { plainNote } from './plain-note.ts';
import { PreviewView } from './preview.tsx';

type Step =
  | { readonly is: 'preparing' }
  | { readonly is: 'ready'; readonly preview: Preview }
  | { readonly is: 'writing'; readonly preview: Preview }
  | { readonly is: 'written'; readonly outcome: WriteOutcome }
  | { readonly is: 'failed'; readonly failure: ApiFailure; readonly text: string; readonly sent: boolean };

/** The only thing that may interrupt: a sheet over everything, with nothing ticked in advance. */
export function Review({ recommendation }: { recommendation: Recommendation }) {
  const [step, setStep] = useState<Step>({ is: 'preparing' });
  const proposal = useProposal(recommendation);

  useEffect(() => {
    let open = true;
    void prepare(proposal, recommendation.finding.citations).then((next) => open && setStep(next));
    return () => {
      open = false;
    };
  }, [proposal, recommendation]);

  const write = async (preview: Preview) => {
    setStep({ is: 'writing', preview });
    setStep(await send(recommendation, preview));
  };

  return (
    <Sheet title="Accept" modal="always" onClose={() => (opened.value = undefined)}>
      <Tier indicator={recommendation.indicator} />
      <p class="headline">{recommendation.summary}</p>
      <div aria-live="polite">
        <StepView step={step} write={write} />
      </div>
    </Sheet>
  );
}

function StepView({ step, write }: { step: Step; write: (preview: Preview) => Promise<void> }) {
  const back = (
    <button type="button" onClick={() => (opened.value = undefined)}>
      Back
    </button>
  );
  switch (step.is) {
    case 'preparing':
      return (
        <>
          <p class="caption">Preparing what will be written…</p>
          <div class="buttons">
            <button type="button" class="primary" disabled>
              Accept
            </button>
            {back}
          </div>
        </>
      );
    case 'ready':
    case 'writing':
      return (
        <>
          <PreviewView preview={step.preview} />
          <div class="buttons sticky">
            <button
              type="button"
              class="primary"
              disabled={step.is === 'writing'}
              onClick={() => void write(step.preview)}
            >
              {step.is === 'writing' ? 'Waiting for the EHR…' : step.preview.button}
            </button>
            {back}
          </div>
        </>
      );
    case 'written':
      return (
        <>
          <OutcomeFace outcome={step.outcome} />
          <div class="buttons">
            <Done />
            {back}
          </div>
        </>
      );
    case 'failed':
      return (
        <>
          <Failed {...step} />
          <div class="buttons">
            <CopyButton text={step.text} />
            {back}
          </div>
        </>
      );
  }
}

function Failed({ failure, sent }: { failure: ApiFailure; sent: boolean }) {
  const reference = referenceOf(failure);
  if (sent) {
    return (
      <Face face="doubt" title="In doubt: not confirmed" code={reference}>
        <p>
          {failure.message} Nobody knows yet whether the note was saved. Look in the chart before you write it again.
        </p>
      </Face>
    );
  }
  return (
    <Face face="error" title="Not saved; your work is kept" code={reference}>
      <p>{failure.message} Nothing was written. The text below is yours to copy.</p>
    </Face>
  );
}

function useProposal(recommendation: Recommendation) {
  const [proposal] = useState(() =>
    acceptedOf({
      recommendation,
      evaluations: (latest.value ?? today.value)?.evaluations ?? [],
      library: library.value ?? { version: 'unknown', digest: 'unknown' },
    }),
  );
  return proposal;
}

async function prepare(note: Unsourced, citations: readonly Citation[]): Promise<Step> {
  const feature = running.value?.context.features.find(({ id }) => id === 'write-back');
  const failed = (failure: ApiFailure): Step => ({
    is: 'failed',
    failure,
    text: plainNote(note),
    sent: false,
  });
  if (feature && !feature.available)
    return failed(new ApiFailure('not-allowed', `Notes cannot be written: ${feature.reason}.`));
  try {
    const recommendation = await withSources(note, citations);
    const channel = await openChannel();
    const preview = await running.value?.api.preview({ recommendation, ...(channel && { messaging: true }) });
    return preview ? { is: 'ready', preview } : failed(new ApiFailure('no-launch', 'The launch is not open.'));
  } catch (error) {
    return failed(asFailure(error));
  }
}

/** After a lost answer nobody knows; only an answer that says "refused before sending" is a plain failure. */
async function send(recommendation: Recommendation, preview: Preview): Promise<Step> {
  const api = running.value?.api;
  if (!api)
    return {
      is: 'failed',
      failure: new ApiFailure('no-launch', 'The launch is not open.'),
      text: preview.text,
      sent: false,
    };
  try {
    const approved = await approve(api, preview);
    const outcome = preview.via ? await handedOver(api, preview, approved) : approved;
    accepted(recommendation, outcome);
    return { is: 'written', outcome };
  } catch (error) {
    const failure = asFailure(error);
    const certain = /^(session-ended|malformed|too-large|not-allowed|http-4\d\d)$/.test(failure.code);
    return { is: 'failed', failure, text: preview.text, sent: !certain };
  }
}

/** Where nobody could be told what became of a draft, it is what the server knows: handed over, no answer. */
function handedOver(api: Api, preview: Preview, approved: WriteOutcome): Promise<WriteOutcome> {
  return handOver(api, preview).catch((error: unknown) => {
    asFailure(error);
    return approved;
  });
}

function asFailure(error: unknown): ApiFailure {
  const failure = error instanceof ApiFailure ? error : new ApiFailure('client-error', 'Attune stopped.');
  if (failure.code === 'session-ended') stage.value = { step: 'ended' };
  return failure;
}
