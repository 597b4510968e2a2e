"""The lecture's graphs, step by step, against PyTorch; each term of a fan-out; what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.errors import GraphError
from nncli.lab import backprop
from nncli.lab.lecture_graphs import EXAMPLES
from nncli.lab.walk import walk

FIXTURE = Path(__file__).parents[1] / "fixtures" / "lecture_values.json"
CASES = [(name, case) for name, cases in json.loads(FIXTURE.read_text()).items() for case in cases]


def by_name(example, values=None):
    return {step.name: step for step in walk(EXAMPLES[example], values)}


def test_every_example_has_at_least_five_sets_of_inputs():
    for example in EXAMPLES:
        inputs = [str(case["inputs"]) for name, case in CASES if name == example]
        assert len(set(inputs)) >= 5


@pytest.mark.parametrize(("example", "case"), CASES)
def test_values_and_error_signals_agree_with_pytorch(example, case):
    steps = by_name(example, case["inputs"])
    assert set(steps) == set(case["values"])
    for name, value in case["values"].items():
        np.testing.assert_allclose(steps[name].value, value, rtol=1e-12, atol=1e-12, err_msg=name)
    assert {name for name, step in steps.items() if step.error is not None} == set(case["errors"])
    for name, error in case["errors"].items():
        found = steps[name].error
        assert found is not None
        np.testing.assert_allclose(found, error, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("example", "case"), CASES)
def test_error_signals_agree_with_numerical_derivatives(example, case):
    for step in walk(EXAMPLES[example], case["inputs"]):
        if step.error is not None:
            assert step.numeric is not None
            np.testing.assert_allclose(step.numeric, step.error, rtol=1e-5, atol=1e-8, err_msg=step.name)
        if step.contributions:
            total = np.sum([each.value for each in step.contributions], axis=0)
            assert step.error is not None
            np.testing.assert_allclose(total, step.error, rtol=1e-15, atol=1e-15, err_msg=step.name)


@pytest.mark.parametrize(
    ("example", "fan_outs"),
    [
        ("logistic", {}),
        ("regularized", {"w": ["z", "R"]}),
        ("softmax", {"z": ["e", "a"]}),
        ("chain-rule", {"t": ["x", "y"], "y": ["u", "f"]}),
        ("mlp", {"h1": ["y1", "y2"], "h2": ["y1", "y2"]}),
        ("mlp-vectorized", {}),
    ],
)
def test_fan_outs_are_those_of_the_lecture(example, fan_outs):
    found = {name: [each.child for each in step.contributions] for name, step in by_name(example).items()}
    assert {name: children for name, children in found.items() if len(children) > 1} == fan_outs


def test_each_child_has_its_own_term():
    w = by_name("regularized", {"w": [2.0], "x": [3.0], "b": [-6.0], "t": [0.0], "lambda": [0.5]})["w"]
    # z = 0, y = 1/2, z̄ = (y - t) y (1 - y) = 1/8
    assert [(each.child, float(each.value)) for each in w.contributions] == [("z", 3 / 8), ("R", 1.0)]
    assert float(w.error) == 11 / 8


def test_both_forms_of_the_perceptron_agree():
    scalar, vector = by_name("mlp"), by_name("mlp-vectorized")
    for layer in (1, 2):
        weights = [float(scalar[f"w{layer}_{i}{j}"].error) for i in (1, 2) for j in (1, 2)]
        np.testing.assert_allclose(weights, vector[f"W{layer}"].error.reshape(-1), rtol=1e-14)
    assert float(scalar["L"].value) == pytest.approx(float(vector["L"].value), rel=1e-15)


def test_softmax_gets_the_error_signal_of_the_fused_loss():
    z, y, t = (by_name("softmax")[name] for name in ("z", "y", "t"))
    np.testing.assert_allclose(z.error, y.value - t.value, rtol=1e-14)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"q": [1.0]}, "no input 'q'; the inputs of this graph are W, b, x, t"),
        ({"x": [1.0]}, "input 'x' takes 2 numbers, not 1"),
        ({"z": [1.0, 2.0, 3.0]}, "no input 'z'"),
        ({"b": [800.0, -800.0, 0.0]}, "not finite"),
    ],
)
def test_wrong_values_are_refused(values, message):
    with pytest.raises(GraphError, match=message):
        walk(EXAMPLES["softmax"], values)


def test_the_report_has_the_values():
    values = backprop.run("chain-rule", ("t=0.5",)).values
    assert [step["name"] for step in values["steps"]] == ["t", "x", "y", "u", "v", "f"]
    t = values["steps"][0]
    assert [each["child"] for each in t["contributions"]] == ["x", "y"]
    assert t["error"] == pytest.approx(t["numeric"], rel=1e-8)
    # sympy: diff(t**2 + exp(t**2 * cos(t)), t) at 1/2
    assert t["error"] == pytest.approx(1.9436145028373329, rel=1e-14)
    assert json.loads(json.dumps(values)) == values
