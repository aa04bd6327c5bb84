/** The medicines as they were understood, and which of them were not checked; then the genes on file. */
import type { GeneFact, MedicationFact } from '../../models/engine/facts/facts.ts';
import { dateText } from '../ui/when.ts';

const stateWord: Readonly<Record<MedicationFact['state'], string>> = {
  active: 'active',
  'on-hold': 'on hold',
  planned: 'planned',
  'recently-stopped': 'recently stopped',
  stopped: 'stopped',
  unknown: 'state unknown',
};

/** Medicines being taken first; stopped ones last; then the genes that a laboratory reported, as it reported them. */
export function MedicineList({
  medicines,
  genes,
}: {
  medicines: readonly MedicationFact[];
  genes: readonly GeneFact[];
}) {
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
    <>
      <ul class="rows">
        {sorted.map((medicine) => (
          <Medicine key={medicine.sources.join() + medicine.text} medicine={medicine} />
        ))}
      </ul>
      {genes.length > 0 && <h4>Genes on file</h4>}
      <ul class="rows">
        {genes.map((gene) => (
          <Gene key={`${gene.gene} ${gene.source}`} gene={gene} />
        ))}
      </ul>
    </>
  );
}

/** Only what the laboratory said: a phenotype that it did not give is not made up here. */
function Gene({ gene }: { gene: GeneFact }) {
  const { diplotype, allele, phenotype, activityScore, effective, source } = gene;
  const score = activityScore === undefined ? undefined : `activity score ${activityScore}`;
  return (
    <li class="row">
      <span class="row-main">
        {[gene.gene, allele].filter(Boolean).join(' ')}
        <small>{[effective && dateText(effective, Date.now()), source].filter(Boolean).join(' · ')}</small>
      </span>
      <span class="row-side">
        {phenotype ?? 'no phenotype given'}
        <small>{[diplotype, score].filter(Boolean).join(', ')}</small>
      </span>
    </li>
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
    medicine.lastGiven ? `last dispensed or given ${dateText(medicine.lastGiven, now)}` : undefined,
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
