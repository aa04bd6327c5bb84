import fc from 'fast-check';
import type { Bundle, DocumentReference, FhirResource, RiskAssessment } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { loadDefinitions, validateOnWrite } from '../../fixtures/ehr/definitions.ts';
import { lostFields } from '../../models/engine/proposals/compare.ts';
import { documentReference } from '../../models/engine/proposals/document-reference.ts';
import { forbidden } from '../../models/engine/proposals/forbidden.ts';
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import type { RungSetting } from '../../models/engine/proposals/ladder.ts';
import type { Accepted, ProposalRequest, Written } from '../../models/engine/proposals/proposal.ts';

const BASE = 'https://ehr.example/fhir';
const request: ProposalRequest = {
  recommendation: {
    id: 'metformin-egfr/1',
    indicator: 'critical',
    summary: 'Stop metformin: eGFR 24 is below 30',
    detail: 'Contraindicated below 30 mL/min/1.73 m².',
    action: 'Stop metformin.',
    inputs: [
      {
        label: 'eGFR',
        value: '24 mL/min/{1.73_m2}',
        effective: '2026-11-20',
        source: 'Observation/cr1',
        note: 'CKD-EPI 2021',
      },
      { label: 'Sex', value: 'female', effective: null, note: 'a sex has no date' },
    ],
    missing: ['HbA1c: none on file'],
    limitation: 'Does not know of an acute kidney injury.',
    citations: ['Metformin label'],
    from: [{ id: 'metformin-egfr', version: '1.2.0', title: 'Metformin and eGFR' }],
    libraryVersion: '2026.11',
    libraryDigest: 'sha256-abc',
    comment: 'Told the patient — später mehr.',
  },
  patientId: 'p1',
  encounterId: 'e1',
  author: { reference: 'Practitioner/7', display: 'Dr Ada Example' },
  now: '2026-11-22T10:16:05+01:00',
  key: 'K',
  encode: (text) => Buffer.from(text, 'utf8').toString('base64'),
};
const note = documentReference.propose(request);
const differences = (stored: unknown, base = BASE) => documentReference.differences({ sent: note, stored, base });

describe('the note of an accepted recommendation', () => {
  it('tells a reader of the chart everything that WB6 asks for', () => {
    const text = documentReference.text(request);
    for (const part of [
      'Critical: Stop metformin: eGFR 24 is below 30',
      'Recommended: Stop metformin.',
      'No order was placed.',
      'Contraindicated below 30 mL/min/1.73 m².',
      '- eGFR: 24 mL/min/{1.73_m2}, 2026-11-20, from Observation/cr1 (CKD-EPI 2021)',
      '- Sex: female, no date applies (a sex has no date)',
      '- HbA1c: none on file',
      'Does not know of an acute kidney injury.',
      'Metformin and eGFR (metformin-egfr, version 1.2.0)',
      'Library 2026.11, digest sha256-abc',
      '- Metformin label',
      'Told the patient — später mehr.',
      'Decision-support output reviewed by Dr Ada Example (Practitioner/7); shown for approval 2026-11-22T10:16:05+01:00.',
      'AI-assisted',
      'Write-back key K',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('says so where there is nothing to list, instead of leaving the section out', () => {
    const bare = { ...request.recommendation, missing: [], citations: [] };
    const { comment: _, ...silent } = bare;
    const text = documentReference.text({ ...request, recommendation: silent });
    expect(text).toContain('Missing or not usable\n- nothing that this recommendation asks for');
    expect(text).toContain('Sources\n- none named');
    expect(text).toContain('Comment of the clinician: none');
  });

  it('is a final, AI-labelled Evaluation + Plan note about this patient by this clinician, and not an order', () => {
    expect(note).toMatchObject({
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '51847-2', display: 'Evaluation + Plan note' }] },
      subject: { reference: 'Patient/p1' },
      author: [{ reference: 'Practitioner/7', display: 'Dr Ada Example' }],
      date: '2026-11-22T10:16:05+01:00',
      description: 'Stop metformin: eGFR 24 is below 30',
      identifier: [{ system: 'urn:attune:write-back', value: 'K' }],
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'AIAST' }] },
      context: { encounter: [{ reference: 'Encounter/e1' }] },
    });
    expect(JSON.stringify(note)).not.toMatch(/"intent"|ServiceRequest|MedicationRequest/);
    const data = note.content[0]?.attachment.data ?? '';
    expect(Buffer.from(data, 'base64').toString('utf8')).toBe(documentReference.text(request));
  });

  it('names no encounter when the launch had none', () => {
    const { encounterId: _, ...outside } = request;
    expect(documentReference.propose(outside)).not.toHaveProperty('context');
  });

  it('is the same bytes for the same input, whatever the words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (comment) => {
        const worded = { ...request, recommendation: { ...request.recommendation, comment } };
        expect(JSON.stringify(documentReference.propose(worded))).toBe(
          JSON.stringify(documentReference.propose(worded)),
        );
      }),
    );
  });
});

