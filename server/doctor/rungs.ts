/** The write-back ladder at an EHR (interop §3B): judged by the same function as a real write, with this site's settings and with everything switched on. */
import type { CapabilityStatement } from 'fhir/r4';
import {
  DEFAULT_RUNGS,
  type LadderQuestion,
  type Rung as LadderRung,
  ladder,
  type ProposalKind,
  type RungSetting,
} from '../../models/engine/proposals/ladder.ts';
import { triedFrom } from '../rehearse/counts.ts';
import type { Rung } from './diagnosis.ts';
import type { Documents } from './documents.ts';
import type { Known } from './rehearsal.ts';

const TITLES: Readonly<Record<ProposalKind, readonly [rung: string, title: string]>> = {
  Bundle: ['R4', 'Note with risk record and provenance (transaction)'],
  ServiceRequest: ['R3', 'Draft of a test (ServiceRequest)'],
  DocumentReference: ['R4', 'Note (DocumentReference)'],
  Communication: ['R5', 'Message (Communication)'],
  QuestionnaireResponse: ['R5', 'Form (QuestionnaireResponse)'],
  Observation: ['R6', 'Score (Observation)'],
};
const KINDS: readonly ProposalKind[] = [
  'ServiceRequest',
  'Bundle',
  'DocumentReference',
  'Communication',
  'QuestionnaireResponse',
  'Observation',
];

/** A site that switched on everything, agreed on everything, and whose every trial passed. */
const EVERYTHING: readonly RungSetting[] = KINDS.map((write) => ({
  write,
  lost: [],
  questionnaire: 'urn:attune:doctor',
  linkId: 'text',
  scores: { doctor: { code: 'doctor' } },
}));
/** One recommendation of each kind that has a ladder of its own. */
const QUESTIONS: readonly LadderQuestion['recommendation'][] = [
  { kind: 'monitoring' },
  { kind: 'risk', score: { model: 'doctor', title: 'A score', value: 1, unit: '1' } },
  { kind: 'interaction' },
];

/** From the highest rung to the lowest, which every EHR has. What was granted is known at a launch only and taken for all. */
export function rungsOf({ capability }: Documents, known: Known): readonly Rung[] {
  const { tenant } = known;
  const settings = tenant && !tenant.writeBack.enabled ? [] : (tenant?.writeBack.rungs ?? DEFAULT_RUNGS);
  return [
    {
      rung: 'R1',
      title: 'Scratchpad (SMART Web Messaging)',
      status: 'not-known',
      why: 'offered, if at all, at each launch; needs webMessaging in the tenant’s line',
    },
    { rung: 'R2', title: 'CDS Hooks card', status: 'not-known', why: 'set up at the EHR, not announced by it' },
    ...KINDS.map((kind): Rung => {
      const [rung, title] = TITLES[kind];
      if (capability.state !== 'read')
        return { rung, title, status: 'not-known', why: `no CapabilityStatement (${capability.why})` };
      // Only what the ladder looks at was read, and in FHIR's own shape.
      const statement = capability.body as unknown as CapabilityStatement;
      return { rung, title, ...judged(kind, { statement, settings }, known) };
    }),
    {
      rung: '–',
      title: 'MedicationRequest',
      status: 'never',
      why: 'a suggestion there may read as “the patient takes it” (WB4)',
    },
    { rung: 'R7', title: 'Text to copy', status: 'available', why: 'always there' },
  ];
}

interface Site {
  readonly statement: CapabilityStatement;
  readonly settings: readonly RungSetting[];
}

function judged(kind: ProposalKind, site: Site, known: Known): Pick<Rung, 'status' | 'why'> {
  const now = bestOf(kind, site, known);
  if (now?.open) return { status: 'available', why: once(now) };
  const at = bestOf(kind, { ...site, settings: EVERYTHING });
  if (at?.open) return { status: 'offered', why: `${now && 'why' in now ? now.why : 'not switched on'}; ${once(at)}` };
  return { status: 'not-offered', why: at && 'why' in at ? at.why : 'no ladder leads there' };
}

/** The rung of a kind as the recommendation that fits it best would find it. */
function bestOf(kind: ProposalKind, site: Site, { tenant, rehearsal: kept, now = 0 }: Partial<Known> = {}) {
  const found = QUESTIONS.flatMap((recommendation): LadderRung[] => {
    const tried = tenant && kept && triedFrom({ ...site, kept, tenant, now }, recommendation);
    const asked = { ...site, grants: () => true, recommendation, ...(tried && { tried }) };
    return ladder(asked).filter(({ rung }) => rung === kind);
  });
  return found.find(({ open }) => open) ?? found[0];
}

function once(rung: LadderRung): string {
  return 'conditionalCreate' in rung && rung.conditionalCreate
    ? 'conditional create'
    : 'no conditional create: an answer that is lost is looked for, never repeated blindly';
}
