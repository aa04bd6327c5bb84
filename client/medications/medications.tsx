/** The medicines as they were understood, and which of them were not checked. */
import type { MedicationFact } from '../../models/engine/facts/facts.ts';
import { dateText } from '../ui/when.ts';

const stateWord: Readonly<Record<MedicationFact['state'], string>> = {
  active: 'active',
  'on-hold': 'on hold',
  planned: 'planned',
  'recently-stopped': 'recently stopped',
  stopped: 'stopped',
  unknown: 'state unknown',
};

/** Medicines being taken first; stopped ones last. */
export function Medications({ medicines }: { medicines: readonly MedicationFact[] }) {
  const order: readonly MedicationFact['state'][] = [
    'active',
    'on-hold',
    'unknown',
    'planned',
    'recently-stopped',
    'stopped',
  ];
  const sorted = [...medicines].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.text.localeCompare(b.text),
  );
  return (
    <ul class="rows">
      {sorted.map((medicine) => (
        <Medicine key={medicine.sources.join() + medicine.text} medicine={medicine} />
      ))}
    </ul>
  );
}

function Medicine({ medicine }: { medicine: MedicationFact }) {
  const now = Date.now();
  const notes = [
    medicine.dosageText,
    medicine.asNeeded ? 'as needed' : undefined,
    medicine.reported ? 'reported, not ordered here' : undefined,
    medicine.resolution === 'by-name' ? 'matched by name' : undefined,
    medicine.route === 'unknown' ? 'route not stated, treated as systemic' : undefined,
    medicine.start ? `since ${dateText(medicine.start, now)}` : undefined,
    medicine.end ? `until ${dateText(medicine.end, now)}` : undefined,
  ].filter((note) => note !== undefined);
  return (
    <li class={medicine.resolution === 'unresolved' ? 'row unresolved' : 'row'}>
      <span class="row-main">
        {medicine.text}
        <small>{notes.join(' · ')}</small>
        {medicine.resolution === 'unresolved' && <small>Not recognised: not checked for interactions</small>}
      </span>
      <span class="row-side">
        {stateWord[medicine.state]}
        {medicine.sources.length > 1 && <small>{medicine.sources.length} entries</small>}
      </span>
    </li>
  );
}
