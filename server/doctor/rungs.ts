/** The write-back ladder as an EHR offers it (interop §3B). Which rungs this version uses follows from the proposals it can make. */
import { proposals } from '../../models/engine/proposals/index.ts';
import type { Rung } from './diagnosis.ts';
import type { Documents } from './documents.ts';
import { serverOf } from './features.ts';

const RUNGS: readonly (readonly [rung: string, type: string, title: string])[] = [
  ['R3', 'ServiceRequest', 'Draft order'],
  ['R4', 'DocumentReference', 'Note'],
  ['R5', 'Communication', 'Message'],
  ['R5', 'QuestionnaireResponse', 'Form'],
  ['R6', 'Observation', 'Score'],
  ['–', 'RiskAssessment', 'Risk record'],
];

/** From the highest rung to the lowest, which every EHR has. */
export function rungsOf(documents: Documents): readonly Rung[] {
  return [
    {
      rung: 'R1',
      title: 'Scratchpad (SMART Web Messaging)',
      status: 'not-known',
      why: 'offered, if at all, in the token response of a launch; this version opens no channel',
    },
    { rung: 'R2', title: 'CDS Hooks card', status: 'not-known', why: 'set up at the EHR, not announced by it' },
    ...RUNGS.map(([rung, type, title]) => created(documents, { rung, type, title: `${title} (${type})` })),
    {
      rung: '–',
      title: 'MedicationRequest',
      status: 'never',
      why: 'a suggestion there may read as “the patient takes it” (WB4)',
    },
    { rung: 'R7', title: 'Text to copy', status: 'available', why: 'always there' },
  ];
}

function created(
  { capability }: Documents,
  { type, ...named }: { readonly rung: string; readonly type: string; readonly title: string },
): Rung {
  if (capability.state !== 'read')
    return { ...named, status: 'not-known', why: `no CapabilityStatement (${capability.why})` };
  const server = serverOf(capability.body);
  const found = server?.resource.find((resource) => resource.type === type);
  if (!found?.interaction.some(({ code }) => code === 'create'))
    return { ...named, status: 'not-offered', why: `create is not offered for ${type}` };
  const conditional = found.conditionalCreate === true;
  const once = conditional
    ? 'conditional create'
    : 'no conditional create: an answer that is lost is looked for, never repeated blindly';
  return Object.hasOwn(proposals, type)
    ? { ...named, status: 'available', why: once }
    : { ...named, status: 'offered', why: `${once}; not used by this version` };
}
