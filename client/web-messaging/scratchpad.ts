/** Handing an approved draft to the EHR's frame, once; what it answers goes to the server, which keeps it (interop R1, W3). */
import type { Preview, ScratchpadAnswer, WriteOutcome } from '../../launch/api.ts';
import type { Api } from '../api.ts';
import { type Channel, isObject } from './channel.ts';

/** How long the EHR may take with a draft, in milliseconds. */
const CREATE_MS = 15_000;

/** The resource as it was shown; the approval's id is the message's, by which an EHR knows a repetition. Rejects when our server cannot be told. */
export async function propose(options: {
  readonly api: Pick<Api, 'scratchpad'>;
  readonly channel: Channel;
  readonly preview: Pick<Preview, 'approvalId' | 'resource'>;
}): Promise<WriteOutcome> {
  const { api, channel, preview } = options;
  const { approvalId } = preview;
  const payload = { resource: JSON.parse(preview.resource) as unknown };
  const answer = await channel
    .ask({ type: 'scratchpad.create', id: approvalId, payload, limit: CREATE_MS })
    .then(read, (): ScratchpadAnswer['answer'] => ({ is: 'no-answer' }));
  return api.scratchpad({ approvalId, answer });
}

/** What the EHR said, cut to what may be said; the server judges it. */
function read(payload: unknown): ScratchpadAnswer['answer'] {
  const { status, location } = isObject(payload) ? payload : {};
  return {
    is: 'answered',
    status: typeof status === 'string' ? status.slice(0, 60) : '',
    ...(typeof location === 'string' && location.length <= 300 && { location }),
  };
}
