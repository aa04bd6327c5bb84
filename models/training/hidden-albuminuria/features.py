"""The features, as formulas over the inputs: the very text that the manifest carries and the app evaluates."""

import ast
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Feature:
    name: str
    formula: str
    unit: str


# NHANES top-codes age at 85 (until 2006) and 80 (since): beyond 80 the model knows nothing more about age.
LINEAR = [
    Feature("age", "min(age, 80)", "a"),
    Feature("female", "sex", "1"),
    Feature("systolic", "systolic", "mm[Hg]"),
    Feature("egfr", "egfr", "mL/min/{1.73_m2}"),
    Feature("hba1c", "hba1c", "%"),
    # The survey's diabetes is told, treated or HbA1c >= 6.5 %; so is ours.
    Feature("diabetes", "max(diabetes, hba1c >= 6.5)", "1"),
    Feature("antihypertensive", "antihypertensive", "1"),
]
HINGES = [
    Feature("age_over_50", "max(min(age, 80) - 50, 0)", "a"),
    Feature("systolic_over_120", "max(systolic - 120, 0)", "mm[Hg]"),
    Feature("egfr_over_60", "max(egfr - 60, 0)", "mL/min/{1.73_m2}"),
    Feature("egfr_over_90", "max(egfr - 90, 0)", "mL/min/{1.73_m2}"),
    Feature("hba1c_over_9", "max(hba1c - 9, 0)", "%"),
]
BY_SEX = [
    Feature("female_age", "sex * min(age, 80)", "a"),
    Feature("female_age_over_50", "sex * max(min(age, 80) - 50, 0)", "a"),
    Feature("female_systolic", "sex * systolic", "mm[Hg]"),
    Feature("female_diabetes", "sex * max(diabetes, hba1c >= 6.5)", "1"),
]
DIASTOLIC = [Feature("diastolic", "diastolic", "mm[Hg]")]
HISTORY = [Feature("smoker", "smoker", "1"), Feature("cvd", "cvd", "1")]


def matrix(features: list[Feature], inputs: dict[str, np.ndarray]) -> np.ndarray:
    """[n, features] float64, in order."""
    return np.column_stack([_value(ast.parse(feature.formula, mode="eval").body, inputs) for feature in features])


_BINARY = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}
_COMPARE = {ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal}
_CALL = {"min": np.minimum, "max": np.maximum}


def _value(node: ast.expr, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """The formula language of the manifests, as far as these formulas use it."""
    match node:
        case ast.Constant(value=value):
            return np.float64(value)
        case ast.Name(id=name):
            return inputs[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, inputs), _value(right, inputs))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARE[type(op)](_value(left, inputs), _value(right, inputs)).astype(float)
        case ast.Call(func=ast.Name(id=name), args=[left, right]):
            return _CALL[name](_value(left, inputs), _value(right, inputs))
    raise ValueError(f"not in the formula language: {ast.dump(node)}")
