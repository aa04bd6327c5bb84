/**
 * Which way of writing fits a recommendation at a site: what the EHR offers ∩ what was granted ∩ what the site switched on
 * ∩ what its trial on a test patient showed (interop WB1, §3B). Never a vendor's name.
 */
import type { CapabilityStatement, Coding } from 'fhir/r4';
import type { Accepted } from './proposal.ts';

/** What can be written. `Bundle` is the transaction of note, assessment and provenance. */
export type ProposalKind =
  | 'Bundle'
  | 'Communication'
  | 'DocumentReference'
  | 'Observation'
  | 'QuestionnaireResponse'
  | 'ServiceRequest';

/** What a site has agreed on for one way of writing. */
export interface RungSetting {
  readonly write: ProposalKind;
  /** Critical fields that did not come back in the trial on a test patient (WB2); any of them closes the rung. Absent: not tried. */
  readonly lost?: readonly string[];
  /** DocumentReference: the format of the note; plain text unless said otherwise. */
  readonly format?: 'text/plain' | 'application/xhtml+xml';
  /** QuestionnaireResponse: canonical of the form, and the question that takes the text. */
  readonly questionnaire?: string;
  readonly linkId?: string;
  /** Observation: the code of each score, by the model's id. */
  readonly scores?: Readonly<Record<string, Coding>>;
}

/** A site that said nothing writes notes. */
export const DEFAULT_RUNGS: readonly RungSetting[] = [{ write: 'DocumentReference' }];

/** One rung and whether it bears. `scratchpad` is SMART Web Messaging; `copy` is the text in the clinician's own hands. */
export type Rung =
  | {
      readonly rung: ProposalKind;
      readonly open: true;
      readonly conditionalCreate: boolean;
      readonly setting: RungSetting;
    }
  | { readonly rung: 'scratchpad' | 'copy'; readonly open: true }
  | { readonly rung: ProposalKind | 'scratchpad'; readonly open: false; readonly code: Closed; readonly why: string };

/** Why a rung is closed. */
export type Closed =
  | 'no-channel'
  | 'no-draft'
  | 'switched-off'
  | 'not-granted'
  | 'not-offered'
  | 'not-tried'
  | 'trial-lost'
  | 'not-agreed';

/** What a rehearsal on a test patient showed of one way of writing (WB2). */
export type Tried =
  | {
      readonly passed: true;
      /** `false`: the EHR announces conditional creates and makes two all the same. */
      readonly deduplicates: boolean;
    }
  | { readonly passed: false; readonly code: 'not-tried' | 'trial-lost'; readonly why: string };

export interface LadderQuestion {
  readonly statement: CapabilityStatement;
  /** Whether the granted scopes allow to create (`c`) or read (`r`) a type. */
  readonly grants: (resourceType: string, interaction: 'c' | 'r') => boolean;
  readonly settings?: readonly RungSetting[];
  /** SMART Web Messaging was granted at this launch, and the EHR's frame has answered the handshake (W1). */
  readonly messaging?: boolean;
  /** What the kept rehearsal says; `undefined` leaves it to the site's own `lost`, which may always close a rung. */
  readonly tried?: (rung: ProposalKind) => Tried | undefined;
  readonly recommendation: Pick<Accepted, 'kind' | 'score'>;
}

/** What a recommendation is about, as far as it decides how it may be written. */
export type About = 'medicine' | 'test' | 'score';

