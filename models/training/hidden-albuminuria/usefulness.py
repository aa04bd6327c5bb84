"""What acting on the model would do: precision, recall, F1, net benefit, and the same of what it must be better than."""

import numpy as np

from cohort import Cohort
from performance import (
    FEW_EVENTS,
    WEIGHTINGS,
    auroc,
    base_weight,
    resampled,
    subgroups,
    with_interval,
)

# Thresholds of the decision curve: from "tests nearly everyone" to "tests only where it is likelier than not, nearly".
CURVE = (0.03, 0.05, 0.075, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)


def at_threshold(people: Cohort, flagged: np.ndarray, seed: int) -> list[dict]:
    """A yes/no rule in every subgroup: share flagged, precision, recall, F1."""
    factors = resampled(people, seed)
    rows = []
    for name, mask in subgroups(people).items():
        for weighting in WEIGHTINGS:
            base = base_weight(people, weighting) * mask
            estimate = _confusion(base[None, :], flagged, people.label)
            draws = _confusion(base * factors, flagged, people.label)
            events = int(people.label[mask].sum())
            rows.append(
                {
                    "subgroup": name,
                    "weighting": weighting,
                    "n": int(mask.sum()),
                    "events": events,
                    "fewEvents": min(events, int(mask.sum()) - events) < FEW_EVENTS,
                    "metrics": {key: with_interval(estimate[key][0], draws[key]) for key in estimate if events >= 5},
                }
            )
    return rows


def _confusion(weights: np.ndarray, flagged: np.ndarray, label: np.ndarray) -> dict[str, np.ndarray]:
    """One figure a row of `weights` [replicates, n]."""
    flagged = flagged.astype(float)
    hit, chosen = weights @ (flagged * label), weights @ flagged
    positive, everyone = weights @ label.astype(float), weights.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = hit / chosen, hit / positive
        f1 = 2 * hit / (chosen + positive)
        return {"flagged": chosen / everyone, "precision": precision, "recall": recall, "f1": f1}


def rule(people: Cohort) -> np.ndarray:
    """The comparator: what a clinician does without a model."""
    x = people.inputs
    return (x["diabetes"] == 1) | (x["antihypertensive"] == 1) | (x["egfr"] < 60)


def decision_curve(people: Cohort, probability: np.ndarray, seed: int) -> list[dict]:
    """Net benefit per person (Vickers): true positives less false positives times the odds of the threshold.

    Testing nobody has net benefit 0.
    """
    factors = resampled(people, seed)
    groups = {name: mask for name, mask in subgroups(people).items() if name == "all" or "indicated" in name}
    by_rule, everybody = rule(people), np.ones(len(people), bool)
    rows = []
    for name, mask in groups.items():
        for weighting in WEIGHTINGS:
            base = base_weight(people, weighting) * mask
            for threshold in CURVE:

                def benefit(weights: np.ndarray, flagged: np.ndarray) -> np.ndarray:
                    gain = people.label - (1 - people.label) * threshold / (1 - threshold)
                    return weights @ (flagged * gain) / weights.sum(axis=1)

                flagged = probability >= threshold
                estimate, draws = benefit(base[None, :], flagged)[0], benefit(base * factors, flagged)
                all_estimate, all_draws = benefit(base[None, :], everybody)[0], benefit(base * factors, everybody)
                rows.append(
                    {
                        "subgroup": name,
                        "weighting": weighting,
                        "threshold": threshold,
                        "model": with_interval(estimate, draws),
                        "testAll": round(float(all_estimate), 4),
                        "testNone": 0,
                        "rule": round(float(benefit(base[None, :], by_rule)[0]), 4),
                        "modelMinusTestAll": with_interval(estimate - all_estimate, draws - all_draws),
                    }
                )
    return rows


def comparators(people: Cohort, probability: np.ndarray, others: dict[str, np.ndarray], seed: int) -> list[dict]:
    """Discrimination of each score, and how much better the model is on the same people (paired replicates)."""
    factors = resampled(people, seed)
    scores = {"eGFR alone": -people.inputs["egfr"], "rule: diabetes, treated blood pressure or eGFR < 60": rule(people)}
    rows = []
    for weighting in WEIGHTINGS:
        base = base_weight(people, weighting)
        model = auroc(people.label, probability, base)
        model_draws = np.array([auroc(people.label, probability, base * factor) for factor in factors])
        for name, score in (scores | others).items():
            value = auroc(people.label, score.astype(float), base)
            draws = np.array([auroc(people.label, score.astype(float), base * factor) for factor in factors])
            rows.append(
                {
                    "name": name,
                    "weighting": weighting,
                    "auroc": with_interval(value, draws),
                    "modelMinusThis": with_interval(model - value, model_draws - draws),
                }
            )
    return rows
