/** The answers of a CDS service as CDS Hooks 2.0.1 specifies them, strictly: nothing unknown, no nulls, no empty strings, no empty arrays but `cards`. */
import { z } from 'zod';

const said = z.string().min(1);
const uri = z.url();

const Coding = z.strictObject({ code: said, system: uri.or(z.string().startsWith('urn:')).optional(), display: said });

const Link = z.discriminatedUnion('type', [
  z.strictObject({ label: said, url: uri, type: z.literal('absolute'), autolaunchable: z.boolean().optional() }),
  z.strictObject({
    label: said,
    url: uri,
    type: z.literal('smart'),
    appContext: said.max(4096).optional(),
    autolaunchable: z.boolean().optional(),
  }),
]);

const Suggestion = z.strictObject({
  label: said,
  uuid: said.optional(),
  isRecommended: z.boolean().optional(),
  actions: z
    .array(
      z.strictObject({
        type: z.enum(['create', 'update', 'delete']),
        description: said,
        resource: z.object().optional(),
        resourceId: said.optional(),
      }),
    )
    .min(1)
    .optional(),
});

export const Card = z
  .strictObject({
    uuid: said.optional(),
    summary: said.refine((text) => text.length < 140, 'shorter than 140 characters'),
    detail: said.optional(),
    indicator: z.enum(['info', 'warning', 'critical']),
    source: z.strictObject({ label: said, url: uri.optional(), icon: uri.optional(), topic: Coding.optional() }),
    suggestions: z.array(Suggestion).min(1).optional(),
    selectionBehavior: z.enum(['at-most-one', 'any']).optional(),
    overrideReasons: z.array(Coding).min(1).optional(),
    links: z.array(Link).min(1).optional(),
  })
  .refine(
    (card) => card.suggestions === undefined || card.selectionBehavior !== undefined,
    'suggestions need selectionBehavior',
  );

/** `systemActions` are left out on purpose: they bypass the clinician (H9). */
export const CardsAnswer = z.strictObject({ cards: z.array(Card) });

export const Discovery = z.strictObject({
  services: z.array(
    z.strictObject({
      hook: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
      id: said,
      title: said.optional(),
      description: said,
      prefetch: z.record(said, said).optional(),
      usageRequirements: said.optional(),
    }),
  ),
});
