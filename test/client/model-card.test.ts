import { readFileSync } from 'node:fs';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cardOf } from '../../client/evidence/card-file.ts';
import { fileThatRan, modelFactsOf } from '../../client/evidence/model-facts.ts';
import { foundText, whoText } from '../../client/evidence/people-like.tsx';
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { type LoadedLibrary, loadLibrary } from '../../server/library.ts';

let loaded: LoadedLibrary;
const ehr = setupServer();
const HOST = 'http://localhost';
const model = (id: string): RiskModel => {
  const found = loaded.library.risk.find((risk) => risk.id === id);
  if (!found) throw new Error(id);
  return found;
};
const card = (id: string): ModelCard => JSON.parse(readFileSync(`models/risk/${id}/card.json`, 'utf8'));
const published = ({ cardUrl, cardSha256, card: head }: RiskModel) => ({
  card: head,
  cardUrl: `${HOST}${cardUrl}`,
  cardSha256: cardSha256 ?? '',
});

beforeAll(async () => {
  loaded = await loadLibrary({ dir: 'models' });
  ehr.listen({ onUnhandledFrame: 'error' });
});
afterEach(() => ehr.resetHandlers());
afterAll(() => ehr.close());

describe('a card on the screen', () => {
  test('is the whole card, fetched when it is opened and checked against the library', async () => {
    const served = loaded.files.get(model('qsofa').cardUrl ?? '')?.bytes ?? new Uint8Array();
    ehr.use(http.get(`${HOST}/library/cards/*`, () => HttpResponse.arrayBuffer(Uint8Array.from(served).buffer)));
    const file = await cardOf(published(model('qsofa')));
    expect(file).toMatchObject({ is: 'read', card: { attributes: { E5: 'Race is not used' } } });
  });
  test('is not shown with one byte changed', async () => {
    const served = Uint8Array.from(loaded.files.get(model('sofa').cardUrl ?? '')?.bytes ?? []);
    served[40] = (served[40] ?? 0) ^ 1;
    ehr.use(http.get(`${HOST}/library/cards/*`, () => HttpResponse.arrayBuffer(served.buffer)));
    expect(await cardOf(published(model('sofa')))).toEqual({ is: 'altered' });
  });
  test('may be asked for again after the network failed', async () => {
    ehr.use(http.get(`${HOST}/library/cards/*`, () => HttpResponse.error(), { once: true }));
    expect(await cardOf(published(model('news2')))).toEqual({ is: 'unreachable' });
    const served = loaded.files.get(model('news2').cardUrl ?? '')?.bytes ?? new Uint8Array();
    ehr.use(http.get(`${HOST}/library/cards/*`, () => HttpResponse.arrayBuffer(Uint8Array.from(served).buffer)));
    expect((await cardOf(published(model('news2')))).is).toBe('read');
  });
});

describe('Model Facts', () => {
  test('has its five headings for every model of the library, and no row is blank', () => {
    for (const risk of loaded.library.risk) {
      const sections = modelFactsOf(risk, card(risk.id));
      expect(sections.map(({ title }) => title)).toEqual([
        'Summary',
        'How it works',
        'How well it does',
        'Warnings',
        'More',
      ]);
      for (const { text } of sections.flatMap(({ rows }) => rows)) expect(text.trim()).not.toBe('');
    }
  });
  test('names the digest of the very file that runs, and says so when the card is of another', () => {
    const trained = model('hidden-albuminuria');
    if (trained.kind !== 'onnx') throw new Error('not a trained model');
    expect(fileThatRan(trained, card(trained.id))).toEqual({ sha256: trained.sha256, sameAsCard: true });
    expect(fileThatRan({ ...trained, sha256: '0'.repeat(64) }, card(trained.id)).sameAsCard).toBe(false);
    expect(fileThatRan(model('qsofa'), card('qsofa'))).toEqual({ sameAsCard: true });
  });
});

describe('people like this patient, in words', () => {
  const row = { sex: 'female', ageFrom: 65, ageTo: null, indicated: true, n: 610, events: 138 } as const;
  test('are told with their number and an interval', () => {
    const observed = { value: 0.1826, ci95: [0.1484, 0.2137] } as const;
    expect(whoText({ ...row, tooFew: false })).toBe('Women, 65 and over, with a reason to test');
    expect(foundText({ ...row, tooFew: false, observed }, 'ratio')).toBe(
      '18 % (95 % interval 15 to 21 %) had a ratio; n 610, 138 of them.',
    );
  });
  test('are said to be too few where they are', () => {
    expect(foundText({ ...row, n: 40, events: 3, tooFew: true }, 'ratio')).toBe('too few to say (n 40)');
  });
});
