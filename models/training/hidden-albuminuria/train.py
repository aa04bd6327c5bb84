"""Trains the hidden-albuminuria model and writes everything that is said about it. Nothing in its card is typed by hand.

    python train.py [--data FILE] [--out DIR] [--sample 0.05]
"""

import argparse
import json
import os
from hashlib import sha256
from pathlib import Path

# Before numpy is loaded: one thread, so that sums are added in one order and the same data give the same file.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import card
import cohort
import export
import manifest
import performance
import robustness
import scoring
from cohort import Cohort
from features import BY_SEX, DIASTOLIC, HINGES, HISTORY, LINEAR, Feature, matrix

SEED = 20261122
REPOSITORY = Path(__file__).resolve().parents[3]
FINAL = REPOSITORY / "models/risk/hidden-albuminuria/final-score.json"
# Fixed before the test cycle was looked at: the simplest candidate whose cross-validated AUROC is within this of the best.
ENOUGH = 0.005


def main() -> None:
    options = arguments()
    develop, test = cohort.read(options.data, options.sample, SEED)
    candidates = cross_validate(develop)
    chosen = choose(candidates)
    model = fit_logistic(chosen["features"], develop)
    export.round_coefficients(model)
    metrics = {
        "cohorts": [scoring.describe("train 1999-2014", develop), scoring.describe("test 2015-2016", test)],
        "selection": [{key: value for key, value in row.items() if key != "features"} for row in candidates],
        "chosen": chosen["name"],
        "coefficients": export.coefficients(model, chosen["features"]),
        "coefficientsSha256": export.coefficients_digest(model, chosen["features"]),
        "fills": robustness.fills(develop),
        **test_figures(model, chosen["features"], develop, test),
        "sensitivity": sensitivity(chosen["features"], develop, test, predict(model, chosen["features"], test)),
        "ranges": ranges(develop),
        "sample": options.sample,
        "seed": SEED,
        "replicates": performance.REPLICATES,
        "data": {"file": options.data.name, "sha256": digest(options.data)},
        "code": {path.name: digest(path) for path in sorted(Path(__file__).parent.glob("*.py")) if path.name != "smoke.py"},
    }
    write(options.out, model, chosen["features"], metrics)


