/** What a rehearsal tries at one EHR: each way of writing in each shape, as far as it is offered, granted and switched on. */
import type { CapabilityStatement } from 'fhir/r4';
import type { AcceptedRecommendation } from '../../launch/api.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import {
  type About,
  DEFAULT_RUNGS,
  LADDERS,
  ladder,
  type ProposalKind,
  type RungSetting,
  typesOf,
} from '../../models/engine/proposals/ladder.ts';
import type { Launched } from '../launched.ts';
import { type Installation, sampleOf } from './sample.ts';

/** One shape of what is written, and for which recommendations it stands. */
export interface Shape {
  readonly write: ProposalKind;
  readonly about: readonly [About, ...About[]];
  readonly types: readonly string[];
  readonly setting: RungSetting;
  /** To be tried, or why not. */
  readonly step:
    | { readonly do: 'try'; readonly recommendation: AcceptedRecommendation; readonly conditionalCreate: boolean }
    | { readonly do: 'leave'; readonly why: string };
}

const ABOUT: readonly About[] = ['medicine', 'test', 'score'];

/** Every shape, those that are left out included. */
export function planOf(launched: Launched, statement: CapabilityStatement, installation: Installation): Shape[] {
  const settings = launched.rungs ?? DEFAULT_RUNGS;
  return (Object.keys(proposals) as ProposalKind[]).flatMap((write) => {
    const setting = settings.find((one) => one.write === write) ?? { write };
    return shapesOf(write).map(({ about, types }) => {
      const recommendation = sampleOf(about[0], setting, installation);
      // Whether it was tried is what this is about: an earlier result neither opens nor closes anything here.
      const untried = settings.map((one) => ({ ...one, lost: [] }));
      const { grants } = launched;
      const rung = ladder({ statement, grants, settings: untried, recommendation }).find((one) => one.rung === write);
      const step =
        rung?.open && 'conditionalCreate' in rung
          ? ({ do: 'try', recommendation, conditionalCreate: rung.conditionalCreate } as const)
          : ({ do: 'leave', why: rung && 'why' in rung ? rung.why : 'no ladder leads there' } as const);
      return { write, about, types, setting, step };
    });
  });
}

/** A note is the same note whatever it is about; a transaction carries another assessment for a score. */
function shapesOf(write: ProposalKind): { about: readonly [About, ...About[]]; types: readonly string[] }[] {
  const shapes = new Map<string, { about: [About, ...About[]]; types: readonly string[] }>();
  for (const about of ABOUT) {
    if (!LADDERS[about].some((rung) => rung === write)) continue;
    const types = typesOf(write, about === 'score' ? { kind: 'risk' } : {});
    const known = shapes.get(types.join());
    if (known) known.about.push(about);
    else shapes.set(types.join(), { about: [about], types });
  }
  return [...shapes.values()];
}
