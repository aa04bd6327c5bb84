/** Organs against medicines: for each a sentence, a picture, who is suspected and why, and a table. */
import { useMemo } from 'preact/hooks';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts, MedicationFact } from '../../models/engine/facts/facts.ts';
import { settled } from '../../models/engine/injury/evaluate.ts';
import type { Injury } from '../../models/engine/injury/injury.ts';
import { type Reading, readInjury } from '../../models/engine/injury/read.ts';
import { seriesOf } from '../../models/engine/injury/series.ts';
import { knownToDoIt, type Suspect } from '../../models/engine/injury/suspects.ts';
import type { Library } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { library } from '../state.ts';
import { proseText } from '../ui/measured.tsx';
import { dayText } from '../ui/when.ts';
import { type Span, spanOf } from './axis.ts';
import { type Course, courseOf } from './course.ts';
import { changesOf, MedicineBars } from './medicine-bars.tsx';
import { Plot } from './plot.tsx';
import './trends.css';
import { Values } from './values.tsx';
import { organsOf, worthDrawing } from './worth.ts';

/** Opened in the accordion; a patient whose values are drawn nowhere else. */
export function Organs({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  const known = library.value;
  const now = useMemo(() => Date.now(), [facts]);
  const drawn = useMemo(
    () => (known ? draw(worthDrawing(known.injuries ?? [], { facts, evaluations }), { facts, known, now }) : []),
    [facts, evaluations, known, now],
  );
  const span = spanOf(
    drawn.flatMap(({ series }) => series),
    now,
  );
  return (
    <>
      {drawn.map((organ) => (
        <Organ key={organ.organ} {...organ} span={span} facts={facts} known={known} />
      ))}
    </>
  );
}

/** What is drawn of one organ. Of its injuries the one that is seen leads. */
interface Drawn {
  readonly organ: string;
  readonly injury: Injury;
  readonly reading: Reading;
  /** The sentence above the picture: what is seen, or that nothing is. */
  readonly said: string;
  readonly series: readonly Course[];
}

function draw(
  injuries: readonly Injury[],
  { facts, known, now }: { facts: Facts; known: Library; now: number },
): readonly Drawn[] {
  const resolver = createResolver({ facts, library: known, now });
  return organsOf(injuries)
    .flatMap((organ) => {
      const read = injuries
        .filter((injury) => injury.organ === organ)
        .map((injury) => ({ injury, reading: readInjury(injury, { facts, library: known, resolver, now }) }));
      const lead = read.find(({ reading }) => reading.is === 'seen') ?? read[0];
      const said = [...new Set(read.map(({ reading }) => sentenceOf(reading)))].join(' ');
      return lead
        ? [{ organ, ...lead, said, series: seriesOf(lead.injury, facts, now).map((series) => courseOf(series, facts)) }]
        : [];
    })
    .sort((a, b) => Number(b.reading.is === 'seen') - Number(a.reading.is === 'seen'));
}

function Organ(props: Drawn & { span: Span; facts: Facts; known: Library | undefined }) {
  const { organ, injury, reading, said, series, span, facts, known } = props;
  const could = known ? bySuspicion(knownToDoIt(injury, { facts, library: known }), reading) : [];
  const changes = changesOf(could, span);
  return (
    <section class="organ" aria-label={organ}>
      <h4>{organ}</h4>
      <p class={reading.is === 'seen' ? 'organ-sentence' : ''}>
        {proseText(reading.is === 'seen' ? reading.sentence : said)}
      </p>
      {series.map((one) => (
        <Plot key={one.marker.fact} series={one} span={span} changes={[...new Set(changes.map(({ at }) => at))]} />
      ))}
      <p class="trend-axis">
        <span>{dayText(span.from)}</span>
        <span>{dayText(span.to)}</span>
      </p>
      <MedicineBars medicines={could} span={span} />
      {changes.length > 0 && <p class="caption">Upright dashes: {changes.map(({ words }) => words).join('; ')}.</p>}
      {reading.is === 'seen' && <Suspects injury={injury} suspects={reading.suspects} />}
      {series.some(({ leftOut }) => leftOut.length > 0) && (
        <p class="caption">×: left out, with the reason in the table.</p>
      )}
      <Values all={series} organ={organ} />
      <p class="caption">{proseText(injury.limitation)} Dose changes are seen only where doses given are on file.</p>
    </section>
  );
}

/** The suspects in their order, then the rest. */
function bySuspicion(could: readonly MedicationFact[], reading: Reading): readonly MedicationFact[] {
  const first = reading.is === 'seen' ? reading.suspects.map(({ medicine }) => medicine) : [];
  return [...first, ...could.filter((medicine) => !first.includes(medicine))];
}

function sentenceOf(reading: Reading): string {
  switch (reading.is) {
    case 'seen':
      return reading.sentence;
    case 'quiet':
      return `${reading.because.text}.`;
    case 'none':
      return 'No value on file.';
  }
}

function Suspects({ injury, suspects }: { injury: Injury; suspects: readonly Suspect[] }) {
  const fitting = suspects.filter(({ fits }) => fits);
  const others = suspects.filter(({ fits }) => !fits);
  const [first] = fitting;
  return (
    <>
      {fitting.length > 0 && (
        <>
          <h5>Suspected, by time and known effect</h5>
          <Reasons suspects={fitting} />
        </>
      )}
      {others.length > 0 && (
        <>
          <h5>Less likely by time</h5>
          <Reasons suspects={others} unranked />
        </>
      )}
      {suspects.length === 0 && <p>No medicine on the list is known to do this.</p>}
      <p>
        {first && !first.stopped && `${settled(injury, first.name)} `}Besides: {proseText(injury.check)}.
      </p>
    </>
  );
}

function Reasons({ suspects, unranked }: { suspects: readonly Suspect[]; unranked?: true }) {
  const List = unranked ? 'ul' : 'ol';
  return (
    <List class="suspects">
      {suspects.map(({ name, reasons, medicine }) => (
        <li class="suspect" key={medicine.sources.join()}>
          <b>{name}</b>
          <ul>
            {reasons.map((reason) => (
              <li key={reason}>{proseText(reason)}</li>
            ))}
          </ul>
        </li>
      ))}
    </List>
  );
}
