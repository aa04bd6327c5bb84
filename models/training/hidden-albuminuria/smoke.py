"""Is the pipeline whole? Retrains on a 5 % sample into a scratch folder; and the shipped graph still gives scikit-learn's numbers.

Without the survey file the retraining is left out, and said to be; `--full` retrains on everything and compares digests.
"""

import json
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
SHIPPED = REPOSITORY / "models/risk/hidden-albuminuria"
SURVEY = REPOSITORY.parent / "shared/nhanes/nhanes_1999_2016.csv.gz"
FILES = ("model.onnx", "manifest.json", "card.json", "metrics.json", "parity.json")


def main() -> None:
    print(f"shipped graph against scikit-learn: at most {check(SHIPPED):.1e} apart")
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    if not SURVEY.exists():
        print("LEFT OUT: retraining; the survey file lies outside this repository (../shared/nhanes) and was not found")
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        full = "--full" in sys.argv
        share = "1" if full else "0.05"
        subprocess.run([sys.executable, HERE / "train.py", "--sample", share, "--out", out], check=True, stdout=subprocess.DEVNULL)
        print(f"retrained on {float(share):.0%}: at most {check(out):.1e} apart")
        retrained = json.loads((out / "manifest.json").read_text())
        require(full <= (retrained["sha256"] == manifest["sha256"]), "the same data must give the same graph")


def check(folder: Path) -> float:
    """Every file there, the digest right, the card complete, the graph equal to scikit-learn."""
    for name in FILES:
        require((folder / name).stat().st_size > 0, f"{name} is empty")
    manifest, card, parity = (json.loads((folder / name).read_text()) for name in ("manifest.json", "card.json", "parity.json"))
    graph = (folder / manifest["file"]).read_bytes()
    require(sha256(graph).hexdigest() == manifest["sha256"] == card["artifact"]["sha256"] == parity["model"], "digest")
    require(card["artifact"]["metrics"]["sha256"] == sha256((folder / "metrics.json").read_bytes()).hexdigest(), "metrics digest")
    require(all(card["attributes"].get(f"P{number}") for number in range(1, 32)), "31 source attributes")
    require(len(card["peopleLike"]["rows"]) == 12 and card["internalTest"]["decisionCurve"], "people like the patient, decision curve")
    require(any(row["metric"] == "auroc" and row["subgroup"] == "all" for row in card["performance"]), "an AUROC")
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    rows = parity["rows"]
    features = np.array([row["features"] for row in rows], np.float64)
    tensor = manifest["tensor"]
    given, parts = session.run([tensor["output"], tensor["contributions"]], {tensor["input"]: features})
    difference = float(np.max(np.abs(given[:, 0] - [row["probability"] for row in rows])))
    difference = max(difference, float(np.max(np.abs(parts - [row["contributions"] for row in rows]))))
    log_odds = parts.sum(axis=1) + parity["intercept"]
    require(np.allclose(1 / (1 + np.exp(-log_odds)), given[:, 0], atol=1e-12), "contributions add up to the log odds")
    require(len(rows) == 200 and difference <= 1e-5, f"parity: {difference}")
    return difference


def require(held: bool, what: str) -> None:
    if not held:
        raise SystemExit(f"hidden-albuminuria: {what}")


if __name__ == "__main__":
    main()
