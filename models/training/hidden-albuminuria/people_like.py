"""What was found among people like this patient: sex, age band and whether there is a reason to test."""

import numpy as np

from cohort import Cohort
from performance import auroc, is_indicated, resampled, with_interval

AGE_BANDS = ((20, 44), (45, 64), (65, None))
FEW_PEOPLE = 100
FEW_FOUND = 10
FEW_TO_RANK = 30

# How the app tells whether a patient has a reason to test, over the inputs of the manifest.
INDICATED_BY = [
    {"input": "diabetes", "atLeast": 1},
    {"input": "hba1c", "atLeast": 6.5},
    {"input": "antihypertensive", "atLeast": 1},
    {"input": "hypertension", "atLeast": 1},
    {"input": "egfr", "below": 60},
    {"input": "cvd", "atLeast": 1},
]


def rows(people: Cohort, probability: np.ndarray, seed: int) -> list[dict]:
    """Survey-weighted. `tooFew`: nothing is said of such people; the counts are still given."""
    factors = resampled(people, seed)
    age, female, reason = people.inputs["age"], people.inputs["sex"] == 1, is_indicated(people)
    found = []
    for sex in ("female", "male"):
        for low, high in AGE_BANDS:
            for indicated in (True, False):
                mask = (female == (sex == "female")) & (age >= low) & (age < (high or 200) + 1) & (reason == indicated)
                row = {"sex": sex, "ageFrom": low, "ageTo": high, "indicated": indicated}
                found.append(row | _found(people, probability, mask, factors))
    return found


def _found(people: Cohort, probability: np.ndarray, mask: np.ndarray, factors: np.ndarray) -> dict:
    n, events = int(mask.sum()), int(people.label[mask].sum())
    counts = {"n": n, "events": events}
    if n < FEW_PEOPLE or events < FEW_FOUND:
        return counts | {"tooFew": True}
    label, p, weight = people.label[mask], probability[mask], people.weight[mask]
    weights = weight * factors[:, mask]
    observed = with_interval(np.average(label, weights=weight), weights @ label / weights.sum(axis=1))
    row = counts | {
        "tooFew": False,
        "observed": observed,
        "predicted": round(float(np.average(p, weights=weight)), 4),
    }
    if min(events, n - events) >= FEW_TO_RANK:
        row["auroc"] = with_interval(auroc(label, p, weight), [auroc(label, p, one) for one in weights])
    return row
