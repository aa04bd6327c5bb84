"""The manifest: what the app needs to run the model, every range and formula from the training run."""

from hashlib import sha256

from features import Feature
from scoring import BAND_WORDS, SHOWN_THRESHOLD, THRESHOLDS

INDICATED = "diabetes == 1 || hba1c >= 6.5 || antihypertensive == 1 || hypertension == 1 || egfr < 60 || cvd == 1"

LIMITATION = (
    "Learned from one random spot urine in US survey participants, so it cannot tell lasting albuminuria from a passing "
    "rise (infection, exercise, menstruation); weak in women and young adults, and weak evidence without diabetes, "
    "hypertension, eGFR below 60 or cardiovascular disease. It does not diagnose kidney disease."
)


def build(features: list[Feature], metrics: dict, graph: bytes, example: dict) -> dict:
    ranges = metrics["ranges"]
    low, high = THRESHOLDS
    return {
        "id": "hidden-albuminuria",
        "kind": "onnx",
        "version": "1.1.0",
        "title": "Hidden albuminuria",
        "population": POPULATION,
        "inputs": [
            {"name": "age", "fact": "patient.age", "label": "Age", "unit": "a", "required": True, "range": [20, 120]},
            {
                "name": "sex",
                "fact": "patient.sex",
                "label": "Sex",
                "required": True,
                "codes": {"female": 1, "male": 0},
            },
            measured("systolic", "observation.systolic-blood-pressure", "Systolic blood pressure", "mm[Hg]", ranges),
            measured("egfr", "derived.egfr", "eGFR (CKD-EPI 2021)", "mL/min/{1.73_m2}", ranges),
            measured("hba1c", "observation.hba1c", "HbA1c", "%", ranges),
            yes_no("diabetes", "condition.diabetes", "Diabetes on the problem list"),
            yes_no("antihypertensive", "medication.antihypertensive", "Blood pressure medicine"),
            # Reasons to test only; the graph never sees them.
            yes_no("hypertension", "condition.hypertension", "Hypertension on the problem list"),
            yes_no("cvd", "condition.cardiovascular-disease", "Cardiovascular disease on the problem list"),
        ],
        "outcomes": [
            {
                "id": "probability",
                "title": "Chance that urine albumin/creatinine is 30 mg/g or more",
                "unit": "1",
                "bands": [
                    {"below": limit, "word": word} for limit, word in zip((low, high, 1.000001), BAND_WORDS)
                ],
            }
        ],
        "advice": [
            {
                "when": f"({INDICATED}) && probability >= {SHOWN_THRESHOLD}",
                "indicator": "warning",
                "summary": "Order a urine albumin/creatinine ratio: {probability} chance that it is raised, none on file",
                "detail": REASON + " The model puts the chance of a result of 30 mg/g or more at {probability}.",
                "action": "Order a urine albumin/creatinine ratio",
            },
            {
                "when": INDICATED,
                "indicator": "info",
                "summary": "Order a urine albumin/creatinine ratio when convenient: none on file, {probability} chance that it is raised",
                "detail": REASON + " The model puts the chance of a result of 30 mg/g or more at {probability}.",
                "action": "Order a urine albumin/creatinine ratio",
            },
            {
                "when": "probability >= 0",
                "indicator": "info",
                "summary": "No reason on file to test urine albumin; weak evidence here: {probability}",
                "detail": "No diabetes, hypertension or medicine for it, eGFR below 60 or cardiovascular disease is on file. Among such adults the model "
                "sorts poorly, so its number ({probability}) is no reason to test.",
            },
        ],
        "tensor": {"input": "features", "output": "probability", "dtype": "float64", "outputIndex": 0, "contributions": "contributions"},
        "features": [
            {
                "name": feature.name,
                "formula": feature.formula,
                "unit": feature.unit,
                "range": feature_range(feature, ranges),
                # Nothing is filled in: a median would stand for a person who was never measured.
                "missing": "abstain",
            }
            for feature in features
        ],
        "file": "model.onnx",
        "sha256": sha256(graph).hexdigest(),
        "example": example,
        "limitation": LIMITATION,
        "citations": CITATIONS,
    }


