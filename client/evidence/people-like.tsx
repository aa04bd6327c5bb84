/** What was found among people like this patient, with how many they were. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { type PeopleRow, peopleLike, peopleLikeOf } from '../../models/engine/risk/people-like.ts';

/** Nothing for a card without such rows, or when the patient's row cannot be told. */
export function PeopleLikeRow(props: { model: RiskModel; card: ModelCard; evaluation: Evaluation | undefined }) {
  const told = peopleLikeOf(props.card);
  const row = told && props.evaluation && rowOf(props.model, props.evaluation, told);
  if (!told || !row) return null;
  return (
    <section class="group">
      <h4>People like this patient</h4>
      <p>
        {whoText(row)}: {foundText(row, told.found)}
        <small> {told.source}</small>
      </p>
    </section>
  );
}

function rowOf(model: RiskModel, evaluation: Evaluation, told: NonNullable<ReturnType<typeof peopleLikeOf>>) {
  const basis = evaluation.status === 'finding' ? evaluation.finding.basis : undefined;
  if (!basis) return undefined;
  const age = basis.used.find(({ path }) => path === 'patient.age')?.value;
  const sex = basis.used.find(({ path }) => path === 'patient.sex')?.value;
  if (typeof age !== 'number' || (sex !== 'female' && sex !== 'male')) return undefined;
  return peopleLike(told, { age: Math.floor(age), sex, values: valuesOf(model.inputs, basis) });
}

/** `Women, 45–64, with a reason to test`. */
export function whoText({ sex, ageFrom, ageTo, indicated }: PeopleRow): string {
  const ages = ageTo === null ? `${ageFrom} and over` : `${ageFrom}–${ageTo}`;
  return `${sex === 'female' ? 'Women' : 'Men'}, ${ages}, ${indicated ? 'with' : 'without'} a reason to test`;
}

/** The share with its interval, or that they were too few to say; always how many they were. */
export function foundText({ n, events, tooFew, observed }: PeopleRow, found: string): string {
  if (tooFew || !observed) return `too few to say (n ${n})`;
  const percent = (share: number) => (100 * share).toFixed(0);
  const [low, high] = observed.ci95;
  return `${percent(observed.value)} % (95 % interval ${percent(low)} to ${percent(high)} %) had a ${found}; n ${n}, ${events} of them.`;
}
