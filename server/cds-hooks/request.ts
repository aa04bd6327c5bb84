/** What an EHR posts to a hook and to its feedback (CDS Hooks 2.0.1; H2, H3, H10): unknown members are let be, wrong ones refused. */
import { z } from 'zod';

export const HOOKS = ['patient-view', 'order-select', 'order-sign'] as const;
export type Hook = (typeof HOOKS)[number];

/** FHIR allows 64 characters; ids of 90 are in use. */
const id = z.string().regex(/^[A-Za-z0-9.-]{1,128}$/);

const draftOrders = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z
    .array(z.looseObject({ resource: z.looseObject({ resourceType: z.string() }) }))
    .max(200)
    .default([]),
});

const context = z.looseObject({
  userId: z.string().min(1).max(200),
  patientId: id,
  encounterId: id.optional(),
});
const orders = context.extend({ draftOrders });

const common = {
  hookInstance: z.guid(),
  fhirServer: z.string().max(2048).optional(),
  fhirAuthorization: z
    .looseObject({ access_token: z.string().min(1), token_type: z.literal('Bearer'), patient: id.optional() })
    .optional(),
  prefetch: z.record(z.string(), z.unknown()).nullish(),
};

/** One call of a hook, by the name of the hook. */
export const HookRequest = z.discriminatedUnion('hook', [
  z.looseObject({ ...common, hook: z.literal('patient-view'), context }),
  z.looseObject({
    ...common,
    hook: z.literal('order-select'),
    context: orders.extend({ selections: z.array(z.string().max(300)).max(200) }),
  }),
  z.looseObject({ ...common, hook: z.literal('order-sign'), context: orders }),
]);
export type HookRequest = z.infer<typeof HookRequest>;

/** What became of cards. A free-text comment may name the patient: it is not read. */
export const Feedback = z.looseObject({
  feedback: z
    .array(
      z.looseObject({
        card: z.string().min(1).max(100),
        outcome: z.enum(['accepted', 'overridden']),
        overrideReason: z.looseObject({ reason: z.looseObject({ code: z.string().optional() }).optional() }).optional(),
      }),
    )
    .min(1)
    .max(100),
});
export type Feedback = z.infer<typeof Feedback>;

/** A refusal with its status; `reason` is ours, a short code, and goes into the log. */
export class HookRefusal extends Error {
  override readonly name = 'HookRefusal';
  readonly status: 400 | 401 | 404 | 412 | 413 | 429;
  readonly reason: string;
  constructor(status: HookRefusal['status'], reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
