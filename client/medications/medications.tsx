/** The Medicines section: what they do together, what another list would change, and the list as it was read. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import { Courses } from '../dosing/course.tsx';
import { MedicineList } from './list.tsx';
import { PlanBox } from './plan.tsx';
import { Together } from './together.tsx';
import { WatchList } from './watch.tsx';

/** Arrives in a chunk of its own. */
export function Medications({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  return (
    <>
      <h4>Together</h4>
      <Together evaluations={evaluations} />
      <Courses facts={facts} evaluations={evaluations} />
      <PlanBox facts={facts} evaluations={evaluations} />
      <WatchList evaluations={evaluations} />
      <h4>As read from the chart</h4>
      <MedicineList medicines={facts.medication} genes={facts.gene ?? []} />
    </>
  );
}
