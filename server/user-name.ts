/** The clinician's name, where the id_token has none: `fhirUser` read with the launch's own token. */
import { z } from 'zod';
import type { Launched } from './launched.ts';

const LIMIT_MS = 3_000;

const Named = z.object({
  name: z
    .array(
      z.object({
        use: z.string().optional(),
        text: z.string().optional(),
        family: z.string().optional(),
        given: z.array(z.string()).optional(),
        prefix: z.array(z.string()).optional(),
        suffix: z.array(z.string()).optional(),
      }),
    )
    .min(1),
});

/** The name to show, or `undefined` when the EHR does not give it in time: then the reference itself stays. */
export async function readUserName(launched: Launched): Promise<string | undefined> {
  const { fhirUser, display } = launched.context.user;
  if (display !== fhirUser || !fhirUser.startsWith('Practitioner/')) return undefined;
  try {
    const response = await launched.fhir({ method: 'GET', path: fhirUser, signal: AbortSignal.timeout(LIMIT_MS) });
    if (!response.ok) return undefined;
    const { name } = Named.parse(await response.json());
    const chosen = name.find(({ use }) => use === 'official') ?? name[0];
    const parts = [...(chosen?.prefix ?? []), ...(chosen?.given ?? []), chosen?.family, ...(chosen?.suffix ?? [])];
    return (chosen?.text ?? parts.filter(Boolean).join(' ')).slice(0, 120) || undefined;
  } catch {
    return undefined;
  }
}
