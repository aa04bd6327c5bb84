"""Scores a Bulk-FHIR folder with an exported equation, by Python's onnxruntime. Needs: pip install onnxruntime numpy

    npm run -s attune -- export ckd-epi-2021-creatinine --out egfr.onnx
    python docs/examples/score_bulk_fhir.py egfr.onnx NDJSON_FOLDER 2026-11-22 > egfr.csv

For equations whose inputs are age, sex and measurements. A measurement counts only in the very unit of the export and
within its age limit; every patient without a number is listed with the reason. It does not check the population
(dialysis, pregnancy): `egfr.json` says to whom the equation applies, and that is yours to apply.
"""

import csv
import json
import re
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime

FINAL = {"final", "amended", "corrected"}
DAYS = {"Y": 365.25, "M": 30.4375, "W": 7, "D": 1}


def main(model: str, folder: str, today: str) -> None:
    export = json.loads(Path(model).with_suffix(".json").read_text())
    if sha256(Path(model).read_bytes()).hexdigest() != export["sha256"]:
        raise SystemExit("the ONNX file is not the one that was exported")
    rows, reasons = gather(export, Path(folder), date.fromisoformat(today))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    tensors = export["tensors"]
    output = tensors["outputs"][0]
    x = np.array([values for _, values in rows], np.float64).reshape(len(rows), len(export["columns"]))
    scores = session.run([output["name"]], {tensors["input"]["name"]: x})[0]
    table = csv.writer(sys.stdout)
    table.writerow(["patient", *output["columns"], "reason"])
    for (patient, _), score in zip(rows, scores):
        table.writerow([patient, *score.tolist(), ""])
    for patient, reason in reasons:
        table.writerow([patient, *[""] * len(output["columns"]), reason])


def gather(export: dict, folder: Path, today: date) -> tuple[list, list]:
    """Patients with every column, and those without, with the reason."""
    inputs = {row["name"]: row for row in export["inputs"]}
    latest = newest(folder, [row for row in inputs.values() if "loinc" in row], today)
    rows, reasons = [], []
    for patient in resources(folder, "Patient"):
        values, reason = [], None
        for column in export["columns"]:
            value, why = input_of(inputs[column["name"]], patient, latest, today)
            values.append(value)
            reason = reason or why
        (reasons.append((patient["id"], reason)) if reason else rows.append((patient["id"], values)))
    return rows, reasons


def input_of(row: dict, patient: dict, latest: dict, today: date) -> tuple[float | None, str | None]:
    if row["fact"] == "patient.age":
        born = patient.get("birthDate", "")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", born):
            return None, "no full birth date"
        day = date.fromisoformat(born)
        return today.year - day.year - ((today.month, today.day) < (day.month, day.day)), None
    if row["fact"] == "patient.sex":
        code = row["codes"].get(patient.get("gender"))
        return code, None if code is not None else "sex is not female or male"
    value = latest.get((patient["id"], row["name"]))
    return value, None if value is not None else f"no usable {row['label'].lower()}"


def newest(folder: Path, wanted: list[dict], today: date) -> dict:
    """The newest final value by patient and input."""
    found: dict = {}
    for item in resources(folder, "Observation"):
        codes = {c.get("code") for c in item.get("code", {}).get("coding", []) if c.get("system") == "http://loinc.org"}
        day, quantity = item.get("effectiveDateTime", "")[:10], item.get("valueQuantity", {})
        if item.get("status") not in FINAL or not re.fullmatch(r"\d{4}-\d\d-\d\d", day) or "comparator" in quantity:
            continue
        age = (today - date.fromisoformat(day)).days
        for row in wanted:
            if not codes & set(row["loinc"]) or quantity.get("code") != row["unit"] or "value" not in quantity:
                continue
            if age < 0 or age > days(row.get("maxAge")) or not within(quantity["value"], row.get("range")):
                continue
            key = (item["subject"]["reference"].split("/")[-1], row["name"])
            if key not in found or day > found[key][0]:
                found[key] = (day, quantity["value"])
    return {key: value for key, (_, value) in found.items()}


def within(value: float, limits: list | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def days(duration: str | None) -> float:
    if duration is None:
        return float("inf")
    return sum(int(number) * DAYS[unit] for number, unit in re.findall(r"(\d+)([YMWD])", duration))


def resources(folder: Path, kind: str):
    for path in sorted(folder.glob("*.ndjson")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and (resource := json.loads(line)).get("resourceType") == kind:
                    yield resource


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