def test_figures(model: Pipeline, features: list[Feature], develop: Cohort, test: Cohort) -> dict:
    """The test cycle, against what needs no model, and against what is given up by staying transparent."""
    return scoring.score(
        test,
        lambda inputs: model.predict_proba(matrix(features, inputs))[:, 1],
        filled=robustness.fills(develop),
        seed=SEED,
        others={
            "gradient boosting, same inputs": predict(fit_boosting(LINEAR, develop), LINEAR, test),
            "same model, fitted without weights": predict(fit_logistic(features, _unweighted(develop)), features, test),
        },
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared/nhanes/nhanes_1999_2016.csv.gz")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "models/risk/hidden-albuminuria")
    parser.add_argument("--sample", type=float, default=1.0, help="share of the people, for a quick check of the pipeline")
    return parser.parse_args()


def cross_validate(people: Cohort) -> list[dict]:
    """Every candidate, each survey cycle predicted by a model that has not seen it. Survey-weighted. Simplest first.

    Those with more inputs, and boosting, are not eligible: they show what is given up by staying lean and transparent.
    """
    seven = LINEAR + HINGES + BY_SEX
    rows = [
        {"name": "7 inputs, linear", "inputs": 7, "features": LINEAR, "fit": fit_logistic},
        {"name": "7 inputs, bent lines", "inputs": 7, "features": LINEAR + HINGES, "fit": fit_logistic},
        {"name": "7 inputs, bent lines, by sex", "inputs": 7, "features": seven, "fit": fit_logistic},
        {"name": "8 inputs: with diastolic pressure", "inputs": 8, "features": seven + DIASTOLIC, "fit": fit_logistic},
        {"name": "9 inputs: with smoking and CVD", "inputs": 9, "features": seven + HISTORY, "fit": fit_logistic},
        {"name": "gradient boosting, 7 inputs", "inputs": 7, "features": LINEAR, "fit": fit_boosting},
        {"name": "gradient boosting, 9 inputs", "inputs": 9, "features": LINEAR + HISTORY, "fit": fit_boosting},
    ]
    for row in rows:
        probability = np.empty(len(people))
        for cycle in np.unique(people.cycle):
            held_out = people.cycle == cycle
            model = row["fit"](row["features"], people, ~held_out)
            probability[held_out] = predict(model, row["features"], people)[held_out]
        measured = performance.measures(people.label, probability, people.weight)
        row["crossValidated"] = {name: round(value, 4) for name, value in measured.items()}
        row["eligible"] = row["fit"] is fit_logistic and row["inputs"] == len(cohort.INPUT_COLUMNS)
        del row["fit"]
    return rows


def choose(candidates: list[dict]) -> dict:
    """The simplest eligible candidate within ENOUGH of the best of all; if none is, the best eligible one."""

    def auroc(row: dict) -> float:
        return row["crossValidated"]["auroc"]

    best = max(map(auroc, candidates))
    eligible = [row for row in candidates if row["eligible"]]
    return next((row for row in eligible if auroc(row) >= best - ENOUGH), max(eligible, key=auroc))


def fit_logistic(features: list[Feature], people: Cohort, rows: np.ndarray | slice = slice(None)) -> Pipeline:
    """Survey-weighted, so that the probabilities are those of US adults; the penalty is next to nothing.

    Newton's method goes to the last digit, so that rounding to six decimals is stable.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1000, solver="newton-cholesky", tol=1e-10, max_iter=100))
    x = matrix(features, everything(people))
    return model.fit(x[rows], people.label[rows], logisticregression__sample_weight=people.weight[rows])


def fit_boosting(features: list[Feature], people: Cohort, rows: np.ndarray | slice = slice(None)):
    model = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=100, early_stopping=False, random_state=SEED
    )
    x = matrix(features, everything(people))
    return model.fit(x[rows], people.label[rows], sample_weight=people.weight[rows])


def predict(model, features: list[Feature], people: Cohort) -> np.ndarray:
    return model.predict_proba(matrix(features, everything(people)))[:, 1]


def everything(people: Cohort) -> dict[str, np.ndarray]:
    return people.inputs | people.tried


def _unweighted(people: Cohort) -> Cohort:
    return Cohort(**{**people.__dict__, "weight": np.ones(len(people))})


def sensitivity(features: list[Feature], develop: Cohort, test: Cohort, probability: np.ndarray) -> dict:
    """Without 1999-2000, whose creatinine was not brought to the later method in this file."""
    later = fit_logistic(features, develop, develop.cycle != "1999-2000")
    without = predict(later, features, test)
    return {
        "trained without 1999-2000": {
            "aurocWeighted": round(performance.auroc(test.label, without, test.weight), 4),
            "meanAbsoluteDifference": round(float(np.mean(np.abs(without - probability))), 4),
            "maxAbsoluteDifference": round(float(np.max(np.abs(without - probability))), 4),
        }
    }


def ranges(people: Cohort) -> dict[str, list[float]]:
    """Where there were people to learn from: 999 of 1,000 in the middle. Outside, the model abstains."""
    measured = ("systolic", "egfr", "hba1c")
    return {
        name: [round(float(value), 1) for value in np.quantile(people.inputs[name], [0.0005, 0.9995])]
        for name in measured
    }


def write(out: Path, model: Pipeline, features: list[Feature], metrics: dict) -> None:
    """model.onnx, metrics.json, card.json, manifest.json, parity.json."""
    out.mkdir(parents=True, exist_ok=True)
    graph = export.onnx_bytes(model, features)
    (out / "model.onnx").write_bytes(graph)
    save(out / "metrics.json", metrics)
    document = manifest.build(features, metrics, graph, export.example(model, features))
    save(out / "manifest.json", document)
    save(out / "card.json", card.build(document, metrics, digest(out / "metrics.json"), final_score(document)))
    (out / "parity.json").write_text(export.parity(model, features, document, SEED), encoding="utf-8")
    for row in metrics["test"]:
        print(row["subgroup"], row["weighting"], row["n"], {k: v["value"] for k, v in row["metrics"].items()})
    print("model.onnx", document["sha256"], len(graph), "bytes;", metrics["chosen"])


def final_score(document: dict) -> dict | None:
    """The one scoring of the 2017-2020 file, if it has been made and was of this very graph."""
    if not FINAL.exists():
        return None
    figures = json.loads(FINAL.read_text(encoding="utf-8"))
    return figures if figures.get("status") == "done" and figures["model"] == document["sha256"] else None


def save(path: Path, document: dict) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
