"""The fitted model as a float64 ONNX graph, and rows that prove it the same everywhere."""

import json
from hashlib import sha256

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.pipeline import Pipeline

from cohort import INPUT_COLUMNS
from features import Feature, matrix

PARITY_ROWS = 200


def round_coefficients(model: Pipeline) -> None:
    """To six decimals, so that another machine's arithmetic gives the same file. What is evaluated is what is shipped."""
    scaler, logistic = model[0], model[1]
    scaler.mean_ = np.round(scaler.mean_, 6)
    scaler.scale_ = np.round(scaler.scale_, 6)
    logistic.coef_ = np.round(logistic.coef_, 6)
    logistic.intercept_ = np.round(logistic.intercept_, 6)


def coefficients(model: Pipeline, features: list[Feature]) -> list[dict]:
    """Log odds, and what each feature is standardised by."""
    scaler, logistic = model[0], model[1]
    rows = [{"name": "intercept", "coefficient": float(logistic.intercept_[0])}]
    for feature, mean, scale, weight in zip(features, scaler.mean_, scaler.scale_, logistic.coef_[0]):
        rows.append({"name": feature.name, "mean": float(mean), "scale": float(scale), "coefficient": float(weight)})
    return rows


def coefficients_digest(model: Pipeline, features: list[Feature]) -> str:
    """SHA-256 of the coefficients as JSON, whatever else the graph gives."""
    return sha256(json.dumps(coefficients(model, features), sort_keys=True).encode()).hexdigest()


def onnx_bytes(model: Pipeline, features: list[Feature]) -> bytes:
    """`features` float64 [N, k] -> `probability` float64 [N, 1] (standardise, weigh, sigmoid) and `contributions` float64 [N, k].

    A contribution is the feature's part of the log odds against the training average: its coefficient times the
    standardised feature. They and the intercept add up to the log odds, exactly. Operators that wasm has in float64.
    """
    scaler, logistic = model[0], model[1]
    width = len(features)
    constants = {
        "mean": scaler.mean_,
        "scale": scaler.scale_,
        "coefficients": logistic.coef_.reshape(width, 1),
        "intercept": logistic.intercept_,
        "weights": logistic.coef_.reshape(1, width),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Sub", ["features", "mean"], ["centred"]),
            helper.make_node("Div", ["centred", "scale"], ["standard"]),
            helper.make_node("Gemm", ["standard", "coefficients", "intercept"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["probability"]),
            helper.make_node("Mul", ["standard", "weights"], ["contributions"]),
        ],
        "hidden-albuminuria",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["N", width])],
        [
            helper.make_tensor_value_info("probability", TensorProto.DOUBLE, ["N", 1]),
            helper.make_tensor_value_info("contributions", TensorProto.DOUBLE, ["N", width]),
        ],
        [numpy_helper.from_array(np.asarray(value, np.float64), name) for name, value in constants.items()],
    )
    document = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="attune")
    helper.set_model_props(document, {"features": ",".join(feature.name for feature in features)})
    onnx.checker.check_model(document, full_check=True)
    return document.SerializeToString(deterministic=True)


# A made-up person, whose probability the app must find again before the model may speak.
EXAMPLE = {"age": 61.0, "sex": 1.0, "systolic": 148.0, "egfr": 54.0, "hba1c": 7.4, "diabetes": 1.0, "antihypertensive": 1.0}


def example(model: Pipeline, features: list[Feature]) -> dict:
    """The self-test: by scikit-learn, to be met by the graph wherever it runs."""
    x = matrix(features, {name: np.array([value]) for name, value in EXAMPLE.items()})
    return {
        "inputs": EXAMPLE | {"hypertension": 0.0, "cvd": 0.0},
        "outputs": {"probability": float(model.predict_proba(x)[0, 1])},
        "tolerance": 1e-5,
        "source": "made-up person, worked out by scikit-learn in the training run",
    }


def parity(model: Pipeline, features: list[Feature], document: dict, seed: int) -> str:
    """Made-up people all over the model's ranges (none is from the survey), with scikit-learn's probability."""
    random = np.random.default_rng(seed)
    bound = {row["name"]: row for row in document["inputs"] if row["name"] in INPUT_COLUMNS}
    drawn = {}
    for name, row in bound.items():
        if name in ("sex", "diabetes", "antihypertensive"):
            drawn[name] = random.integers(0, 2, PARITY_ROWS).astype(float)
        else:
            low, high = row["range"]
            values = np.round(random.uniform(low, high, PARITY_ROWS), 0 if name in ("age", "systolic") else 1)
            drawn[name] = np.clip(values, np.ceil(low), np.floor(high))
    x = matrix(features, drawn)
    expected = model.predict_proba(x)[:, 1]
    session = onnxruntime.InferenceSession(onnx_bytes(model, features), providers=["CPUExecutionProvider"])
    probability, contributions = session.run(["probability", "contributions"], {"features": x})
    difference = float(np.max(np.abs(probability[:, 0] - expected)))
    parts = model[1].coef_ * model[0].transform(x)
    difference = max(difference, float(np.max(np.abs(contributions - parts))))
    difference = max(difference, float(np.max(np.abs(parts.sum(axis=1) + model[1].intercept_ - model.decision_function(x)))))
    if difference > 1e-9:
        raise SystemExit(f"ONNX Runtime differs from scikit-learn by {difference}")
    rows = [
        {
            "inputs": {name: float(drawn[name][i]) for name in drawn},
            "features": x[i].tolist(),
            "probability": float(expected[i]),
            "contributions": parts[i].tolist(),
        }
        for i in range(PARITY_ROWS)
    ]
    head = {"model": document["sha256"], "intercept": float(model[1].intercept_[0]), "about": "synthetic rows, none from the survey"}
    lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
    return f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n'
