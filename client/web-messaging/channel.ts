/**
 * SMART Web Messaging with the EHR's frame (interop W1): our requests, each answered at most once, by one window of one
 * origin and by nobody else. There is no maintained library for it; the whole of the protocol that we speak is here.
 */
import type { WebMessaging } from '../../launch/context.ts';
import { noteMessage } from '../ledger/left.ts';

/** How long the frame may take to shake hands, in milliseconds (W1). */
const HANDSHAKE_MS = 2_000;

/** One request. */
export interface Request {
  readonly type: 'status.handshake' | 'scratchpad.create' | 'ui.done';
  readonly payload: object;
  /** Milliseconds until nobody waits for an answer any more. */
  readonly limit: number;
  /** By which the EHR may know a request that it has had before. */
  readonly id?: string;
}

/** A frame that has answered the handshake. */
export interface Channel {
  /** Whether it may be told that the app is done. */
  readonly ui: boolean;
  /** The payload of the answer, unread. Rejects when none comes in time: then nobody knows what became of the request. */
  ask(request: Request): Promise<unknown>;
}

/** The frame above us, or who opened us, once it has answered; `undefined` where there is none, or it stays silent. */
export async function connect(messaging: WebMessaging, page: Window = window): Promise<Channel | undefined> {
  const frame: Window | null = page.parent !== page ? page.parent : page.opener;
  if (!frame) return undefined;
  const ask = asking(messaging, page, frame);
  const answer = await ask({ type: 'status.handshake', payload: {}, limit: HANDSHAKE_MS }).catch(() => undefined);
  return isObject(answer) && !('error' in answer) ? { ui: messaging.ui, ask } : undefined;
}

function asking({ handle, origin }: WebMessaging, page: Window, frame: Window): Channel['ask'] {
  const pending = new Map<string, (payload: unknown) => void>();
  page.addEventListener('message', ({ data, origin: from, source }: MessageEvent<unknown>) => {
    if (from !== origin || source !== frame || !isObject(data)) return;
    const { responseToMessageId: id, payload } = data;
    const answer = typeof id === 'string' ? pending.get(id) : undefined;
    if (typeof id !== 'string' || !answer) return;
    pending.delete(id);
    answer(payload);
  });
  return ({ type, payload, limit, id = crypto.randomUUID() }) =>
    new Promise((answered, lost) => {
      pending.set(id, answered);
      setTimeout(() => pending.delete(id) && lost(new Error(`${type}: no answer`)), limit);
      const message = { messagingHandle: handle, messageId: id, messageType: type, payload };
      noteMessage(origin, message);
      frame.postMessage(message, origin);
    });
}

/** Narrows what came from outside to something that has members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
