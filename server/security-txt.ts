/** Where whoever finds a weakness may tell it: `/.well-known/security.txt` (RFC 9116), from the site's own settings (V19). */
import { z } from 'zod';

/** A URL that stays on its line: parsers drop a line break without a word. */
const address = (protocol: RegExp) => z.url({ protocol }).regex(/^[!-~]+$/);

/** Contacts are read in order of preference. RFC 9116 wants the expiry less than a year ahead. */
export const SecurityTxt = z.strictObject({
  contact: z.array(address(/^(https|mailto|tel)$/)).min(1),
  expires: z.iso.datetime({ offset: true }),
  policy: address(/^https$/).optional(),
  preferredLanguages: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*(, [a-z]{2,3}(-[A-Za-z0-9]+)*)*$/)
    .optional(),
});
export type SecurityTxt = z.infer<typeof SecurityTxt>;

/** The file for a server at `origin`; `undefined` once it has expired: a stale address is worse than none. `now` in ms since the epoch. */
export function securityTxtOf(settings: SecurityTxt, origin: string, now: number): string | undefined {
  if (Date.parse(settings.expires) <= now) return undefined;
  const lines: readonly (readonly [field: string, value: string | undefined])[] = [
    ...settings.contact.map((contact) => ['Contact', contact] as const),
    ['Expires', settings.expires],
    ['Preferred-Languages', settings.preferredLanguages],
    ['Canonical', `${origin}/.well-known/security.txt`],
    ['Policy', settings.policy],
  ];
  return lines.flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${value}\n`])).join('');
}
