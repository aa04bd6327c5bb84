/**
 * WB1 as a golden table: what is written at seven EHRs in the shapes they publish, for three kinds of recommendation.
 * The statements are our own minimal equivalents (fixtures/vendors), written from ../shared/design/interop.md §3A.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CapabilityStatement } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import {
  type LadderQuestion,
  ladder,
  type ProposalKind,
  type RungSetting,
} from '../../models/engine/proposals/ladder.ts';

const root = join(import.meta.dirname, '../..');
const VENDORS = {
  epic: 'Epic',
  'oracle-health': 'Oracle Health',
  athenahealth: 'athenahealth',
  meditech: 'MEDITECH',
  nextgen: 'NextGen',
  hapi: 'HAPI',
  medplum: 'Medplum',
} as const;
type Vendor = keyof typeof VENDORS;

const statementOf = (id: Vendor) =>
  JSON.parse(readFileSync(join(root, `fixtures/vendors/${id}/capability.json`), 'utf8')) as CapabilityStatement;

const SCORE = { model: 'cha2ds2-vasc', title: 'CHA₂DS₂-VASc', value: 4, unit: '{score}' };
const RECOMMENDATIONS = {
  medicine: { kind: 'interaction' },
  test: { kind: 'monitoring' },
  score: { kind: 'risk', score: SCORE },
} as const;
type Kind = keyof typeof RECOMMENDATIONS;

/** Everything tried on a test patient, and everything came back. */
const EVERYTHING: readonly RungSetting[] = [
  { write: 'Bundle', lost: [] },
  { write: 'ServiceRequest', lost: [] },
  { write: 'DocumentReference', lost: [] },
  { write: 'Communication', lost: [] },
  { write: 'QuestionnaireResponse', lost: [], questionnaire: 'https://site.example/Questionnaire/cds', linkId: 'text' },
  { write: 'Observation', lost: [], scores: { [SCORE.model]: { system: 'https://site.example/codes', code: 'cv' } } },
];

function question(vendor: Vendor, kind: Kind, over: Partial<LadderQuestion> = {}): LadderQuestion {
  return {
    statement: statementOf(vendor),
    grants: () => true,
    settings: EVERYTHING,
    recommendation: RECOMMENDATIONS[kind],
    ...over,
  };
}
const open = (asked: LadderQuestion) => ladder(asked).flatMap((rung) => (rung.open ? [rung.rung] : []));