describe('what the EHR stored', () => {
  it('is the note when it only added its own id, version, absolute addresses and another spelling of the time', () => {
    expect(
      differences({
        ...note,
        id: '1',
        meta: { versionId: '1' },
        identifier: undefined,
        subject: { reference: `${BASE}/Patient/p1`, display: 'Somebody' },
        author: [{ reference: 'Practitioner/7/_history/2' }],
        date: '2026-11-22T09:16:05.000Z',
      }),
    ).toEqual([]);
  });

  const other: Record<string, Partial<DocumentReference>> = {
    status: { status: 'entered-in-error' },
    docStatus: { docStatus: 'preliminary' },
    type: { type: { coding: [{ system: 'http://loinc.org', code: '34133-9' }] } },
    subject: { subject: { reference: 'Patient/p2' } },
    author: { author: [{ reference: 'Practitioner/8' }] },
    date: { date: '2026-11-22T10:16:05Z' },
    content: { content: [{ attachment: { data: Buffer.from('Give metformin').toString('base64') } }] },
    encounter: { context: { encounter: [{ reference: 'Encounter/e2' }] } },
  };
  it.each(Object.entries(other))('is not the note when its %s differs', (field, change) => {
    expect(differences({ ...note, ...change })).toEqual([field]);
  });

  it('is not the note when the patient of that id is on another server', () => {
    expect(differences({ ...note, subject: { reference: 'https://elsewhere.example/fhir/Patient/p1' } })).toEqual([
      'subject',
    ]);
  });

  it.each([undefined, null, 'note', {}, { resourceType: 'OperationOutcome' }, { resourceType: 'DocumentReference' }])(
    'is not the note when it is %j',
    (stored) => {
      expect(differences(stored)).not.toEqual([]);
    },
  );
});

/** As a site agreed on each way of writing, and a recommendation that fits it. */
const settings: Record<ProposalKind, RungSetting> = {
  Bundle: { write: 'Bundle', lost: [] },
  Communication: { write: 'Communication', lost: [] },
  DocumentReference: { write: 'DocumentReference' },
  Observation: {
    write: 'Observation',
    lost: [],
    scores: { 'cha2ds2-vasc': { system: 'https://site.example/codes', code: 'cv', display: 'CHA2DS2-VASc' } },
  },
  QuestionnaireResponse: {
    write: 'QuestionnaireResponse',
    lost: [],
    questionnaire: 'https://site.example/Questionnaire/cds',
    linkId: 'text',
  },
  ServiceRequest: { write: 'ServiceRequest', lost: [] },
};
const score = { model: 'cha2ds2-vasc', title: 'CHA₂DS₂-VASc', value: 4, unit: '{score}', horizon: 'P1Y' };
const requestFor = (kind: ProposalKind, over: Partial<Accepted> = {}): ProposalRequest => ({
  ...request,
  setting: settings[kind],
  recommendation: { ...request.recommendation, ...(kind === 'Observation' && { kind: 'risk', score }), ...over },
});
/** What is compared when it is read back: itself, or the note of a transaction. */
const readBack = (made: Written): Written =>
  made.resourceType === 'Bundle' ? (made.entry?.[0]?.resource as Written) : made;