/** Best first. */
export const LADDERS = {
  /** A medicine is never written as one: not as a request, not as taken (WB4). */
  medicine: ['scratchpad', 'Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
  /** A draft of a test helps whoever orders it; a note tells of everything; a message or a form is what is left. */
  test: ['scratchpad', 'ServiceRequest', 'Bundle', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
  /** The coded score before the bare note: a site that agreed on a code for it wants it there. */
  score: ['Bundle', 'Observation', 'DocumentReference', 'Communication', 'QuestionnaireResponse'],
} as const satisfies Readonly<Record<About, readonly (ProposalKind | 'scratchpad')[]>>;

/** The whole ladder, best first; the last rung always bears. */
export function ladder(question: LadderQuestion): readonly Rung[] {
  const rungs = LADDERS[aboutOf(question.recommendation)];
  return [...rungs.map((rung) => judge(rung, question)), { rung: 'copy', open: true }];
}

export function aboutOf({ kind }: Pick<Accepted, 'kind'>): About {
  switch (kind) {
    case 'risk':
      return 'score';
    case 'monitoring':
      return 'test';
    default:
      return 'medicine';
  }
}

function judge(rung: ProposalKind | 'scratchpad', question: LadderQuestion): Rung {
  const closed = (code: Closed, why: string): Rung => ({ rung, open: false, code, why });
  if (rung === 'scratchpad') return scratchpad(question);
  const { statement, grants, settings = DEFAULT_RUNGS, recommendation } = question;
  const setting = settings.find(({ write }) => write === rung);
  if (!setting) return closed('switched-off', 'not switched on for this EHR');
  const types = typesOf(rung, recommendation);
  const missing = types.filter((type) => !grants(type, 'c') || !grants(type, 'r'));
  // Reading back is half of writing: what could never be confirmed is not sent.
  if (missing.length > 0) return closed('not-granted', `creating and reading ${missing.join(', ')} was not granted`);
  const absent = types.filter((type) => !offers(statement, type));
  if (absent.length > 0) return closed('not-offered', `the EHR does not accept ${absent.join(', ')} from apps`);
  const tried = question.tried?.(rung);
  const announced = types.every((type) => resourceOf(statement, type)?.conditionalCreate === true);
  const conditionalCreate = announced && (!tried?.passed || tried.deduplicates);
  if (rung === 'Bundle' && !(conditionalCreate && takesTransactions(statement)))
    return closed('not-offered', 'the EHR takes no transactions, or creates nothing conditionally');
  if (tried && !tried.passed) return closed(tried.code, tried.why);
  if (!tried && rung !== 'DocumentReference' && setting.lost === undefined)
    return closed('not-tried', 'not tried on a test patient of this EHR');
  if (setting.lost && setting.lost.length > 0)
    return closed('trial-lost', `in the trial this EHR did not keep ${setting.lost.join(', ')}`);
  if (!agreed(rung, setting, recommendation)) return closed('not-agreed', 'no form or code was agreed with this site');
  return { rung, open: true, conditionalCreate, setting };
}

/** Nothing is tried beforehand: the clinician sees the draft in the EHR and signs it there, or does not. */
function scratchpad({ messaging = false, recommendation }: LadderQuestion): Rung {
  const closed = (code: Closed, why: string): Rung => ({ rung: 'scratchpad', open: false, code, why });
  if (!messaging) return closed('no-channel', 'no SMART Web Messaging channel to the EHR was opened at this launch');
  return recommendation.kind === 'monitoring'
    ? { rung: 'scratchpad', open: true }
    : closed('no-draft', 'a medicine is never drafted by an app (WB4)');
}

/** The resource types that a way of writing creates and reads back. */
export function typesOf(rung: ProposalKind, { kind }: Pick<Accepted, 'kind'>): readonly string[] {
  if (rung !== 'Bundle') return [rung];
  return ['DocumentReference', kind === 'risk' ? 'RiskAssessment' : 'DetectedIssue', 'Provenance'];
}

function agreed(rung: ProposalKind, setting: RungSetting, { score }: Pick<Accepted, 'score'>): boolean {
  if (rung === 'QuestionnaireResponse') return Boolean(setting.questionnaire && setting.linkId);
  if (rung === 'Observation') return score !== undefined && setting.scores?.[score.model] !== undefined;
  return true;
}

function offers(statement: CapabilityStatement, type: string): boolean {
  return resourceOf(statement, type)?.interaction?.some(({ code }) => code === 'create') ?? false;
}

function takesTransactions(statement: CapabilityStatement): boolean {
  return serverOf(statement)?.interaction?.some(({ code }) => code === 'transaction') ?? false;
}

function resourceOf(statement: CapabilityStatement, type: string) {
  return serverOf(statement)?.resource?.find((resource) => resource.type === type);
}

function serverOf(statement: CapabilityStatement) {
  return statement.rest?.find(({ mode }) => mode === 'server');
}
