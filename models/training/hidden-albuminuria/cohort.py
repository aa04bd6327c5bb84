"""The people: NHANES adults whose urine was measured, read from the survey file that stays outside the project."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

# Only what is used is read. Never read: cc_ckd (it *is* the label wherever eGFR >= 60) and every lab_* column
# (outlier-trimmed to missing: their missingness leaks severity). cc_acr is read for the label and for nothing else.
LABEL_COLUMN = "cc_acr"
SURVEY = ["svy_year", "svy_weight_mec", "svy_psu", "svy_strata"]
INPUT_COLUMNS = {
    "age": "demo_age_years",
    "sex": "demo_gender",
    "systolic": "bp_sys_mean",
    "egfr": "cc_egfr",
    "hba1c": "cc_hba1c",
    "diabetes": "cc_diabetes",
    "antihypertensive": "bp_med_use",
}
# Tried in cross-validation or used to report performance; not inputs of the model.
OTHER = ["demo_race", "demo_pregnant", "bp_dia_mean", "cc_smoke", "cc_cvd_any"]

THRESHOLD_MG_PER_G = 30
TEST_CYCLE = "2015-2016"


@dataclass(frozen=True)
class Cohort:
    """One set of people. `inputs` in the units of the manifest; `weight` averages 1; `psu` identifies a sampling unit."""

    inputs: dict[str, np.ndarray]
    label: np.ndarray
    weight: np.ndarray
    cycle: np.ndarray
    stratum: np.ndarray
    psu: np.ndarray
    race: np.ndarray
    tried: dict[str, np.ndarray]
    eligible: int
    eligible_prevalence: float
    # Share of the eligible without it, by input.
    missing: dict[str, float]

    def __len__(self) -> int:
        return len(self.label)


def read(path: Path, sample: float, seed: int) -> tuple[Cohort, Cohort]:
    """Development (1999-2014) and test (2015-2016): adults of 20 and more, not pregnant, urine measured, no input missing."""
    if "2017" in path.name:
        raise SystemExit("the 2017-2020 file is opened by score_once.py and by nothing else")
    eligible = _eligible(path)
    if sample < 1:
        eligible = eligible.sample(frac=sample, random_state=seed).sort_index()
    test = eligible.svy_year == TEST_CYCLE
    return _cohort(eligible[~test]), _cohort(eligible[test])


def read_final(path: Path) -> Cohort:
    """The people of the one final scoring. Called by score_once.py alone."""
    return _cohort(_eligible(path))


def _eligible(path: Path) -> pd.DataFrame:
    columns = [LABEL_COLUMN, *SURVEY, *INPUT_COLUMNS.values(), *OTHER]
    survey = pd.read_csv(path, usecols=columns, low_memory=False)
    return survey[(survey.demo_age_years >= 20) & (survey.demo_pregnant != 1) & survey[LABEL_COLUMN].notna()]


def _cohort(eligible: pd.DataFrame) -> Cohort:
    people = eligible.dropna(subset=list(INPUT_COLUMNS.values()))
    inputs = {name: people[column].to_numpy() for name, column in INPUT_COLUMNS.items()}
    inputs["sex"] = (people.demo_gender == "Women").to_numpy()
    weight = people.svy_weight_mec.to_numpy(float)
    stratum = people.svy_strata.to_numpy()
    return Cohort(
        inputs={name: values.astype(float) for name, values in inputs.items()},
        label=(people[LABEL_COLUMN] >= THRESHOLD_MG_PER_G).to_numpy(int),
        weight=weight / weight.mean(),
        cycle=people.svy_year.to_numpy(str),
        stratum=stratum,
        psu=stratum * 10 + people.svy_psu.to_numpy(),
        race=people.demo_race.to_numpy(str),
        tried={
            "diastolic": people.bp_dia_mean.fillna(people.bp_dia_mean.median()).to_numpy(float),
            "smoker": (people.cc_smoke == "Current").to_numpy(float),
            "cvd": people.cc_cvd_any.to_numpy(float),
        },
        eligible=len(eligible),
        eligible_prevalence=float((eligible[LABEL_COLUMN] >= THRESHOLD_MG_PER_G).mean()),
        missing={name: round(float(eligible[column].isna().mean()), 4) for name, column in INPUT_COLUMNS.items()},
    )