describe.each(Object.keys(proposals) as ProposalKind[])('the proposal %s', (kind) => {
  const proposal = proposals[kind];
  const made = proposal.propose(requestFor(kind));
  const stored = readBack(made);
  const differences = (changed: unknown) => proposal.differences({ sent: made, stored: changed, base: BASE });

  it('makes the resource it is listed under, and finds no difference between it and itself', () => {
    expect(made.resourceType).toBe(kind);
    expect(differences(structuredClone(stored))).toEqual([]);
  });

  it('is valid FHIR R4', () => {
    loadDefinitions();
    for (const recommendationKind of ['risk', 'interaction', 'monitoring'] as const) {
      const resource = proposal.propose(requestFor(kind, { kind: recommendationKind, score }));
      const all = resource.resourceType === 'Bundle' ? [resource, ...partsOf(resource)] : [resource];
      for (const each of all)
        expect(() => validateOnWrite(each as Parameters<typeof validateOnWrite>[0])).not.toThrow();
    }
  });

  it('WB4: asks for nothing, orders nothing, and names no medicine as taken', () => {
    expect(forbidden(made)).toBeUndefined();
    expect(JSON.stringify(made)).not.toMatch(/"intent":"(order|original-order|filler-order)"|"status":"active"/);
  });

  it('WB5: carries the sign that AI asserted it, in every part', () => {
    for (const part of made.resourceType === 'Bundle' ? partsOf(made) : [made])
      expect(part.meta?.security?.[0]).toMatchObject({ code: 'AIAST' });
  });

  it('WB6: carries model, version, digest, dated inputs, limits and approver in words', () => {
    const text = proposal.text(requestFor(kind));
    for (const word of [
      'metformin-egfr',
      '1.2.0',
      'sha256-abc',
      '2026-11-20',
      'acute kidney injury',
      'Dr Ada Example',
      'AI-assisted',
    ])
      expect(text).toContain(word);
    const carried = proposal.carried(made) ?? '';
    expect(carried === text || Buffer.from(carried, 'base64').toString('utf8') === text).toBe(true);
  });

  it.each([
    'status',
    'subject',
    ...(kind === 'ServiceRequest' ? ['intent', 'code'] : []),
    ...(kind === 'Observation' ? ['code', 'valueQuantity'] : []),
  ])('WB3: notices that the EHR dropped or changed its %s', (field) => {
    const { [field]: _, ...without } = stored as unknown as Record<string, unknown>;
    expect(differences(without)).toContain(field);
  });

  it('WB3: does not mind what the EHR adds, nor how it spells a reference', () => {
    const added = {
      ...structuredClone(stored),
      id: '9',
      meta: { versionId: '3' },
      subject: { reference: `${BASE}/Patient/p1`, display: 'Somebody' },
    };
    expect(differences(added)).toEqual([]);
  });
});

