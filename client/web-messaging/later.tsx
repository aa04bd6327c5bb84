/** The channel to the EHR's frame: its code is brought, and the frame asked, only where the launch was granted one (interop W1). */
import { useEffect, useState } from 'preact/hooks';
import type { Preview, WriteOutcome } from '../../launch/api.ts';
import type { Api } from '../api.ts';
import { context, outcomes } from '../state.ts';
import type { Channel } from './channel.ts';

/** How long the EHR may take to close us, in milliseconds. */
const DONE_MS = 5_000;

let opened: { readonly launchId: string; readonly channel: Promise<Channel | undefined> } | undefined;

/** The channel of the launch in force: asked for once, and `undefined` where nobody answers. */
export function openChannel(): Promise<Channel | undefined> {
  const { webMessaging, launchId } = context.value ?? {};
  if (!webMessaging || !launchId) return Promise.resolve(undefined);
  if (opened?.launchId !== launchId) {
    const channel = import('./channel.ts').then(({ connect }) => connect(webMessaging));
    opened = { launchId, channel: channel.catch(() => undefined) };
  }
  return opened.channel;
}

/** Hands an approved draft over. Rejects when nobody could be told what became of it. */
export async function handOver(api: Pick<Api, 'scratchpad'>, preview: Preview): Promise<WriteOutcome> {
  const [channel, { propose }] = await Promise.all([openChannel(), import('./scratchpad.ts')]);
  if (!channel) throw new Error('the channel is gone');
  return propose({ api, channel, preview });
}

/** `ui.done`, where the EHR takes it: only once everything that was written is final (W3). */
export function Done() {
  const [channel, setChannel] = useState<Channel | undefined>();
  const [state, setState] = useState<'' | 'busy' | 'stays'>('');
  useEffect(() => void openChannel().then(setChannel), []);
  if (!channel?.ui) return null;
  const open = [...outcomes.value.values()].some(({ state: write }) => pending.has(write));
  const done = async () => {
    setState('busy');
    const answer = await channel.ask({ type: 'ui.done', payload: {}, limit: DONE_MS }).catch(() => undefined);
    if ((answer as { status?: unknown } | undefined)?.status !== 'success') setState('stays');
  };
  return (
    <>
      <button type="button" disabled={open || state === 'busy'} onClick={() => void done()}>
        Done, close Attune
      </button>
      {open && <p class="caption">Something is not final yet: see what is in doubt first.</p>}
      {state === 'stays' && <p class="caption">The EHR did not close Attune. Close it there.</p>}
    </>
  );
}

const pending: ReadonlySet<WriteOutcome['state']> = new Set(['approved', 'sending', 'unknown', 'withdrawal-in-doubt']);
