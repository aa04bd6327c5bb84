/** Who this is about, always in sight: name, age and sex, birth date, record number's tail, and how much of the chart was read. */
import type { PatientFact } from '../../models/engine/facts/facts.ts';
import { belongs, chart, context, opened, sources } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { clockText, dateText } from '../ui/when.ts';

/** The strip keeps its height while the patient is being read. */
export function Strip() {
  const reading = chart.value;
  if (!belongs(reading) || !reading || reading.facts.patient.name === '') return <Unnamed />;
  const { patient } = reading.facts;
  return (
    <header class="strip">
      <div class="who">
        <h1>{patient.name}</h1>
        <p>{identity(patient, reading.at)}</p>
        {standing(patient) && <p class="standing">{standing(patient)}</p>}
      </div>
      <SourcesButton at={reading.at} />
    </header>
  );
}

function Unnamed() {
  const patient = sources.value.find(({ report }) => report.id === 'patient')?.report;
  const waiting = !patient || patient.state === 'pending';
  return (
    <header class="strip">
      <div class="who">
        <h1>{waiting ? 'Reading the patient…' : 'The patient’s name could not be read'}</h1>
        <p>{context.value ? `Chart open in ${context.value.tenant.name}` : '\u00a0'}</p>
      </div>
      <SourcesButton />
    </header>
  );
}

/** `78 y F · 4 Mar 1948 · MRN ··4417`; what is not known is said, not left out. */
export function identity(patient: PatientFact, now: number): string {
  const sex = patient.sex === 'female' ? 'F' : patient.sex === 'male' ? 'M' : 'sex not recorded';
  return [
    `${patient.age === undefined ? 'age unknown' : `${patient.age}\u00a0y`} ${sex}`,
    patient.birthDate ? dateText(patient.birthDate, now) : 'birth date unknown',
    patient.mrn ? `MRN\u00a0··${patient.mrn.slice(-4)}` : 'no MRN',
  ].join(' · ');
}

/** States of a record in which adult advice would be wrong. */
function standing({ deceased, replaced, active, age }: PatientFact): string | undefined {
  if (deceased) return 'Recorded as deceased. Attune gives no recommendations.';
  if (replaced) return 'This record was replaced by another. Open Attune from the current record.';
  if (!active) return 'This record is marked inactive in the EHR.';
  if (age !== undefined && age < 18) return 'Under 18: models for adults stay silent.';
  return undefined;
}

function SourcesButton({ at }: { at?: number }) {
  const all = sources.value.filter(({ report }) => !report.behind);
  if (all.length === 0) return null;
  const answered = all.filter(({ report }) => report.state === 'read' || report.state === 'empty').length;
  return (
    <button type="button" class="sources-button" onClick={() => (opened.value = { what: 'sources' })}>
      <span>
        {answered} of {all.length} read{at !== undefined && <small>{clockText(at)}</small>}
      </span>
      <Icon name={answered === all.length ? 'checked' : 'part'} />
    </button>
  );
}
