"""How much is lost when inputs are measured badly, or one is not there."""

from collections.abc import Callable

import numpy as np

from cohort import Cohort
from performance import WEIGHTINGS, base_weight, measures

NOISE = 0.10
REPEATS = 20
CONTINUOUS = ("age", "systolic", "egfr", "hba1c")

# Probability from inputs by name.
Predict = Callable[[dict[str, np.ndarray]], np.ndarray]


def fills(people: Cohort) -> dict[str, float]:
    """What stands in for a missing input in this experiment only (the app abstains): weighted medians of training, "no", female."""
    medians = {name: _weighted_median(people.inputs[name], people.weight) for name in CONTINUOUS}
    return medians | {"sex": 1.0, "diabetes": 0.0, "antihypertensive": 0.0}


def report(people: Cohort, predict: Predict, filled: dict[str, float], seed: int) -> dict:
    asked = _figures(people, predict(people.inputs))
    return {
        "asMeasured": asked,
        "noise": {
            "about": f"each of {', '.join(CONTINUOUS)} times a normal number of mean 1 and deviation {NOISE}; mean of {REPEATS} repeats",
            **_noisy(people, predict, seed),
        },
        "withoutOneInput": [
            {
                "input": name,
                "filledWith": value,
                "about": "the app does not fill in, it abstains; this is what filling in would cost",
                **_figures(people, predict(people.inputs | {name: np.full(len(people), value)})),
            }
            for name, value in filled.items()
        ],
        "shareMissingAmongEligible": people.missing,
    }


def _noisy(people: Cohort, predict: Predict, seed: int) -> dict:
    random = np.random.default_rng(seed)
    repeats = []
    for _ in range(REPEATS):
        noisy = {name: people.inputs[name] * random.normal(1, NOISE, len(people)) for name in CONTINUOUS}
        repeats.append(_figures(people, predict(people.inputs | noisy)))
    return {
        weighting: {key: round(float(np.mean([one[weighting][key] for one in repeats])), 4) for key in repeats[0][weighting]}
        for weighting in WEIGHTINGS
    }


def _figures(people: Cohort, probability: np.ndarray) -> dict:
    kept = ("auroc", "calibrationSlope", "observedOverExpected")
    return {
        weighting: {
            key: round(value, 4)
            for key, value in measures(people.label, probability, base_weight(people, weighting)).items()
            if key in kept
        }
        for weighting in WEIGHTINGS
    }


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return round(float(values[order][np.searchsorted(reached, 0.5)]), 1)
