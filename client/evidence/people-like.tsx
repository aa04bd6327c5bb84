/** What was found among people like this patient, with how many they were. */
import { useEffect, useState } from 'preact/hooks';
import type { Evaluation, Finding } from '../../models/engine/evaluation.ts';
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { type PeopleRow, peopleLike, peopleLikeOf } from '../../models/engine/risk/people-like.ts';
import { type CardFile, cardOf } from './card-file.ts';

/** Nothing for a card without such rows, or when the patient's row cannot be told. */
export function PeopleLikeRow(props: { model: RiskModel; card: ModelCard; evaluation: Evaluation | undefined }) {
  const told = peopleLikeOf(props.card);
  const { evaluation } = props;
  const row = told && evaluation?.status === 'finding' && rowOf(props.model, evaluation.finding, told);
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

/** The same in one line under a trained model's number, from its card; nothing until the card is there. */
export function PeopleBesideNumber({ model, finding }: { model: RiskModel; finding: Pick<Finding, 'basis'> }) {
  const [file, setFile] = useState<CardFile>();
  useEffect(() => {
    let gone = false;
    void cardOf(model).then((read) => gone || setFile(read));
    return () => {
      gone = true;
    };
  }, [model]);
  const told = file?.is === 'read' ? peopleLikeOf(file.card) : undefined;
  const row = told && rowOf(model, finding, told);
  if (!told || !row) return null;
  return (
    <p class="caption">
      <b>People like this patient.</b> {whoText(row)}: {foundText(row, told.found)} {told.source}
    </p>
  );
}

function rowOf(
  model: RiskModel,
  { basis }: Pick<Finding, 'basis'>,
  told: NonNullable<ReturnType<typeof peopleLikeOf>>,
): PeopleRow | undefined {
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
