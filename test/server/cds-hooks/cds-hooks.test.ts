/** CDS Hooks: what is announced, who is answered, and what a clinician is told while ordering (interop §4, H1–H15, S-3). */
import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { reasons } from '../../../client/review/reasons.ts';
import { OVERRIDE_REASONS } from '../../../server/cds-hooks/reasons.ts';
import { openReference } from '../../../server/cds-hooks/reference.ts';
import { CardsAnswer, Discovery } from './specification.ts';
import {
  cardsOf,
  draft,
  hookCall,
  ISS,
  JWKS,
  jwt,
  NOW,
  ORIGIN,
  openStage,
  prefetchOf,
  ring,
  type Stage,
  type Token,
} from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
/** The same with another first character in a member. */
const other = (text: string, member: string) =>
  text.replace(new RegExp(`(?<="${member}":")[0-9a-zA-Z+/]`), (first) => (first === '0' ? '1' : '0'));
const tiers = (answer: { body: Record<string, unknown> }) => cardsOf(answer).map(({ indicator }) => indicator);

describe('What is announced', () => {
  it('is as the specification has it, a service for each hook (H1, H3)', async () => {
    const found = Discovery.parse(await (await stage.routes.request('/')).json());
    expect(found.services.map(({ hook, id }) => [hook, id])).toEqual([
      ['patient-view', 'attune-patient-view'],
      ['order-select', 'attune-order-select'],
      ['order-sign', 'attune-order-sign'],
    ]);
  });

  it('asks for six things at most, observations by category, with no parameter that a prefetch may not have (H4)', async () => {
    const { services } = Discovery.parse(await (await stage.routes.request('/')).json());
    const templates = Object.values(services[0]?.prefetch ?? {});
    expect(templates.length).toBeLessThanOrEqual(6);
    expect(templates).toContain('Patient/{{context.patientId}}');
    for (const template of templates.filter((one) => one.includes('?'))) {
      const [type, query] = template.split('?');
      const names = [...new URLSearchParams(query).keys()];
      expect(names[0]).toBe('patient');
      if (type === 'Observation') expect(names).toContain('category');
      expect(names.filter((name) => !['patient', 'category', '_sort', '_count'].includes(name))).toEqual([]);
    }
  });
});

