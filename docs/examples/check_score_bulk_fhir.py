"""Does the example hold? Three made-up patients through the exported equation, against the published formula written out again."""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def egfr(creatinine: float, age: int, female: bool) -> float:
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / kappa
    return 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age * (1.012 if female else 1)


def creatinine(patient: str, value: float, unit: str, day: str, status: str = "final") -> dict:
    return {
        "resourceType": "Observation",
        "status": status,
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


CHART = [
    {"resourceType": "Patient", "id": "a", "birthDate": "1960-11-23", "gender": "female"},
    {"resourceType": "Patient", "id": "b", "birthDate": "1980-01-01", "gender": "male"},
    {"resourceType": "Patient", "id": "c", "birthDate": "1970-05-05", "gender": "male"},
    creatinine("a", 2.0, "mg/dL", "2026-01-01"),
    creatinine("a", 1.1, "mg/dL", "2026-10-01T08:00:00Z"),
    creatinine("a", 9.9, "mg/dL", "2026-11-01", status="entered-in-error"),
    creatinine("b", 0.8, "mg/dL", "2026-06-01"),
    creatinine("c", 97, "umol/L", "2026-10-01"),
]

with tempfile.TemporaryDirectory() as folder:
    scratch = Path(folder)
    (scratch / "all.ndjson").write_text("\n".join(map(json.dumps, CHART)))
    model = scratch / "egfr.onnx"
    attune = ["npm", "run", "-s", "attune", "--", "export", "ckd-epi-2021-creatinine", "--out", str(model)]
    subprocess.run(attune, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    script = Path(__file__).with_name("score_bulk_fhir.py")
    out = subprocess.run([sys.executable, script, model, scratch, "2026-11-22"], check=True, capture_output=True, text=True).stdout
rows = {row["patient"]: row for row in csv.DictReader(io.StringIO(out))}
for patient, expected in {"a": egfr(1.1, 65, True), "b": egfr(0.8, 46, False)}.items():
    if abs(float(rows[patient]["egfr"]) - expected) > 1e-9:
        raise SystemExit(f"{patient}: {rows[patient]['egfr']}, expected {expected}")
if rows["c"]["egfr"] != "" or rows["c"]["reason"] != "no usable creatinine":
    raise SystemExit("a creatinine in another unit must not be taken as mg/dL")
print("example: three patients, as expected")
