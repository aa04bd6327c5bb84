/** docs/write-back.md tells of rehearsals on the practice EHR what they come to (WB1, WB2). */
import { expect, it } from 'vitest';
import { kept, rehearsalTables } from './page.ts';

it('is what rehearsals on the practice EHR come to, as specified and in all vendor modes', async () => {
  expect(kept(), 'write it anew: node test/server/rehearse/page.ts').toBe(await rehearsalTables());
}, 90_000);
