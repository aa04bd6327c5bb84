/** How an EHR looks (`smart_style_url`, experimental in SMART App Launch): the few properties that the app takes over, each checked (C5). */
import { z } from 'zod';

/** What is left of an EHR's style after checking. Colours as `#rrggbb`. */
export interface EhrStyle {
  readonly background?: string;
  readonly highlight?: string;
  /** A `font-family` list of plain names. */
  readonly font?: string;
}

const FAMILY = /^(?:"[A-Za-z][A-Za-z0-9 -]*"|'[A-Za-z][A-Za-z0-9 -]*'|[A-Za-z][A-Za-z0-9 -]*)$/;
const hex = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i)
  .optional()
  .catch(undefined);
const families = z
  .string()
  .max(200)
  .refine((list) => list.split(',').every((family) => FAMILY.test(family.trim())))
  .optional()
  .catch(undefined);
const Published = z.looseObject({ color_background: hex, color_highlight: hex, font_family_body: families });

/** Reads a published style. A property that is not what it should be is left out; a document that is none is empty. */
export function readStyle(json: unknown): EhrStyle {
  const read = Published.safeParse(json).data;
  return {
    ...(read?.color_background !== undefined && { background: read.color_background }),
    ...(read?.color_highlight !== undefined && { highlight: read.color_highlight }),
    ...(read?.font_family_body !== undefined && { font: read.font_family_body }),
  };
}