describe('a transaction (X4)', () => {
  it.each([
    ['risk', 'RiskAssessment'],
    ['interaction', 'DetectedIssue'],
  ] as const)('about a %s is a note, a %s and their provenance, each under its own condition', (kind, type) => {
    const bundle = proposals.Bundle.propose(requestFor('Bundle', { kind, score })) as Bundle<FhirResource>;
    expect(bundle.entry?.map(({ resource }) => resource?.resourceType)).toEqual([
      'DocumentReference',
      type,
      'Provenance',
    ]);
    const conditions = bundle.entry?.map(({ request: asked }) => asked?.ifNoneExist);
    expect(conditions).toEqual([
      'identifier=urn:attune:write-back|K',
      'identifier=urn:attune:write-back|K-assessment',
      '_tag=urn:attune:write-back|K-provenance',
    ]);
  });

  it('gives a probability as one, and points not', () => {
    const assess = (value: number, unit: string) => {
      const bundle = proposals.Bundle.propose(requestFor('Bundle', { kind: 'risk', score: { ...score, value, unit } }));
      const [, assessment] = partsOf(bundle as Bundle<FhirResource>) as [unknown, RiskAssessment];
      return assessment.prediction?.[0]?.probabilityDecimal;
    };
    expect(assess(0.123, '1')).toBe(0.123);
    expect(assess(4, '{score}')).toBeUndefined();
  });
});

describe('what came back (WB3)', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const sent = fc.record({
    resourceType: fc.constant('Basic'),
    a: json,
    b: fc.string({ minLength: 1 }),
    c: fc.array(json, { minLength: 1 }),
  });

  it('is nothing lost when everything is there, whatever was added', () => {
    fc.assert(
      fc.property(sent, fc.string(), (resource, extra) => {
        const stored = { ...structuredClone(resource), added: extra, c: [...resource.c, extra] };
        expect(lostFields({ sent: resource, stored, base: BASE }, ['a', 'b', 'c'])).toEqual([]);
      }),
    );
  });

  it('is lost by name when a field is gone or other than it was', () => {
    fc.assert(
      fc.property(sent, fc.constantFrom('b', 'c'), fc.boolean(), (resource, field, gone) => {
        const stored: Record<string, unknown> = structuredClone(resource);
        if (gone) delete stored[field];
        else stored[field] = field === 'b' ? `${resource.b}!` : [];
        expect(lostFields({ sent: resource, stored, base: BASE }, ['a', 'b', 'c'])).toEqual([field]);
      }),
    );
  });

  it('is a resource, or nothing of it came back', () => {
    fc.assert(
      fc.property(sent, json, (resource, stored) => {
        expect(lostFields({ sent: resource, stored, base: BASE }, ['b'])).not.toEqual([]);
      }),
    );
  });
});

describe('what is never written (WB4, WB8)', () => {
  it('a medicine or an order, however deep it is hidden', () => {
    const bad = fc.constantFrom(
      { resourceType: 'MedicationRequest' },
      { resourceType: 'MedicationStatement' },
      { resourceType: 'ServiceRequest', intent: 'order' },
      { resourceType: 'CarePlan', status: 'active' },
    );
    fc.assert(
      fc.property(bad, fc.array(fc.string({ minLength: 1 }), { maxLength: 6 }), (hidden, path) => {
        const around = path.reduce<unknown>((inner, name, depth) => (depth % 2 ? [inner] : { [name]: inner }), hidden);
        expect(forbidden({ resourceType: 'Bundle', entry: [around] })).toBeDefined();
      }),
    );
  });

  it.each([
    ['a medicine that is asked for', { resourceType: 'MedicationRequest', intent: 'proposal', status: 'draft' }],
    ['a medicine as taken', { resourceType: 'MedicationStatement', status: 'active' }],
    ['an order', { resourceType: 'ServiceRequest', intent: 'order', status: 'draft' }],
    ['a suggestion in force', { resourceType: 'ServiceRequest', intent: 'proposal', status: 'active' }],
    ['a deletion', { resourceType: 'Bundle', entry: [{ request: { method: 'DELETE', url: 'DocumentReference/1' } }] }],
    [
      'any of these inside a transaction',
      { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'MedicationRequest' } }] },
    ],
  ])('%s', (_what, resource) => {
    expect(forbidden(resource)).toBeDefined();
  });
});

function partsOf(bundle: Written): FhirResource[] {
  return bundle.resourceType === 'Bundle'
    ? (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource as FhirResource] : []))
    : [];
}
