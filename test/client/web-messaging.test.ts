/** W1–W3: who is spoken to, who is believed, and what is made of an answer, of none, and of a late one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Channel, connect } from '../../client/web-messaging/channel.ts';
import { propose } from '../../client/web-messaging/scratchpad.ts';
import type { ScratchpadAnswer } from '../../launch/api.ts';
import { outcome } from './scene.ts';

const messaging = { handle: 'handle-1', origin: 'https://ehr.example.org', ui: true };
interface Sent {
  readonly message: { messagingHandle: string; messageId: string; messageType: string; payload: unknown };
  readonly target: string;
}

/** The EHR's frame, and our page inside it: windows as far as messages go. */
let frame: { postMessage(message: Sent['message'], target: string): void };
let page: EventTarget & { parent?: unknown; opener?: unknown };
let sent: Sent[];

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  frame = { postMessage: (message, target) => sent.push({ message, target }) };
  page = Object.assign(new EventTarget(), { parent: frame, opener: null });
});
afterEach(() => {
  vi.useRealTimers();
});

function arrive(data: unknown, { origin = messaging.origin, source = frame as unknown } = {}): void {
  page.dispatchEvent(Object.assign(new Event('message'), { data, origin, source }));
}
const answerTo = (index: number, payload: unknown) => ({
  messageId: 'of-the-ehr',
  responseToMessageId: sent[index]?.message.messageId,
  payload,
});
const connecting = () => connect(messaging, page as unknown as Window);

/** A channel over which the handshake has succeeded. */
async function connected(): Promise<Channel> {
  const opening = connecting();
  arrive(answerTo(0, {}));
  const channel = await opening;
  if (!channel) throw new Error('no channel');
  return channel;
}

describe('W1: the handshake', () => {
  it('goes to the granted origin and nowhere else, with the launch’s handle', async () => {
    await connected();
    expect(sent).toEqual([
      {
        message: {
          messagingHandle: 'handle-1',
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          messageType: 'status.handshake',
          payload: {},
        },
        target: 'https://ehr.example.org',
      },
    ]);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another window of the right origin', { source: {} }],
  ])('an answer from %s is not heard', async (_name, from) => {
    const opening = connecting();
    arrive(answerTo(0, {}), from);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await opening).toBeUndefined();
  });

  it.each([
    ['to another message', () => ({ ...answerTo(0, {}), responseToMessageId: 'guessed' })],
    ['to none', () => ({ payload: {} })],
    ['that is no object', () => 'ok'],
    ['that is null', () => null],
    ['that names an error', () => answerTo(0, { error: { code: 'not-today' } })],
    ['without a payload', () => answerTo(0, undefined)],
  ])('an answer %s opens nothing', async (_name, data) => {
    const opening = connecting();
    arrive(data());
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await opening).toBeUndefined();
  });

  it('after two seconds comes too late', async () => {
    const opening = connecting();
    await vi.advanceTimersByTimeAsync(2_000);
    arrive(answerTo(0, {}));
    expect(await opening).toBeUndefined();
  });

  it('a page of its own asks nobody; one in a window that the EHR opened asks that', async () => {
    Object.assign(page, { parent: page, opener: null });
    expect(await connecting()).toBeUndefined();
    expect(sent).toEqual([]);
    Object.assign(page, { opener: frame });
    await connected();
    expect(sent).toHaveLength(1);
  });
});

describe('W3: a draft', () => {
  const preview = { approvalId: 'approval-1', resource: '{"resourceType":"ServiceRequest","status":"draft"}' };
  const told: ScratchpadAnswer[] = [];
  const api = {
    scratchpad: async (answer: ScratchpadAnswer) => {
      told.push(answer);
      return outcome('proposed');
    },
  };
  beforeEach(() => told.splice(0));

  it('is handed over as it was shown, under the approval’s own id, once; the answer is reported as it was given', async () => {
    const channel = await connected();
    const proposing = propose({ api, channel, preview });
    expect(sent.slice(1)).toMatchObject([
      {
        message: {
          messageId: 'approval-1',
          messageType: 'scratchpad.create',
          payload: { resource: JSON.parse(preview.resource) },
        },
        target: messaging.origin,
      },
    ]);
    arrive(answerTo(1, { status: '201 Created', location: 'ServiceRequest/7', outcome: { text: 'Mrs Smith' } }));
    arrive(answerTo(1, { status: '422' }));
    await proposing;
    expect(told).toEqual([
      { approvalId: 'approval-1', answer: { is: 'answered', status: '201 Created', location: 'ServiceRequest/7' } },
    ]);
  });

  it.each([
    ['nothing', undefined, { is: 'answered', status: '' }],
    ['no words', { status: 201, location: 7 }, { is: 'answered', status: '' }],
    [
      'too many words',
      { status: 'x'.repeat(99), location: 'y'.repeat(999) },
      { is: 'answered', status: 'x'.repeat(60) },
    ],
  ])('an answer of %s is reported without being mended', async (_name, payload, answer) => {
    const channel = await connected();
    const proposing = propose({ api, channel, preview });
    arrive(answerTo(1, payload));
    await proposing;
    expect(told[0]?.answer).toEqual(answer);
  });

  it('without an answer in 15 seconds is reported as such, and never sent again', async () => {
    const channel = await connected();
    const proposing = propose({ api, channel, preview });
    await vi.advanceTimersByTimeAsync(15_000);
    await proposing;
    expect(told).toEqual([{ approvalId: 'approval-1', answer: { is: 'no-answer' } }]);
    expect(sent).toHaveLength(2);
  });
});
