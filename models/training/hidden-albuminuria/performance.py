"""Discrimination and calibration, survey-weighted and not, with intervals from resampling whole sampling units."""

import numpy as np

from cohort import Cohort

REPLICATES = 400
WEIGHTINGS = ("survey-weighted", "unweighted")
FEW_EVENTS = 30  # fewer positives (or negatives) than this: the figures are given and marked "too few to say"


def subgroups(people: Cohort) -> dict[str, np.ndarray]:
    """Who is reported apart. Race and ethnicity are here and nowhere in the inputs."""
    age, female = people.inputs["age"], people.inputs["sex"] == 1
    diabetes = (people.inputs["diabetes"] == 1) | (people.inputs["hba1c"] >= 6.5)
    indicated = is_indicated(people)
    groups = {
        "all": np.ones(len(people), bool),
        "indicated (diabetes, treated hypertension, eGFR < 60 or cardiovascular disease)": indicated,
        "not indicated": ~indicated,
        "diabetes": diabetes,
        "women": female,
        "men": ~female,
        "age 20-44": age < 45,
        "age 45-64": (age >= 45) & (age < 65),
        "age 65 and over": age >= 65,
    }
    return groups | {f"race/ethnicity: {race}": people.race == race for race in sorted(set(people.race))}


def is_indicated(people: Cohort) -> np.ndarray:
    """A reason to test. Untreated hypertension is one too, but the survey columns at hand hold no such diagnosis."""
    x = people.inputs
    return (
        (x["diabetes"] == 1)
        | (x["hba1c"] >= 6.5)
        | (x["antihypertensive"] == 1)
        | (x["egfr"] < 60)
        | (people.tried["cvd"] == 1)
    )


def report(people: Cohort, probability: np.ndarray, seed: int) -> list[dict]:
    """One row for each subgroup and each weighting."""
    factors = resampled(people, seed)
    return [
        _row(people, probability, mask, name, weighting, factors)
        for name, mask in subgroups(people).items()
        for weighting in WEIGHTINGS
    ]


def base_weight(people: Cohort, weighting: str) -> np.ndarray:
    return people.weight if weighting == "survey-weighted" else np.ones(len(people))


def with_interval(estimate: float, draws) -> dict:
    """The figure with the middle 95 % of its replicates; nothing where it is not defined (nobody flagged, say)."""
    draws = np.asarray(draws, float)
    known = draws[np.isfinite(draws)]
    if not np.isfinite(estimate) or len(known) == 0:
        return {"value": None, "ci95": None}
    return {"value": round(float(estimate), 4), "ci95": [round(float(limit), 4) for limit in np.percentile(known, [2.5, 97.5])]}


def _row(people: Cohort, probability: np.ndarray, mask: np.ndarray, name: str, weighting: str, factors) -> dict:
    label, p = people.label[mask], probability[mask]
    base = base_weight(people, weighting)[mask]
    events = int(label.sum())
    row = {"subgroup": name, "weighting": weighting, "n": int(mask.sum()), "events": events}
    if min(events, len(label) - events) < 5:
        return row | {"fewEvents": True, "metrics": {}}
    estimate = measures(label, p, base)
    draws = [measures(label, p, base * factor[mask]) for factor in factors]
    metrics = {metric: with_interval(value, [draw[metric] for draw in draws]) for metric, value in estimate.items()}
    few = min(events, len(label) - events) < FEW_EVENTS
    return row | {"fewEvents": few, "metrics": metrics}


def resampled(people: Cohort, seed: int) -> np.ndarray:
    """Factors [replicates, n] for the weights. Rao-Wu bootstrap: in each stratum all but one of its n sampling units are
    drawn with replacement and weigh n/(n-1)."""
    random = np.random.default_rng(seed)
    units = {stratum: np.unique(people.psu[people.stratum == stratum]) for stratum in np.unique(people.stratum)}
    ids, position = np.unique(people.psu, return_inverse=True)
    factors = np.zeros((REPLICATES, len(ids)))
    for factor in factors:
        for members in units.values():
            n = len(members)
            if n == 1:  # happens in a small sample only; a lone unit cannot be resampled
                factor[np.searchsorted(ids, members[0])] = 1
                continue
            np.add.at(factor, np.searchsorted(ids, random.choice(members, n - 1)), n / (n - 1))
    return factors[:, position]


def measures(label: np.ndarray, p: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """AUROC, Brier, observed/expected, and the calibration line: slope, and intercept at slope 1 (in the large)."""
    log_odds = np.log(p / (1 - p))
    return {
        "auroc": auroc(label, p, weight),
        "brier": float(np.average((label - p) ** 2, weights=weight)),
        "observedOverExpected": float(np.sum(weight * label) / np.sum(weight * p)),
        "calibrationSlope": _logistic(np.column_stack([np.ones_like(p), log_odds]), 0, label, weight)[1],
        "calibrationIntercept": _logistic(np.ones((len(p), 1)), log_odds, label, weight)[0],
    }


def auroc(label: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Weighted probability that a positive scores above a negative, ties counting half."""
    _, place = np.unique(score, return_inverse=True)
    positive = np.bincount(place, weight * label)
    negative = np.bincount(place, weight * (1 - label))
    below = np.cumsum(negative) - negative
    total = positive.sum() * negative.sum()
    return float(np.sum(positive * (below + negative / 2)) / total) if total > 0 else float("nan")


def _logistic(x: np.ndarray, offset: np.ndarray | float, label: np.ndarray, weight: np.ndarray) -> list[float]:
    """Weighted maximum likelihood by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        fitted = 1 / (1 + np.exp(-np.clip(x @ beta + offset, -30, 30)))
        gradient = x.T @ (weight * (label - fitted))
        hessian = (x * (weight * fitted * (1 - fitted))[:, None]).T @ x
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            return [float("nan")] * len(beta)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-8:
            break
    return [float(value) for value in beta]


def calibration_curve(people: Cohort, probability: np.ndarray) -> list[dict]:
    """Survey-weighted observed share by tenth of predicted probability."""
    edges = np.quantile(probability, np.linspace(0, 1, 11))
    tenth = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, 9)
    curve = []
    for index in range(10):
        inside = tenth == index
        weight = people.weight[inside]
        curve.append(
            {
                "n": int(inside.sum()),
                "predicted": round(float(np.average(probability[inside], weights=weight)), 4),
                "observed": round(float(np.average(people.label[inside], weights=weight)), 4),
            }
        )
    return curve