REASON = (
    "Diabetes, hypertension or its treatment, an eGFR below 60 or cardiovascular disease is a reason to test, and no urine "
    "albumin/creatinine ratio is on file."
)

POPULATION = {
    "text": "Adults of 20 years and more, not pregnant, with no urine albumin/creatinine ratio on file; of use where a "
    "test is indicated (diabetes, hypertension or its treatment, eGFR below 60, cardiovascular disease), weak evidence elsewhere",
    "age": [20, 120],
    "pregnant": "excluded",
    "silentInComfortCare": True,
    "exclude": [
        {"condition": "dialysis", "because": "On dialysis: urine albumin no longer changes what is done"},
        {"condition": "kidney-transplant", "because": "Kidney transplant: the survey cannot speak of it", "ever": True},
        {"condition": "albuminuria", "because": "Albuminuria is already on the problem list"},
        {"condition": "chronic-kidney-disease", "because": "Kidney disease is already known: its own rules ask for the test"},
    ],
    "unless": [
        {"fact": "observation.uacr", "because": "A urine albumin/creatinine ratio is on file: a measured value is better than a predicted one"}
    ],
}

CITATIONS = [
    {
        "text": "National Health and Nutrition Examination Survey 1999-2016, public-use files, US National Center for Health Statistics",
        "place": "shared/nhanes/nhanes_1999_2016.csv.gz; columns in shared/nhanes/COLUMNS.csv",
        "basis": "shared",
    },
    {
        "text": "American Diabetes Association, Standards of Care in Diabetes 2024, section 11: urine albumin at least yearly "
        "in all people with type 2 diabetes, and in type 1 of five years and more",
        "url": "https://kardio.az/hekimler-ucun/chronic-kidney-disease-and-risk-management-standards-of-care-in-diabetes-2024/",
        "doi": "10.2337/dc24-S011",
        "place": "recommendation 11.1a, as reproduced at the address given",
        "basis": "opened",
        "opened": "2026-11-22",
    },
    {
        "text": "KDIGO 2024 guideline on chronic kidney disease: supports early detection in people with hypertension, diabetes "
        "or cardiovascular disease",
        "url": "https://blog.healthy.io/?p=3988",
        "doi": "10.1016/j.kint.2023.10.018",
        "place": "quoted at the address given; the guideline itself was not opened",
        "basis": "opened",
        "opened": "2026-11-22",
    },
    {
        "text": "Albuminuria is measured wherever eGFR is below 60: common practice, part of staging kidney disease",
        "basis": "recalled",
    },
]


def measured(name: str, fact: str, label: str, unit: str, ranges: dict) -> dict:
    """A measurement of the last year, within what the model has seen, else it abstains."""
    return {
        "name": name,
        "fact": fact,
        "label": label,
        "unit": unit,
        "required": True,
        "range": ranges[name],
        "outside": "abstain",
        "maxAge": "P1Y",
    }


def yes_no(name: str, fact: str, label: str) -> dict:
    return {
        "name": name,
        "fact": fact,
        "label": label,
        "required": True,
        "codes": {"yes": 1, "no": 0},
        "whenAbsent": 0,
    }


def feature_range(feature: Feature, ranges: dict) -> list[float]:
    """The values a feature can take while its inputs are within theirs."""
    systolic, egfr, hba1c = ranges["systolic"], ranges["egfr"], ranges["hba1c"]
    known = {
        "age": [20, 80],
        "age_over_50": [0, 30],
        "female_age": [0, 80],
        "female_age_over_50": [0, 30],
        "systolic": systolic,
        "systolic_over_120": [0, systolic[1] - 120],
        "female_systolic": [0, systolic[1]],
        "egfr": egfr,
        "egfr_over_60": [0, egfr[1] - 60],
        "egfr_over_90": [0, egfr[1] - 90],
        "hba1c": hba1c,
        "hba1c_over_9": [0, hba1c[1] - 9],
    }
    return [round(limit, 6) for limit in known.get(feature.name, [0, 1])]