describe('S-3: a call that is not verifiably the EHR’s is 401, and nobody is contacted about it', () => {
  const forged: [string, Token | string][] = [
    ['no JWT', ''],
    ['no JWT at all', 'nonsense'],
    ['alg none', `${btoa('{"alg":"none","typ":"JWT","kid":"k1"}')}.${btoa('{}')}.x`.replaceAll('=', '')],
    ['an issuer nobody registered', { claims: { iss: 'https://evil.example/r4' } }],
    ['an issuer that is registered without CDS Hooks', { claims: { iss: 'https://silent.example.org/r4' } }],
    ['a jku that is not allowed', { header: { jku: 'https://evil.example/keys' } }],
    ['a jku on a metadata address', { header: { jku: 'http://169.254.169.254/keys' } }],
    ['no kid', { header: { kid: undefined } }],
    ['another typ', { header: { typ: 'at+jwt' } }],
  ];
  it.each(forged)('%s', async (_, token) => {
    expect((await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong'), token)).status).toBe(
      401,
    );
    expect(stage.asked).toEqual([]);
  });

  it.each([
    ['another audience', { claims: { aud: `${ORIGIN}/cds-services/attune-order-sign` } }],
    ['our origin alone as audience', { claims: { aud: ORIGIN } }],
    ['expired', { claims: { exp: NOW / 1000 - 60 } }],
    ['older than five minutes', { claims: { iat: NOW / 1000 - 600 } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['signed by someone else', { by: 'stranger' }],
    ['a key id that the EHR does not publish', { header: { kid: 'k2' } }],
  ] satisfies [string, Token][])('%s', async (_, token) => {
    const answer = await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong'), token);
    expect(answer).toMatchObject({ status: 401, body: { resourceType: 'OperationOutcome' } });
    expect(new Set(stage.asked.map(({ url }) => url))).toEqual(new Set([JWKS]));
  });

  it('HS256 with the public key as secret', async () => {
    const [, payload] = (await jwt()).split('.');
    const header = btoa('{"alg":"HS256","typ":"JWT","kid":"k1"}').replaceAll('=', '');
    expect((await stage.call('attune-order-select', {}, `${header}.${payload}.c2lnbg`)).status).toBe(401);
  });

  it('the same JWT a second time', async () => {
    const token = await jwt();
    const body = hookCall('order-select', 'nothing-wrong');
    expect((await stage.call('attune-order-select', body, token)).status).toBe(200);
    expect((await stage.call('attune-order-select', body, token)).status).toBe(401);
  });

  it('a known key is not read again at every call; an unknown one once a minute at most', async () => {
    for (let times = 0; times < 3; times++)
      await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong'));
    expect(stage.asked).toHaveLength(1);
    stage.pass(61_000);
    for (let times = 0; times < 3; times++)
      await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong'), { header: { kid: 'k2' } });
    expect(stage.asked).toHaveLength(2);
  });
});

describe('While ordering', () => {
  it('a forbidden pair is critical at the choice and again at the signature (H7)', async () => {
    const chosen = await stage.call(
      'attune-order-select',
      hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']),
    );
    expect(chosen.status).toBe(200);
    CardsAnswer.parse(chosen.body);
    expect(cardsOf(chosen)[0]).toMatchObject({ indicator: 'critical', summary: expect.stringMatching(/simvastatin/i) });
    const signed = await stage.call(
      'attune-order-sign',
      hookCall('order-sign', 'simvastatin-clarithromycin', ['itraconazole 200 mg']),
    );
    expect(tiers(signed)).toContain('critical');
    expect(new Set(tiers(signed))).toEqual(new Set(['critical']));
  });

  it('a medicine that meets nothing brings no card: what the chart already holds is not said again', async () => {
    const answer = await stage.call(
      'attune-order-select',
      hookCall('order-select', 'simvastatin-clarithromycin', ['loratadine 10 mg']),
    );
    expect(answer).toEqual({ status: 200, body: { cards: [] } });
  });

  it('a patient whose chart is in order gets no card on opening it', async () => {
    expect(await stage.call('attune-patient-view', hookCall('patient-view', 'nothing-wrong'))).toEqual({
      status: 200,
      body: { cards: [] },
    });
  });

  it('a danger in the chart is said on opening it', async () => {
    const answer = await stage.call('attune-patient-view', hookCall('patient-view', 'simvastatin-clarithromycin'));
    expect(new Set(tiers(answer))).toEqual(new Set(['critical']));
  });

  it('only what is being chosen now is spoken about, though the other drafts count as planned', async () => {
    const both = hookCall('order-select', 'nothing-wrong', ['warfarin 5 mg', 'loratadine 10 mg']);
    const about = (selections: string[]) =>
      stage.call('attune-order-select', { ...both, context: { ...both.context, selections } }).then(cardsOf);
    const pair = hookCall('order-select', 'nothing-wrong', ['simvastatin 40 mg', 'itraconazole 200 mg']);
    const chosen = await stage.call('attune-order-select', {
      ...pair,
      context: { ...pair.context, selections: ['MedicationRequest/d1'] },
    });
    expect(tiers(chosen)).toContain('critical');
    expect((await about(['MedicationRequest/d1'])).some(({ summary }) => /warfarin/i.test(summary))).toBe(false);
  });

  it('a draft that revises an order of the chart does not hide that order', async () => {
    const body = hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']);
    const entries = (body.prefetch.medications as { entry: { resource: { id: string } }[] }).entry;
    const [order] = body.context.draftOrders?.entry ?? [];
    if (order) order.resource.id = entries[0]?.resource.id ?? '';
    const selections = [`MedicationRequest/${entries[0]?.resource.id}`];
    const answer = await stage.call('attune-order-select', { ...body, context: { ...body.context, selections } });
    expect(tiers(answer)).toContain('critical');
  });

  it('a medicine that is not recognised is said not to have been checked', async () => {
    const answer = await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong', ['zzqx 3 mg']));
    expect(cardsOf(answer)).toEqual([
      expect.objectContaining({ indicator: 'info', summary: 'Not checked: zzqx 3 mg' }),
    ]);
  });

  it('a medication list that the EHR kept back is said not to have been checked', async () => {
    const body = hookCall('order-select', 'nothing-wrong', ['loratadine 10 mg']);
    body.prefetch.medications = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'forbidden' }] };
    expect(cardsOf(await stage.call('attune-order-select', body))[0]?.summary).toBe('Not checked: the medication list');
  });

  it('no card suggests an order, acts by itself, or carries a name, an id or a value in its link (H8, H9)', async () => {
    const answer = await stage.call(
      'attune-order-select',
      hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']),
    );
    expect(JSON.stringify(answer.body)).not.toMatch(/suggestions|systemActions|autolaunchable/);
    expect(cardsOf(answer).length).toBeGreaterThan(0);
    for (const { links = [], uuid } of cardsOf(answer)) {
      const appContext = links[0]?.appContext ?? '';
      expect(links[0]?.url).toBe(`${ORIGIN}/launch`);
      expect(JSON.parse(appContext)).toMatchObject({ card: uuid });
      expect(appContext.length).toBeLessThanOrEqual(4096);
      expect(appContext).not.toMatch(/simvastatin|clarithromycin|itraconazole|critical|order-select/);
    }
  });

  describe('H7, C6: the card that opens the app', () => {
    const call = () =>
      stage.call(
        'attune-order-select',
        hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']),
      );
    const about = { tenantId: 'x', patientId: prefetchOf('simvastatin-clarithromycin').patientId };

    it('is known again at launch, on any server with the keys: which recommendation, and from which hook', async () => {
      const [card] = cardsOf(await call());
      const from = openReference(ring, about, card?.links?.[0]?.appContext ?? '');
      expect(from?.hook).toBe('order-select');
      expect(from?.recommendation?.id).toBe(
        stage.recorded.find((entry) => entry.card === card?.uuid)?.recommendationId,
      );
      expect(from?.recommendation?.from.length).toBeGreaterThan(0);
    });

    it('of what was not checked leads to that', async () => {
      const answer = await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong', ['zzqx 3 mg']));
      const from = openReference(ring, about, cardsOf(answer)[0]?.links?.[0]?.appContext ?? '');
      expect(from).toBeUndefined();
      const own = { tenantId: 'x', patientId: prefetchOf('nothing-wrong').patientId };
      expect(openReference(ring, own, cardsOf(answer)[0]?.links?.[0]?.appContext ?? '')).toEqual({
        hook: 'order-select',
      });
    });

    it.each([
      ['another patient’s', { ...about, patientId: 'somebody-else' }, (text: string) => text],
      ['another EHR’s', { ...about, tenantId: 'silent' }, (text: string) => text],
      ['altered', about, (text: string) => other(text, 'data')],
      ['another card’s', about, (text: string) => other(text, 'card')],
      ['with more in it', about, (text: string) => text.replace('{', '{"patient":"b",')],
      ['nested without end', about, () => '['.repeat(4000)],
      ['no JSON', about, () => 'card'],
      ['a bare id', about, () => '{"card":"5b3c6f0e-8a8e-4b6f-9a43-6a4a0b0b7d11"}'],
    ])('%s selects nothing', async (_name, who, altered) => {
      const [card] = cardsOf(await call());
      const text = card?.links?.[0]?.appContext ?? '';
      expect(openReference(ring, about, text)).toBeDefined();
      expect(openReference(ring, who, altered(text))).toBeUndefined();
    });
  });

  it('what a chart says stays text: no HTML and no Markdown of its own', async () => {
    const answer = await stage.call(
      'attune-order-select',
      hookCall('order-select', 'nothing-wrong', ['<img src=x> [a](javascript:x)']),
    );
    const detail = cardsOf(answer)[0]?.detail ?? '';
    expect(detail).toContain('&lt;img');
    expect(detail).not.toMatch(/<img|[^\\]\[a[^\\]\]/);
  });

  it.each(readdirSync('fixtures/patients').filter((name) => !name.includes('.')))(
    'every answer about %s is as the specification has it',
    async (name) => {
      for (const [hook, drafts] of [
        ['patient-view', []],
        ['order-select', ['warfarin 5 mg', 'ibuprofen 400 mg', 'spironolactone 25 mg']],
        ['order-sign', ['itraconazole 200 mg']],
      ] as const) {
        const answer = await stage.call(`attune-${hook}`, hookCall(hook, name, drafts));
        expect(answer.status).toBe(200);
        CardsAnswer.parse(answer.body);
      }
    },
  );
});

