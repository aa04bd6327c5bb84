/** `/l/:launchId/write-back/…` and `/l/:launchId/events`: JSON in, JSON out, errors as `ApiError` without patient data. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { ApiError } from '../../launch/api.ts';
import { jsonOf } from '../../launch/json.ts';
import type { Audit } from '../audit.ts';
import { type LaunchedEnv, SessionEnded } from '../launched.ts';
import {
  approveRequest,
  previewRequest,
  resendRequest,
  reviewEvent,
  scratchpadAnswer,
  withdrawRequest,
} from './bodies.ts';
import { Refusal } from './refusal.ts';
import { createWriteBack, type WriteBackDeps } from './write-back.ts';

const LARGEST = 64 * 1024;

/** To be mounted at `/l/:launchId/write-back`, behind the middleware that sets `launch` and `requestId`. */
export function createWriteBackRoutes(deps: WriteBackDeps): Hono<LaunchedEnv> {
  const writeBack = createWriteBack(deps);
  const { audit } = deps;
  return guarded()
    .get('/', async (c) => c.json(await writeBack.outcomes(c.get('launch'))))
    .post('/preview', async (c) => {
      const { recommendation, ...able } = await body(c, previewRequest);
      return c.json(await writeBack.preview(c.get('launch'), recommendation, able));
    })
    .post('/approve', async (c) => {
      const request = await body(c, approveRequest);
      return c.json(await recordRefusal(c, request.approvalId, () => writeBack.approve(c.get('launch'), request)));
    })
    .post('/reconcile', async (c) => c.json(await writeBack.reconcile(c.get('launch'))))
    .post('/resend', async (c) => {
      const { approvalId } = await body(c, resendRequest);
      return c.json(await recordRefusal(c, approvalId, () => writeBack.resend(c.get('launch'), approvalId)));
    })
    .post('/scratchpad', async (c) => {
      const request = await body(c, scratchpadAnswer);
      return c.json(await recordRefusal(c, request.approvalId, () => writeBack.handedOver(c.get('launch'), request)));
    })
    .post('/withdrawal', async (c) => {
      const { approvalId } = await body(c, resendRequest);
      return c.json(await writeBack.withdrawal(c.get('launch'), approvalId));
    })
    .post('/withdraw', async (c) => {
      const { approvalId, reason } = await body(c, withdrawRequest);
      return c.json(await recordRefusal(c, approvalId, () => writeBack.withdraw(c.get('launch'), approvalId, reason)));
    })
    .post('/correction', async (c) => {
      const { approvalId, reason } = await body(c, withdrawRequest);
      return c.json(await writeBack.correction(c.get('launch'), approvalId, reason));
    });

  /** An approval that is turned down is part of the record too (interop T-2). */
  async function recordRefusal<T>(c: Context<LaunchedEnv>, approvalId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal) {
        await audit.record(audit.entry(c.get('launch'), { type: 'refused', approvalId, reason: error.code }));
      }
      throw error;
    }
  }
}

/** To be mounted at `/l/:launchId/events`: what was shown and answered. */
export function createEventRoutes(deps: { audit: Audit }): Hono<LaunchedEnv> {
  return guarded().post('/', async (c) => {
    const event = await body(c, reviewEvent);
    await deps.audit.record(deps.audit.entry(c.get('launch'), event));
    return c.body(null, 204);
  });
}

function guarded(): Hono<LaunchedEnv> {
  const app = new Hono<LaunchedEnv>();
  app.use(
    bodyLimit({
      maxSize: LARGEST,
      onError: (c) => failure(c, new Refusal(413, 'too-large', 'The request is larger than 64 KB. Nothing was sent.')),
    }),
  );
  app.onError((error, c) => failure(c, error));
  return app;
}

async function body<S extends z.ZodType>(c: Context<LaunchedEnv>, schema: S): Promise<z.infer<S>> {
  const sent: unknown = await jsonOf(c.req);
  const parsed = schema.safeParse(sent);
  if (parsed.success) return parsed.data;
  // Paths name our own fields; zod's messages could quote what was sent.
  const places = parsed.error.issues.slice(0, 5).map(({ path }) => path.join('.') || 'body');
  throw new Refusal(400, 'malformed', `Not understood: ${places.join(', ')}. Nothing was sent.`);
}

function failure(c: Context, error: Error): Response {
  const requestId: string = c.get('requestId') ?? '';
  const answer = (status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 500 | 502, code: string, message: string) => {
    // The request log picks it up; the log never sees the error itself, which may quote what it failed on.
    c.set('errorCode', code);
    return c.json({ code, message, requestId } satisfies ApiError, status);
  };
  if (error instanceof Refusal) return answer(error.status, error.code, error.message);
  if (error instanceof SessionEnded) {
    return answer(401, 'session-ended', 'The session has ended. Open the app from the chart again; nothing is lost.');
  }
  return answer(500, 'internal', 'Something failed here. Look in the chart for the note before you approve it again.');
}
