"""Everything that is reported of one set of people: the same for the test cycle and for the one final scoring."""

import numpy as np

import people_like
import performance
import robustness
import usefulness
from cohort import Cohort

# The first is where the card says "intermediate", the second where it says "higher" and the advice becomes a warning.
THRESHOLDS = (0.10, 0.25)
SHOWN_THRESHOLD = 0.25
BAND_WORDS = ("lower", "intermediate", "higher")


def describe(name: str, people: Cohort) -> dict:
    """Who they are."""
    weight = people.weight
    shares = {
        "women": people.inputs["sex"],
        "diabetes": people.inputs["diabetes"],
        "antihypertensive": people.inputs["antihypertensive"],
        "eGFR < 60": people.inputs["egfr"] < 60,
    } | {f"race/ethnicity: {race}": people.race == race for race in sorted(set(people.race))}
    return {
        "name": name,
        "eligible": people.eligible,
        "eligiblePrevalenceUnweighted": round(people.eligible_prevalence, 4),
        "n": len(people),
        "events": int(people.label.sum()),
        "prevalenceUnweighted": round(float(people.label.mean()), 4),
        "prevalenceWeighted": round(float(np.average(people.label, weights=weight)), 4),
        "meanAgeWeighted": round(float(np.average(people.inputs["age"], weights=weight)), 1),
        "sharesUnweighted": {key: round(float(np.mean(value)), 4) for key, value in shares.items()},
        "sharesWeighted": {key: round(float(np.average(value, weights=weight)), 4) for key, value in shares.items()},
    }


def score(
    people: Cohort, predict: robustness.Predict, *, filled: dict[str, float], seed: int, others: dict[str, np.ndarray]
) -> dict:
    """Every figure. `others`: further scores of the same people to compare with."""
    probability = predict(people.inputs)
    return {
        "test": performance.report(people, probability, seed),
        "calibrationCurve": performance.calibration_curve(people, probability),
        "bands": bands(people, probability),
        "thresholds": {str(t): usefulness.at_threshold(people, probability >= t, seed) for t in THRESHOLDS},
        "rule": usefulness.at_threshold(people, usefulness.rule(people), seed),
        "decisionCurve": usefulness.decision_curve(people, probability, seed),
        "comparators": usefulness.comparators(people, probability, others, seed),
        "robustness": robustness.report(people, predict, filled, seed),
        "peopleLike": people_like.rows(people, probability, seed),
    }


def bands(people: Cohort, probability: np.ndarray) -> list[dict]:
    """What was found in people with a probability in each band of the card."""
    limits = [0.0, *THRESHOLDS, 1.0]
    rows = []
    for word, low, high in zip(BAND_WORDS, limits, limits[1:]):
        inside = (probability >= low) & (probability < high)
        weight = people.weight[inside]
        rows.append(
            {
                "word": word,
                "from": low,
                "below": high,
                "n": int(inside.sum()),
                "events": int(people.label[inside].sum()),
                "observedWeighted": round(float(np.average(people.label[inside], weights=weight)), 4),
            }
        )
    return rows