describe('What came with the call', () => {
  it('must be all that was asked for, or come with a token to fetch the rest: else 412 (H4)', async () => {
    const body = hookCall('order-select', 'nothing-wrong');
    for (const key of Object.keys(body.prefetch)) {
      const { [key]: _, ...prefetch } = body.prefetch;
      expect(await stage.call('attune-order-select', { ...body, prefetch })).toMatchObject({
        status: 412,
        body: { resourceType: 'OperationOutcome' },
      });
    }
    const nulls = { ...body.prefetch, laboratory: null };
    expect((await stage.call('attune-order-select', { ...body, prefetch: nulls })).status).toBe(412);
  });

  it('is fetched with the token otherwise, from the tenant’s own server only (H6)', async () => {
    const { prefetch, ...body } = hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg'], {
      fhirServer: ISS,
      fhirAuthorization: { access_token: 'SECRET', token_type: 'Bearer' },
    });
    const { services } = Discovery.parse(await (await stage.routes.request('/')).json());
    for (const [key, template] of Object.entries(services[0]?.prefetch ?? {}))
      stage.answers.set(
        `${ISS}/${template.replace('{{context.patientId}}', body.context.patientId)}`,
        prefetch[key as keyof typeof prefetch],
      );
    expect(tiers(await stage.call('attune-order-select', body))).toContain('critical');
    const carrying = stage.asked.filter(({ authorization }) => authorization === 'Bearer SECRET');
    expect(carrying.length).toBe(6);
    expect(carrying.every(({ url }) => url.startsWith(`${ISS}/`))).toBe(true);
  });

  it('I-2: a next page elsewhere is not read, and the list is said to be in part', async () => {
    const body = hookCall('order-select', 'nothing-wrong', ['loratadine 10 mg'], {
      fhirServer: ISS,
      fhirAuthorization: { access_token: 'SECRET', token_type: 'Bearer' },
    });
    body.prefetch.medications = {
      ...(body.prefetch.medications as object),
      link: [{ relation: 'next', url: 'https://evil.example/r4/next' }],
    };
    const answer = await stage.call('attune-order-select', body);
    expect(stage.asked.filter(({ authorization }) => authorization !== null)).toEqual([]);
    expect(cardsOf(answer)[0]?.summary).toBe('Not checked: the medication list');
  });

  it.each([
    ['another server than the caller’s', { fhirServer: 'https://other.example.org/r4' }],
    [
      'a token for another patient',
      { fhirServer: ISS, fhirAuthorization: { access_token: 'x', token_type: 'Bearer', patient: 'other' } },
    ],
  ])('is refused with %s', async (_, more) => {
    expect((await stage.call('attune-order-select', hookCall('order-select', 'nothing-wrong', [], more))).status).toBe(
      400,
    );
    expect(stage.asked.filter(({ authorization }) => authorization !== null)).toEqual([]);
  });

  it('is refused when a draft, or the patient, is someone else’s', async () => {
    const body = hookCall('order-select', 'nothing-wrong', ['loratadine 10 mg']);
    const other = {
      ...body.context,
      draftOrders: { resourceType: 'Bundle', entry: [{ resource: draft('warfarin', 'd0', 'other') }] },
    };
    expect((await stage.call('attune-order-select', { ...body, context: other })).status).toBe(400);
    const prefetch = { ...body.prefetch, patient: { resourceType: 'Patient', id: 'other' } };
    expect((await stage.call('attune-order-select', { ...body, prefetch })).status).toBe(412);
  });

  it.each([
    ['another hook', { hook: 'patient-view' }],
    ['no hookInstance', { hookInstance: 'x' }],
    [
      'a patient id that is a path',
      { context: { userId: 'u', patientId: '../x', selections: [], draftOrders: { resourceType: 'Bundle' } } },
    ],
    ['no drafts', { context: { userId: 'u', patientId: 'x' } }],
  ])('is 400 with %s, without a word of what was sent (H2, H14)', async (_, change) => {
    const answer = await stage.call('attune-order-select', {
      ...hookCall('order-select', 'nothing-wrong', ['ZZTEST-Canary']),
      ...change,
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toContain('ZZTEST');
  });

  it('may have members that we do not know (H2)', async () => {
    const body = { ...hookCall('patient-view', 'nothing-wrong'), extension: { x: 1 }, 'com.example': true };
    expect((await stage.call('attune-patient-view', body)).status).toBe(200);
  });

  it('is 404 for an unknown service, 413 beyond 2 MB', async () => {
    expect((await stage.call('nobody', {})).status).toBe(404);
    expect((await stage.call('attune-patient-view', JSON.stringify({ x: 'x'.repeat(2_200_000) }))).status).toBe(413);
  });

  it('H12: when the EHR does not answer in time, that is said; silence would read as safe', async () => {
    stage = await openStage({ deadlineMs: 50 });
    const { prefetch: _, ...body } = hookCall('order-select', 'nothing-wrong', ['loratadine'], {
      fhirServer: ISS,
      fhirAuthorization: { access_token: 'x', token_type: 'Bearer' },
    });
    stage.answers.set(`${ISS}/Patient/${body.context.patientId}`, 'hang');
    const answer = await stage.call('attune-order-select', body);
    CardsAnswer.parse(answer.body);
    expect(cardsOf(answer)).toEqual([
      expect.objectContaining({ indicator: 'info', summary: expect.stringContaining('Not checked') }),
    ]);
  });
});

