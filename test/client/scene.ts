/** A patient who does not exist, as the client's state holds one. */
import type { Judgement } from '../../client/state.ts';
import type { OutcomeState, Preview, WriteOutcome } from '../../launch/api.ts';
import type { LaunchContext } from '../../launch/context.ts';
import type { Finding, Indicator, Recommendation } from '../../models/engine/evaluation.ts';

/** A launch about the patient. */
export function contextOf(patientId: string): LaunchContext {
  return {
    launchId: 'launch-0123456789',
    tenant: { id: 'practice', name: 'Practice EHR' },
    patientId,
    user: { fhirUser: 'Practitioner/7', display: 'Dr. Test', mayApprove: true },
    scope: [],
    needPatientBanner: true,
    launchedAt: '2026-11-22T12:00:00Z',
    expiresAt: '2026-11-22T13:00:00Z',
    features: [{ id: 'write-back', available: true }],
    library: { version: '1', digest: 'sha256:abcdef0123', url: '/library' },
    practice: true,
  };
}

/** A finding with an action. */
export function finding(more: Partial<Finding> = {}): Finding {
  return {
    indicator: 'critical',
    summary: 'Stop spironolactone',
    detail: 'Potassium is high.',
    because: [],
    action: { kind: 'note', text: 'Stop spironolactone.' },
    logic: [],
    basis: { used: [], stale: [], missing: [], excluded: [] },
    limitation: 'One value only.',
    citations: [],
    ...more,
  };
}

/** `id` is `<evaluation>:<tier>`, as the engine names it. */
export function recommendation(
  id: string,
  more: Partial<Finding> = {},
  indicator: Indicator = 'critical',
): Recommendation {
  const made = finding({ ...more, indicator });
  return { id, indicator, summary: made.summary, finding: made, from: [id.split(':')[0] ?? id] };
}

/** A judgement about `patientId`, made under the launch of `contextOf`. */
export function judgementOf(patientId: string, today: readonly Recommendation[]): Judgement {
  return {
    launchId: 'launch-0123456789',
    patientId,
    facts: {
      patient: {
        id: patientId,
        name: 'Test Person',
        deceased: false,
        active: true,
        replaced: false,
        source: `Patient/${patientId}`,
      },
      observation: {},
      coded: {},
      condition: [],
      allergy: [],
      medication: [],
      unread: [],
      sources: [],
    },
    evaluations: [],
    prioritised: { today, others: [], suppressed: [], notChecked: [] },
  };
}

/** A preview as the server makes it. */
export const preview: Preview = {
  approvalId: 'approval-1',
  hash: 'a'.repeat(64),
  resource: '{"resourceType":"DocumentReference"}',
  resourceType: 'DocumentReference',
  text: 'Critical: Stop spironolactone',
  destination: 'Clinical note (DocumentReference) in Practice EHR',
  heading: 'Will be written',
  button: 'Write 1 note',
  author: 'Dr. Test',
  expiresAt: '2026-11-22T12:10:00Z',
};

/** An outcome in a state. */
export function outcome(state: OutcomeState): WriteOutcome {
  return {
    approvalId: 'approval-1',
    recommendationId: 'rule:critical',
    summary: 'Stop spironolactone',
    state,
    approvedAt: '2026-11-22T12:01:00Z',
    mayResend: false,
    mayWithdraw: state === 'confirmed' || state === 'withdrawal-in-doubt',
    message: state === 'confirmed' ? 'Note saved (1). No order was placed.' : 'Do not send again.',
    text: preview.text,
  };
}
