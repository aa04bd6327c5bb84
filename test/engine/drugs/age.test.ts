import { expect, test } from 'vitest';
import { drugKnowledgeAge, expiryOf } from '../../../models/engine/drugs/age.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import { loadLibrary } from '../../../server/library.ts';
import { madeFacts } from '../made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const expiry = expiryOf(library);

test('drug knowledge of October 2025 is current until October 2027, and nothing is said', () => {
  expect(new Date(expiry).toISOString().slice(0, 7)).toBe('2027-10');
  expect(drugKnowledgeAge(library, expiry)).toEqual([]);
});

test('a day later the check stands under "Not checked", with the date of what is known', () => {
  const { notChecked } = prioritise(drugKnowledgeAge(library, expiry + 86_400_000), madeFacts({}, library));
  expect(notChecked).toContainEqual({
    text: 'Medicines together',
    reason: expect.stringMatching(/of 2025-10-06 and has expired/),
  });
});
