/** Why this number, for each kind of model in its own way. */
import type { Finding } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { Explain } from './explain.tsx';
import { isExplained } from './explanation.ts';
import { PointsWhy } from './points-why.tsx';
import { TrainedWhy } from './trained-why.tsx';

/** Whether the number can be taken apart: an equation with its reference person, a score, a graph that gives its parts. */
export function hasReasons(model: RiskModel): boolean {
  switch (model.kind) {
    case 'regression':
      return isExplained(model);
    case 'points':
      return true;
    case 'onnx':
      return model.tensor.contributions !== undefined;
  }
}

/** The reasons of a number, by the kind of its model. */
export function Why({ model, finding }: { model: RiskModel; finding: Finding }) {
  switch (model.kind) {
    case 'regression':
      return <Explain model={model} finding={finding} />;
    case 'points':
      return <PointsWhy model={model} finding={finding} />;
    case 'onnx':
      return <TrainedWhy model={model} finding={finding} />;
  }
}
