"""The model card: the 31 source attributes of a predictive intervention (45 CFR 170.315(b)(11)), each present.

Every number comes from the training run's metrics; absence is said in words.
"""

from people_like import INDICATED_BY
from scoring import SHOWN_THRESHOLD

RELEASED = "2026-11-22"
REVISED = "2026-11-23: 1.1.0, same coefficients; a second output with contributions, further reasons to test, more figures"
NOT_DONE = "Not performed"


def build(manifest: dict, metrics: dict, metrics_sha256: str, final: dict | None) -> dict:
    """`final`: what score_once.py wrote, as it came out; absent before it ran."""
    develop, test = metrics["cohorts"]
    return {
        "kind": "predictive",
        "id": "urn:attune:model:hidden-albuminuria",
        "name": manifest["title"],
        "version": manifest["version"],
        "artifact": {
            "file": manifest["file"],
            "sha256": manifest["sha256"],
            "format": "onnx",
            "opset": 17,
            "metrics": {"file": "metrics.json", "sha256": metrics_sha256},
            "trainingCode": metrics["code"],
            "coefficientsSha256": metrics["coefficientsSha256"],
            "trainingData": metrics["data"],
            "sample": metrics["sample"],
        },
        "release": {"stage": "not yet validated outside the survey", "date": RELEASED, "revised": [REVISED]},
        "attributes": attributes(manifest, metrics, final),
        "output": {
            "value": manifest["outcomes"][0]["title"],
            "type": "prediction",
            "unit": "1",
            "range": [0, 1],
            "uncertainty": "Intervals are those of the performance figures; none is given for one patient",
            "abstainRule": "Any input missing, older than a year, or outside its range; outside the population; a measured ratio on file",
        },
        "inputs": [
            {
                "name": row["name"],
                "fact": row["fact"],
                "ucum": row.get("unit", "1"),
                "lookback": row.get("maxAge", "current list"),
                "plausible": row.get("range", "yes or no"),
                "missing": "abstain",
                "required": True,
            }
            for row in manifest["inputs"]
        ],
        "sensitiveVariables": SENSITIVE,
        "explanation": {
            "output": manifest["tensor"]["contributions"],
            "unit": "log odds, against the survey-weighted average of training, one a feature",
            "exact": "the parts and the intercept add up to the log odds of the probability",
        },
        "peopleLike": people_like(metrics, final),
        "performance": performance_rows(metrics, TEST) + (performance_rows(final["figures"], FINAL) if final else []),
        "internalTest": {"source": TEST, "shownThreshold": SHOWN_THRESHOLD} | {key: metrics[key] for key in FIGURES},
        "finalScoring": finally_scored(final),
        "selection": metrics["selection"],
        "sensitivity": metrics["sensitivity"],
        "coefficients": metrics["coefficients"],
        "disclosures": {
            "P17-P20, P23, P24": f"{NOT_DONE}: no data from outside the survey; its later cycle is reported under P21 and P22",
            "P27, P29": f"{NOT_DONE}: no local data yet",
        },
    }


TEST = "NHANES 2015-2016"
FINAL = "NHANES 2017 to March 2020"
FIGURES = ("bands", "calibrationCurve", "thresholds", "rule", "decisionCurve", "comparators", "robustness")


def finally_scored(final: dict | None) -> dict | str:
    if final is None:
        return f"{NOT_DONE} yet: the 2017-2020 file has not been opened"
    head = {key: final[key] for key in ("ranAt", "model", "specification", "data", "cohort")}
    return {"source": FINAL} | head | {key: final["figures"][key] for key in FIGURES}


def people_like(metrics: dict, final: dict | None) -> dict:
    """The latest people that the model had not learned from: those of the final scoring once it has been made."""
    return {
        "source": FINAL if final else TEST,
        "found": "urine albumin/creatinine ratio of 30 mg/g or more, survey-weighted",
        "indicatedBy": INDICATED_BY,
        "rows": final["figures"]["peopleLike"] if final else metrics["peopleLike"],
    }


SENSITIVE = {
    "race": "not an input; performance is reported by it",
    "ethnicity": "not an input; performance is reported by it",
    "language": "not used",
    "sexualOrientation": "not used",
    "genderIdentity": "not used",
    "sex": "input",
    "dateOfBirth": "input, as age",
    "sdoh": "not used",
    "healthStatus": "input: blood pressure, eGFR, HbA1c, diabetes, blood pressure medicine",
}