/** Every rung that bears, best first; the text to copy is always the last and is left out. */
const GOLDEN: Record<Vendor, Record<Kind, readonly ProposalKind[]>> = {
  epic: {
    medicine: ['DocumentReference', 'Communication', 'QuestionnaireResponse'],
    test: ['ServiceRequest', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
    score: ['Observation', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
  },
  'oracle-health': {
    medicine: ['DocumentReference', 'Communication'],
    test: ['DocumentReference', 'Communication'],
    score: ['Observation', 'DocumentReference', 'Communication'],
  },
  athenahealth: {
    medicine: ['QuestionnaireResponse'],
    test: ['QuestionnaireResponse'],
    score: ['QuestionnaireResponse'],
  },
  meditech: {
    medicine: ['Communication', 'QuestionnaireResponse'],
    test: ['Communication', 'QuestionnaireResponse'],
    score: ['Communication', 'QuestionnaireResponse'],
  },
  nextgen: { medicine: [], test: [], score: [] },
  hapi: {
    medicine: ['Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
    test: ['ServiceRequest', 'Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
    score: ['Bundle', 'Observation', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
  },
  medplum: {
    medicine: ['Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
    test: ['ServiceRequest', 'Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
    score: ['Bundle', 'Observation', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
  },
};
const CASES = (Object.keys(VENDORS) as Vendor[]).flatMap((vendor) =>
  (Object.keys(RECOMMENDATIONS) as Kind[]).map((kind) => [VENDORS[vendor], kind, vendor] as const),
);

describe('WB1: the ladder follows from what the EHR publishes', () => {
  it.each(CASES)('%s, about a %s', (_name, kind, vendor) => {
    expect(open(question(vendor, kind))).toEqual([...GOLDEN[vendor][kind], 'copy']);
  });

  it('docs/write-back.md shows this very table', () => {
    const rows = (Object.keys(VENDORS) as Vendor[]).map((vendor) => {
      const cells = (['medicine', 'test', 'score'] as const).map((kind) => GOLDEN[vendor][kind].join(', ') || 'copy');
      return `| ${VENDORS[vendor]} | ${cells.join(' | ')} |`;
    });
    expect(readFileSync(join(root, 'docs/write-back.md'), 'utf8')).toContain(rows.join('\n'));
  });
});

describe('WB1: a rung is closed, and says why,', () => {
  const why = (asked: LadderQuestion, name: string) => {
    const rung = ladder(asked).find(({ rung }) => rung === name);
    return rung && !rung.open ? rung.code : undefined;
  };

  it('where the site said nothing: a note, and nothing else', () => {
    const { settings: _, ...silent } = question('hapi', 'score');
    expect(open(silent)).toEqual(['DocumentReference', 'copy']);
    expect(why(silent, 'Bundle')).toBe('switched-off');
  });

  it('where the scope to create or to read back was not granted', () => {
    const grants: LadderQuestion['grants'] = (type, interaction) => type !== 'DocumentReference' || interaction === 'c';
    expect(why(question('epic', 'medicine', { grants }), 'DocumentReference')).toBe('not-granted');
  });

  it('where the EHR does not offer it', () => {
    expect(why(question('nextgen', 'medicine'), 'DocumentReference')).toBe('not-offered');
    expect(why(question('epic', 'medicine'), 'Bundle')).toBe('not-offered');
  });

  it('WB2: where it was not tried on a test patient, or the trial lost a critical field', () => {
    const untried = question('epic', 'test', { settings: [{ write: 'ServiceRequest' }] });
    expect(why(untried, 'ServiceRequest')).toBe('not-tried');
    const lossy = question('epic', 'test', { settings: [{ write: 'ServiceRequest', lost: ['intent'] }] });
    expect(why(lossy, 'ServiceRequest')).toBe('trial-lost');
    expect(open(lossy)).toEqual(['copy']);
  });

  it('WB2: where a rehearsal found it unusable, in the words of the rehearsal, whatever the site says of it', () => {
    const asked = question('epic', 'test', {
      tried: (rung) =>
        rung === 'ServiceRequest' ? { passed: false, code: 'trial-lost', why: 'it did not keep intent' } : undefined,
    });
    expect(ladder(asked).find(({ rung }) => rung === 'ServiceRequest')).toMatchObject({
      code: 'trial-lost',
      why: 'it did not keep intent',
    });
    expect(open(asked)).toEqual(['DocumentReference', 'Communication', 'QuestionnaireResponse', 'copy']);
  });

  it('WB2: not where the rehearsal passed and the site wrote no result down; where it wrote down a loss, its word closes', () => {
    const tried: NonNullable<LadderQuestion['tried']> = () => ({ passed: true, deduplicates: true });
    const silent = question('epic', 'test', { settings: [{ write: 'ServiceRequest' }], tried });
    expect(open(silent)).toEqual(['ServiceRequest', 'copy']);
    const lossy = question('epic', 'test', { settings: [{ write: 'ServiceRequest', lost: ['intent'] }], tried });
    expect(why(lossy, 'ServiceRequest')).toBe('trial-lost');
  });

  it('X4: a conditional create that was announced and made two in the rehearsal is not relied on', () => {
    const note = (over: Partial<LadderQuestion>) =>
      ladder(question('hapi', 'medicine', over)).find(({ rung }) => rung === 'DocumentReference');
    expect(note({})).toMatchObject({ open: true, conditionalCreate: true });
    expect(note({ tried: () => ({ passed: true, deduplicates: false }) })).toMatchObject({
      open: true,
      conditionalCreate: false,
    });
  });

  it('where no code was agreed for this very score, or no form', () => {
    const settings: RungSetting[] = [
      { write: 'Observation', lost: [], scores: {} },
      { write: 'QuestionnaireResponse', lost: [] },
    ];
    expect(why(question('epic', 'score', { settings }), 'Observation')).toBe('not-agreed');
    expect(why(question('epic', 'score', { settings }), 'QuestionnaireResponse')).toBe('not-agreed');
  });

  it('where it would be a transaction and the EHR takes batches only (X5)', () => {
    const batch = statementOf('hapi');
    for (const rest of batch.rest ?? []) rest.interaction = [{ code: 'batch' }];
    expect(why(question('hapi', 'score', { statement: batch }), 'Bundle')).toBe('not-offered');
  });

  it('R1: SMART Web Messaging, until the EHR’s frame has answered at this launch', () => {
    expect(why(question('epic', 'test'), 'scratchpad')).toBe('no-channel');
  });

  it('R1, WB4: for anything but a test, whether the frame answers or not', () => {
    const open = (about: Parameters<typeof question>[1]) =>
      ladder({ ...question('epic', about), messaging: true }).find(({ rung }) => rung === 'scratchpad');
    expect(open('test')).toEqual({ rung: 'scratchpad', open: true });
    expect(open('medicine')).toMatchObject({ open: false, code: 'no-draft' });
    expect(open('score')).toBeUndefined();
  });
});

describe('Whatever an EHR claims and a site switches on', () => {
  it('WB4: no rung writes a medicine, and the text to copy is always there', () => {
    const types = fc.subarray([
      'MedicationRequest',
      'MedicationStatement',
      'ServiceRequest',
      'DocumentReference',
      'Task',
    ]);
    fc.assert(
      fc.property(
        types,
        fc.constantFrom(...(Object.keys(RECOMMENDATIONS) as Kind[])),
        fc.subarray([...EVERYTHING]),
        (offered, kind, settings) => {
          const resource = offered.map((type) => ({ type, interaction: [{ code: 'create' as const }] }));
          const statement = { rest: [{ mode: 'server', resource }] } as unknown as CapabilityStatement;
          const rungs = open({ statement, grants: () => true, settings, recommendation: RECOMMENDATIONS[kind] });
          expect(rungs.at(-1)).toBe('copy');
          expect(rungs.filter((rung) => /Medication/.test(rung))).toEqual([]);
          for (const rung of rungs) expect([...settings.map(({ write }) => write), 'copy']).toContain(rung);
        },
      ),
    );
  });
});
