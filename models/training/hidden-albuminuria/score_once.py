"""Scores the 2017-2020 file with the model that SPECIFICATION.md froze. Once.

    python score_once.py             # refuses when the graph or the code is another, or when it has run before
    python score_once.py --rehearse  # the same steps on the 2015-2016 test cycle, nothing written; the file stays closed

What came out lies in models/risk/hidden-albuminuria/final-score.json; nothing may be changed because of it.
"""

import json
import re
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime

import cohort
import features
import scoring

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
SHIPPED = REPOSITORY / "models/risk/hidden-albuminuria"
RECORD = SHIPPED / "final-score.json"
SPECIFICATION = HERE / "SPECIFICATION.md"
SURVEYS = REPOSITORY.parent / "shared/nhanes"
FILE = SURVEYS / "nhanes_2017_2020_score_once.csv.gz"


def main() -> None:
    rehearse = sys.argv[1:] == ["--rehearse"]
    refuse_unless_specified()
    metrics = json.loads((SHIPPED / "metrics.json").read_text(encoding="utf-8"))
    if rehearse:
        people = cohort.read(SURVEYS / "nhanes_1999_2016.csv.gz", 1.0, metrics["seed"])[1]
        again = figures(people, metrics)
        same = all(again[key] == metrics[key] for key in ("test", "thresholds", "decisionCurve", "peopleLike", "bands"))
        print("rehearsal on 2015-2016:", "the same figures as the training run" if same else "OTHER figures than the training run")
        return
    if RECORD.exists():
        raise SystemExit(f"refused: the 2017-2020 file has been opened already, see {RECORD.name}")
    record = {
        "status": "started",
        "ranAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": digest(SHIPPED / "model.onnx"),
        "specification": digest(SPECIFICATION),
        "data": {"file": FILE.name, "sha256": digest(FILE)},
    }
    save(record)  # before the file is opened: a run that breaks off has opened it all the same
    people = cohort.read_final(FILE)
    record |= {"status": "done", "cohort": scoring.describe("final 2017-2020", people), "figures": figures(people, metrics)}
    save(record)
    for row in record["figures"]["test"]:
        print(row["subgroup"], row["weighting"], row["n"], row["events"], {k: v["value"] for k, v in row["metrics"].items()})


def refuse_unless_specified() -> None:
    """Every file that SPECIFICATION.md names with a digest must have that digest."""
    named = re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", SPECIFICATION.read_text(encoding="utf-8"), re.MULTILINE)
    if "models/risk/hidden-albuminuria/model.onnx" not in dict(named):
        raise SystemExit("refused: the specification does not name the model's digest")
    for name, expected in named:
        if digest(REPOSITORY / name) != expected:
            raise SystemExit(f"refused: {name} is not the one that was specified")


def figures(people: cohort.Cohort, metrics: dict) -> dict:
    """By the shipped graph itself, not by a retrained model."""
    session = onnxruntime.InferenceSession(str(SHIPPED / "model.onnx"), providers=["CPUExecutionProvider"])
    by_name = {feature.name: feature for feature in features.LINEAR + features.HINGES + features.BY_SEX}
    order = [by_name[row["name"]] for row in metrics["coefficients"] if row["name"] != "intercept"]

    def predict(inputs: dict[str, np.ndarray]) -> np.ndarray:
        return session.run(["probability"], {"features": features.matrix(order, inputs)})[0][:, 0]

    return scoring.score(people, predict, filled=metrics["fills"], seed=metrics["seed"], others={})


def save(record: dict) -> None:
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
