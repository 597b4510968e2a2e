"""Losses agree with their closed forms, also where logits are as large as 1e4."""

import decimal

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.errors import GraphError
from nncli.nn.losses import LOSSES


def exact_cross_entropy(z, t):
    """-Σ t log softmax(z) of one example, and its derivative softmax(z) - t."""
    total = sum(logit.exp() for logit in z)
    loss = -sum(target * (logit - total.ln()) for logit, target in zip(z, t, strict=True))
    return loss, [logit.exp() / total - target for logit, target in zip(z, t, strict=True)]


def exact_logistic_cross_entropy(z, t):
    """Σ log(1 + eᶻ) - t z of one example, and its derivative σ(z) - t."""
    loss = sum((1 + logit.exp()).ln() - target * logit for logit, target in zip(z, t, strict=True))
    return loss, [1 / (1 + (-logit).exp()) - target for logit, target in zip(z, t, strict=True)]


def exact_squared_error(z, t):
    """1/2 ‖z - t‖² of one example, and its derivative z - t."""
    residual = [logit - target for logit, target in zip(z, t, strict=True)]
    return sum(each**2 for each in residual) / 2, residual


EXACT = {
    "cross_entropy": exact_cross_entropy,
    "logistic_cross_entropy": exact_logistic_cross_entropy,
    "squared_error": exact_squared_error,
}


def exact(name, z, t):
    """Evaluate a batch's mean loss and its derivative with 60 digits."""
    with decimal.localcontext(prec=60, Emin=-99999, Emax=99999):
        columns = [
            [[decimal.Decimal(float(v)) for v in column] for column in pair] for pair in zip(z.T, t.T, strict=True)
        ]
        losses, derivatives = zip(*(EXACT[name](*pair) for pair in columns), strict=True)
        mean = float(sum(losses) / len(losses))
    return mean, np.array([[float(d) for d in each] for each in derivatives]).T / len(losses)


def one_hot(labels, units, dtype):
    return np.eye(units, dtype=dtype)[:, labels]


def run(name, z, t):
    """Give the loss node, its value and its derivative by the logits."""
    graph = Graph(z.dtype)
    outputs = graph.add(Input((len(z), BATCH), needs_error=True))
    targets = graph.add(Input((len(z), BATCH)))
    loss = graph.add(LOSSES[name](outputs, targets))
    graph.differentiate(loss)
    outputs.value, targets.value = z, t
    graph.bind(z.shape[1])
    graph.forward()
    graph.backward()
    return loss, float(loss.value), outputs.error


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("logits", ["small", "right", "wrong", "alike", "mixed"])
@pytest.mark.parametrize("name", LOSSES)
def test_value_and_error_signal_agree_with_the_closed_form(name, logits, dtype):
    rng = np.random.default_rng(3)
    t = one_hot(rng.integers(0, 10, 16), 10, dtype)
    z = {
        "small": rng.standard_normal(t.shape),
        "right": (2 * t - 1) * rng.uniform(20, 1e4, t.shape),
        "wrong": (1 - 2 * t) * rng.uniform(20, 1e4, t.shape),
        "alike": np.full(t.shape, 1e4),
        "mixed": rng.uniform(-1e4, 1e4, t.shape),
    }[logits].astype(dtype)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        _, value, error = run(name, z, t)
    expected, derivative = exact(name, z, t)
    eps = float(np.finfo(dtype).eps)
    assert value >= 0
    assert value == pytest.approx(expected, rel=16 * eps, abs=16 * eps)
    np.testing.assert_allclose(error, derivative, rtol=8 * eps, atol=8 * eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1, 100, 1e4])
@pytest.mark.parametrize("name", LOSSES)
def test_predictions_are_probabilities(name, scale, dtype):
    z = (scale * np.random.default_rng(4).standard_normal((10, 8))).astype(dtype)
    z[:, 0] -= 10 * scale  # no unit says yes
    loss, _, _ = run(name, z, one_hot(np.arange(8), 10, dtype))
    probabilities = loss.predictions()
    assert probabilities.dtype == dtype
    assert np.all((probabilities >= 0) & (probabilities <= 1))
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_by_their_formulas(dtype):
    z = np.random.default_rng(4).uniform(-5, 5, (10, 8)).astype(dtype)
    softmax, logistic, clipped = np.exp(z), 1 / (1 + np.exp(-z)), np.clip(z, 1e-12, 1)
    for name, y in {"cross_entropy": softmax, "logistic_cross_entropy": logistic, "squared_error": clipped}.items():
        loss, _, _ = run(name, z, one_hot(np.arange(8), 10, dtype))
        np.testing.assert_allclose(loss.predictions(), y / y.sum(axis=0), rtol=20 * np.finfo(dtype).eps)


def test_logistic_predictions_know_the_largest_of_tiny_probabilities():
    z = np.array([[-900.0], [-800.0], [-850.0]], np.float32)
    loss, _, _ = run("logistic_cross_entropy", z, one_hot([0], 3, np.float32))
    np.testing.assert_allclose(loss.predictions()[:, 0], np.exp([-100, 0, -50]), rtol=1e-6, atol=1e-40)


def test_soft_targets():
    z, t = np.array([[1.0], [2.0], [-1.0]]), np.array([[0.2], [0.5], [0.3]])
    _, value, error = run("cross_entropy", z, t)
    softmax = np.exp(z) / np.exp(z).sum()
    assert value == pytest.approx(-(t * np.log(softmax)).sum(), rel=1e-14)
    np.testing.assert_allclose(error, softmax - t, rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_targets_of_another_shape_or_with_an_error_signal_are_refused(name):
    outputs = Input((10, BATCH), needs_error=True)
    with pytest.raises(GraphError, match="outputs and targets of the same shape"):
        LOSSES[name](outputs, Input((9, BATCH)))
    with pytest.raises(GraphError, match="targets of a loss cannot be differentiated"):
        LOSSES[name](outputs, Input((10, BATCH), needs_error=True))
