/** What the engine says of a short list of medicines: the findings that name several of them, and their highest tier. */
import { evaluate } from '../../models/engine/evaluate.ts';
import type { Finding, Indicator } from '../../models/engine/evaluation.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import type { Library } from '../../models/engine/library.ts';
import type { Runtime } from '../../models/engine/runtime.ts';

/** Tier of a list of medicines; `none`: the engine said nothing about them together. */
export type Tier = Indicator | 'none';

/** A finding about several medicines, with the id of what said it. */
export interface Said {
  readonly id: string;
  readonly finding: Finding;
}

const TIERS: readonly Tier[] = ['critical', 'warning', 'info', 'none'];

/** Trained models have nothing to say of medicines together. */
const noRuntime: Runtime = { predict: () => Promise.reject(new Error('no trained model is asked here')) };

/** The findings that name at least two medicines of the list, the gravest first; the engine runs as it is. */
export async function saidTogether(facts: Facts, library: Library, now: number): Promise<readonly Said[]> {
  const asked = { ...library, risk: library.risk.filter(({ kind, provides }) => kind !== 'onnx' && provides) };
  const said = (await evaluate(facts, asked, noRuntime, now)).flatMap((evaluation) =>
    evaluation.status === 'finding' && medicinesNamed(evaluation.finding) > 1
      ? [{ id: evaluation.id, finding: evaluation.finding }]
      : [],
  );
  return said.sort((a, b) => TIERS.indexOf(a.finding.indicator) - TIERS.indexOf(b.finding.indicator));
}

/** The highest tier of these findings. */
export function highestTier([first]: readonly Said[]): Tier {
  return first?.finding.indicator ?? 'none';
}

function medicinesNamed({ basis }: Finding): number {
  return new Set(basis.used.map(({ path }) => path).filter((path) => path.startsWith('medication['))).size;
}
