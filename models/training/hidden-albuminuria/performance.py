"""Discrimination and calibration, survey-weighted and not, with intervals from resampling whole sampling units."""

import numpy as np

from cohort import Cohort

REPLICATES = 400
FEW_EVENTS = 30  # fewer positives (or negatives) than this: the figures are given and marked "too few to say"


def subgroups(people: Cohort) -> dict[str, np.ndarray]:
    """Who is reported apart. Race and ethnicity are here and nowhere in the inputs."""
    age, female = people.inputs["age"], people.inputs["sex"] == 1
    diabetes = (people.inputs["diabetes"] == 1) | (people.inputs["hba1c"] >= 6.5)
    indicated = diabetes | (people.inputs["antihypertensive"] == 1) | (people.inputs["egfr"] < 60)
    groups = {
        "all": np.ones(len(people), bool),
        "indicated (diabetes, treated hypertension or eGFR < 60)": indicated,
        "not indicated": ~indicated,
        "diabetes": diabetes,
        "women": female,
        "men": ~female,
        "age 20-44": age < 45,
        "age 45-64": (age >= 45) & (age < 65),
        "age 65 and over": age >= 65,
    }
    return groups | {f"race/ethnicity: {race}": people.race == race for race in sorted(set(people.race))}


def report(people: Cohort, probability: np.ndarray, seed: int) -> list[dict]:
    """One row for each subgroup and each weighting."""
    rows = []
    for name, mask in subgroups(people).items():
        for weighting in ("survey-weighted", "unweighted"):
            rows.append(_row(people, probability, mask, name, weighting, np.random.default_rng(seed)))
    return rows


def _row(people: Cohort, probability: np.ndarray, mask: np.ndarray, name: str, weighting: str, random) -> dict:
    label, p = people.label[mask], probability[mask]
    base = people.weight[mask] if weighting == "survey-weighted" else np.ones(mask.sum())
    events = int(label.sum())
    row = {"subgroup": name, "weighting": weighting, "n": int(mask.sum()), "events": events}
    if min(events, len(label) - events) < 5:
        return row | {"fewEvents": True, "metrics": {}}
    estimate = measures(label, p, base)
    draws = [measures(label, p, base * factor[mask]) for factor in _resampled(people, random)]
    metrics = {}
    for metric, value in estimate.items():
        values = np.array([draw[metric] for draw in draws])
        limits = np.nanpercentile(values, [2.5, 97.5])
        metrics[metric] = {"value": round(value, 4), "ci95": [round(float(limit), 4) for limit in limits]}
    few = min(events, len(label) - events) < FEW_EVENTS
    return row | {"fewEvents": few, "metrics": metrics}


def _resampled(people: Cohort, random):
    """Rao-Wu bootstrap: in each stratum all but one of its n sampling units are drawn with replacement and weigh n/(n-1)."""
    units = {stratum: np.unique(people.psu[people.stratum == stratum]) for stratum in np.unique(people.stratum)}
    ids, position = np.unique(people.psu, return_inverse=True)
    for _ in range(REPLICATES):
        factor = np.zeros(len(ids))
        for members in units.values():
            n = len(members)
            if n == 1:  # happens in a small sample only; a lone unit cannot be resampled
                factor[np.searchsorted(ids, members[0])] = 1
                continue
            drawn = random.choice(members, n - 1)
            np.add.at(factor, np.searchsorted(ids, drawn), n / (n - 1))
        yield factor[position]


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


def at_threshold(people: Cohort, flagged: np.ndarray) -> dict:
    """What a yes/no rule does: share flagged, precision, recall, F1."""
    result = {}
    for weighting, weight in (("survey-weighted", people.weight), ("unweighted", np.ones(len(people)))):
        hit = np.sum(weight * flagged * people.label)
        precision = hit / max(np.sum(weight * flagged), 1e-12)
        recall = hit / np.sum(weight * people.label)
        result[weighting] = {
            "flagged": round(float(np.average(flagged, weights=weight)), 4),
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "f1": round(float(2 * precision * recall / max(precision + recall, 1e-12)), 4),
        }
    return result


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