def attributes(manifest: dict, metrics: dict, final: dict | None) -> dict[str, str]:
    develop, test = metrics["cohorts"]
    return {
        "P1": "Attune project; contact: the issue tracker of the project's repository",
        "P2": "No outside funding",
        "P3": f"{manifest['outcomes'][0]['title']}: a probability from 0 to 1",
        "P4": "Prediction",
        "P5": "To rank how urgent a urine albumin/creatinine ratio is where one is indicated and none is on file. It does not diagnose kidney disease.",
        "P6": manifest["population"]["text"],
        "P7": "Physicians and other clinicians in outpatient care, and those who review it for them",
        "P8": "Informs: the clinician decides; a rule gives the reason to test, the model the urgency",
        "P9": "Children, pregnancy, dialysis, kidney transplant, known albuminuria or kidney disease, comfort care, acute illness. Not for ruling kidney disease out, not for ordering without a clinician, not as a reason to withhold a test that a guideline asks for.",
        "P10": manifest["limitation"] + " Laboratory values beyond the training range make it abstain.",
        "P11": f"NHANES participants of 20 years and more, not known to be pregnant, with urine albumin and creatinine measured: {develop['eligible']} in 1999-2014; {develop['n']} of them with every input measured were used, the others left out, not filled in. Age is top-coded at 80 or 85 in the source and at 80 here. The 1999-2000 creatinine was not recalibrated; the run without that cycle is given.",
        "P12": "Uses sex, date of birth (as age) and health status. Does not use race, ethnicity, language, sexual orientation, gender identity or social determinants.",
        "P13": f"Training, survey-weighted: {shares(develop, 'sharesWeighted')}. Unweighted: {shares(develop, 'sharesUnweighted')}.",
        "P14": "A sample of the whole US population outside institutions; people in clinics are sicker, so local calibration is expected to be needed. Blood pressure is a mean of seated readings in the survey, a single reading in most charts.",
        "P15": "Race and ethnicity are left out of the inputs; discrimination and calibration are reported for every group, with intervals, and groups with too few events are marked.",
        "P16": "Fitted with survey weights so that oversampled groups do not bend the average; different slopes for women and men because they raised the cross-validated AUROC. No further adjustment by group.",
        "P17": f"{NOT_DONE} outside the survey. Internal tests are the later cycles of the same survey: 2015-2016, and 2017 to March 2020, scored once.",
        "P18": f"{NOT_DONE}: no other party has tested the model",
        "P19": f"{NOT_DONE}: there are no external data. Internal test, survey-weighted: {shares(test, 'sharesWeighted')}.",
        "P20": f"{NOT_DONE}. The internal process: choice by cross-validation over the cycles of 1999-2014, then one evaluation on 2015-2016, then a frozen specification and one scoring of 2017 to March 2020, intervals by resampling of sampling units within strata ({metrics['replicates']} times).",
        "P21": f"2015-2016, n {test['n']}, {test['events']} with 30 mg/g or more. Survey-weighted: {figures(metrics, 'all', 'survey-weighted')}. Unweighted: {figures(metrics, 'all', 'unweighted')}. {at_shown_threshold(metrics)} {final_words(final)}",
        "P22": f"2015-2016: {by_group(metrics)}." + (f" 2017 to March 2020: {by_group(final['figures'])}." if final else ""),
        "P23": f"{NOT_DONE}: no external data yet",
        "P24": f"{NOT_DONE}: no external data yet",
        "P25": "None: no study of patient outcomes with this model exists",
        "P26": f"{NOT_DONE}: performance is not monitored automatically. The file is checked against its digest before every first use; the site may compare predictions with the ratios that come back.",
        "P27": f"{NOT_DONE}: no local data yet; the site can fill this in",
        "P28": f"{NOT_DONE}: no fairness monitoring is built in; the site can fill this in",
        "P29": f"{NOT_DONE}: no local data yet; the site can fill this in",
        "P30": "With a new survey cycle or a found error; no fixed schedule. Every version has its own digest and card.",
        "P31": "When a risk is found: a corrected version, or withdrawal of the model from the library, at the next release; no fixed interval",
    }


def shares(cohort: dict, key: str) -> str:
    return ", ".join(f"{name.removeprefix('race/ethnicity: ')} {value:.1%}" for name, value in cohort[key].items())


def final_words(final: dict | None) -> str:
    if final is None:
        return "The 2017-2020 file has not been opened."
    cohort, scored = final["cohort"], final["figures"]
    return (
        f"2017 to March 2020, scored once on {final['ranAt'][:10]}, n {cohort['n']}, {cohort['events']} with 30 mg/g or more. "
        f"Survey-weighted: {figures(scored, 'all', 'survey-weighted')}. Unweighted: {figures(scored, 'all', 'unweighted')}. "
        f"{at_shown_threshold(scored)}"
    )


def at_shown_threshold(metrics: dict) -> str:
    row = next(row for row in metrics["thresholds"][str(SHOWN_THRESHOLD)] if row["subgroup"] == "all")
    parts = [f"{name} {row['metrics'][name]['value']} ({interval(row['metrics'][name])})" for name in row["metrics"] if row["metrics"][name]["ci95"]]
    return f"At the shown threshold of {SHOWN_THRESHOLD:.0%}, survey-weighted: {', '.join(parts)}."


def interval(measured: dict) -> str:
    return f"{measured['ci95'][0]} to {measured['ci95'][1]}"


def by_group(metrics: dict) -> str:
    return "; ".join(
        f"{row['subgroup']} (n {row['n']}, {row['events']} events{', too few to say' if row['fewEvents'] else ''}): {figures(metrics, row['subgroup'], 'survey-weighted')}"
        for row in metrics["test"]
        if row["weighting"] == "survey-weighted" and row["subgroup"] != "all"
    )


def figures(metrics: dict, subgroup: str, weighting: str) -> str:
    row = next(row for row in metrics["test"] if row["subgroup"] == subgroup and row["weighting"] == weighting)
    labels = {
        "auroc": "AUROC",
        "calibrationSlope": "calibration slope",
        "calibrationIntercept": "intercept",
        "observedOverExpected": "O:E",
        "brier": "Brier",
    }
    if not row["metrics"]:
        return "too few to say"
    return ", ".join(
        f"{label} {row['metrics'][name]['value']} ({row['metrics'][name]['ci95'][0]} to {row['metrics'][name]['ci95'][1]})"
        for name, label in labels.items()
    )


def performance_rows(metrics: dict, source: str) -> list[dict]:
    """One row for each figure, for tables and for the row of people like this patient."""
    return [
        {
            "split": "internal",
            "kind": "validity" if row["subgroup"] == "all" else "fairness",
            "metric": metric,
            "subgroup": row["subgroup"],
            "weighting": row["weighting"],
            "n": row["n"],
            "events": row["events"],
            "tooFew": row["fewEvents"],
            **measured,
            "threshold": None,
            "source": source,
        }
        for row in metrics["test"]
        for metric, measured in row["metrics"].items()
    ]