describe('What becomes of a card', () => {
  const choose = () =>
    stage
      .call('attune-order-select', hookCall('order-select', 'simvastatin-clarithromycin', ['itraconazole 200 mg']))
      .then(cardsOf);
  const sign = () =>
    stage
      .call('attune-order-sign', hookCall('order-sign', 'simvastatin-clarithromycin', ['itraconazole 200 mg']))
      .then(cardsOf);
  const answer = (card: string, more: object = {}) =>
    stage.call('attune-order-select/feedback', {
      feedback: [
        {
          card,
          outcome: 'overridden',
          overrideReason: { reason: { code: 'disagree' }, userComment: 'ZZTEST Alba' },
          ...more,
        },
      ],
    });

  it('is recorded as shown, then as answered, in the sidebar’s own words (H10, H11)', async () => {
    const cards = await choose();
    expect(stage.recorded.map(({ type }) => type)).toEqual(cards.map(() => 'shown'));
    const [card] = cards;
    expect((await answer(card?.uuid ?? '')).status).toBe(200);
    expect(stage.recorded.at(-1)).toMatchObject({
      type: 'declined',
      reason: 'disagree',
      card: card?.uuid,
      recommendationId: expect.any(String),
    });
    expect(JSON.stringify(stage.recorded)).not.toContain('ZZTEST');
    expect(OVERRIDE_REASONS.map(({ code, display }) => ({ code, word: display }))).toEqual([...reasons]);
  });

  it('counts once, however often it is reported; a card that nobody remembers counts too', async () => {
    for (let times = 0; times < 3; times++) await answer('unknown-card');
    expect(stage.recorded).toEqual([expect.objectContaining({ type: 'declined', card: 'unknown-card' })]);
  });

  it('a danger that was answered at the choice is not said again at the signature; another one still is', async () => {
    const cards = await choose();
    const [first, ...rest] = cards.filter(({ indicator }) => indicator === 'critical');
    await answer(first?.uuid ?? '');
    const signed = (await sign()).map(({ summary }) => summary);
    expect(signed).not.toContain(first?.summary);
    for (const { summary } of rest) expect(signed).toContain(summary);
  });

  it('an answer of twelve hours ago no longer counts', async () => {
    const [first] = await choose();
    await answer(first?.uuid ?? '');
    stage.pass(12 * 3_600_000 + 1);
    expect((await sign()).map(({ summary }) => summary)).toContain(first?.summary);
  });
});
