/** The bodies that the write-back and event endpoints accept: nothing unknown, everything capped, plain text only. */
import { z } from 'zod';
import type {
  ApproveRequest,
  PreviewRequest,
  ReviewEvent,
  ScratchpadAnswer,
  WithdrawRequest,
} from '../../launch/api.ts';
import type { EvaluationKind } from '../../models/engine/evaluation.ts';
import { WITHDRAW_REASONS } from './correction.ts';

/** Tags, comments and doctypes; `<0.5`, `x<y` and `BP <target, HR >100` are plain text and stay allowed. */
const MARKUP = /<(?:[a-z][\w-]*(?:\s+[\w-]+\s*=|\s*\/?>)|\/[a-z]|!|(?:script|img|svg|iframe|style|object|embed)\b)/i;
/** Control characters (but LF and tab) and bidirectional overrides, which make a text read unlike its bytes. */
const UNREADABLE = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;

const plain = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => !MARKUP.test(text), 'no markup')
    .refine((text) => !UNREADABLE.test(text.replace(/[\n\t]/g, '')), 'no control characters');
const said = (longest: number) => plain(longest).refine((text) => text.trim() !== '', 'must not be empty');
/** Ids of ours: visible ASCII without spaces, so that a name cannot slip into the record. */
const id = z.string().regex(/^[!-;=?-~]{1,400}$/);
const code = z.string().regex(/^[a-z][A-Za-z0-9-]{0,59}$/);
const digest = z.string().regex(/^[A-Za-z0-9:+/=_-]{8,128}$/);
const fhirDate = z
  .string()
  .regex(/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/, 'a FHIR date or dateTime');
const indicator = z.enum(['info', 'warning', 'critical']);

const input = z
  .strictObject({
    label: said(200),
    value: said(300),
    effective: fhirDate.nullable(),
    source: plain(200).exactOptional(),
    note: plain(500).exactOptional(),
  })
  .refine((value) => value.effective !== null || value.note, 'a value without a date says why in its note');

const KINDS = [
  'risk',
  'interaction',
  'rule',
  'extreme-value',
  'caution',
  'allergy',
  'burden',
  'duplicate',
  'companion',
  'dosing',
  'monitoring',
  'dose',
  'gene',
  'exposure',
  'injury',
] as const satisfies readonly EvaluationKind[];

const score = z.strictObject({
  model: id,
  title: said(200),
  value: z.number(),
  unit: z.string().regex(/^[!-~]{1,60}$/),
  horizon: z
    .string()
    .regex(/^P[0-9YMWDTHMS.]{1,20}$/)
    .exactOptional(),
});

/** What of a recommendation decides how it may be written. */
export const about = z.object({ kind: z.enum(KINDS).exactOptional(), score: score.exactOptional() });

const recommendation = z.strictObject({
  id,
  ...about.shape,
  indicator,
  summary: said(200),
  detail: said(4_000),
  action: said(1_000),
  inputs: z.array(input).max(200),
  missing: z.array(said(500)).max(200),
  limitation: said(4_000),
  citations: z.array(said(1_000)).max(40),
  from: z
    .array(z.strictObject({ id, version: said(60), title: said(200) }))
    .min(1)
    .max(40),
  libraryVersion: said(60),
  libraryDigest: digest,
  comment: plain(2_000).exactOptional(),
});

/** `POST preview`. */
export const previewRequest = z.strictObject({
  recommendation,
  messaging: z.boolean().exactOptional(),
}) satisfies z.ZodType<PreviewRequest>;
/** `POST approve`. */
export const approveRequest = z.strictObject({
  approvalId: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
}) satisfies z.ZodType<ApproveRequest>;
/** `POST resend`, `POST withdrawal`. */
export const resendRequest = approveRequest.pick({ approvalId: true });
/** `POST withdraw`, `POST correction`. */
export const withdrawRequest = resendRequest.extend({
  reason: z.enum(WITHDRAW_REASONS.map(({ code: known }) => known)),
}) satisfies z.ZodType<WithdrawRequest>;
/** `POST scratchpad`. The EHR's own words are judged where they are used. */
export const scratchpadAnswer = resendRequest.extend({
  answer: z.discriminatedUnion('is', [
    z.strictObject({
      is: z.literal('answered'),
      status: z.string().max(60),
      location: z.string().max(300).exactOptional(),
    }),
    z.strictObject({ is: z.literal('no-answer') }),
    z.strictObject({ is: z.literal('looked'), there: z.boolean() }),
  ]),
}) satisfies z.ZodType<ScratchpadAnswer>;
/** `POST events`. */
export const reviewEvent = z.strictObject({
  type: z.enum(['shown', 'accepted', 'deferred', 'declined', 'evidence-opened']),
  recommendationId: id,
  indicator,
  libraryDigest: digest,
  reason: code.exactOptional(),
}) satisfies z.ZodType<ReviewEvent>;
