"""One logistic unit, against scikit-learn's logistic regression (tests/fixtures/make_logistic_regression.py)."""

from pathlib import Path

import numpy as np
import pytest

from nncli.data.dataset import Dataset
from nncli.errors import DataError, OptionError
from nncli.lab import neuron

FIXTURE = Path(__file__).parents[1] / "fixtures" / "logistic_regression.npz"


@pytest.fixture(scope="module")
def reference():
    with np.load(FIXTURE) as arrays:
        return dict(arrays)


@pytest.mark.parametrize("l2", [0.01, 0.1, 1.0])
def test_weights_and_bias_agree_with_scikit_learn(reference, l2):
    x, t = reference["pixels"].T / 16, reference["t"][np.newaxis].astype(float)
    fit = neuron.fit(x, t, l2=l2, tolerance=1e-10)
    assert fit.gradient_norm <= 1e-10
    np.testing.assert_allclose(fit.weights, reference[f"weights_{l2}"], atol=1e-7)
    assert fit.bias == pytest.approx(float(reference[f"bias_{l2}"]), abs=1e-7)
    np.testing.assert_allclose(fit.logits(x), reference[f"weights_{l2}"] @ x + reference[f"bias_{l2}"], atol=1e-6)


def two_classes(split):
    """Images of two pixels: class 7 has ink in the first, class 2 in the second; 5 in both."""
    labels = np.array([7, 2, 5, 7, 2, 2], np.uint8)
    images = np.array([[[200, 0]], [[0, 200]], [[99, 99]], [[180, 10]], [[10, 180]], [[200, 0]]], np.uint8)
    return Dataset("toy", split, images, labels)


def test_only_the_two_digits_and_their_errors_are_reported(looking_at):
    looking_at(neuron, train=two_classes("train"), test=two_classes("test"))
    values = neuron.run(digits=(2, 7)).values
    assert (values["train_examples"], values["test_examples"]) == (5, 5)
    assert (values["train_error"], values["test_error"]) == (0.2, 0.2)  # the last image is drawn like the other class
    assert values["labels"] == [7, 2, 7, 2, 2]
    assert [y > 0.5 for y in values["y"]] == [z > 0 for z in values["z"]]
    assert values["fit"]["weights"][0] > 0 > values["fit"]["weights"][1]


def test_refuses_one_class_alone(looking_at):
    looking_at(neuron, train=two_classes("train"), test=two_classes("test"))
    with pytest.raises(OptionError, match="both digits are 7"):
        neuron.run(digits=(7, 7))
    with pytest.raises(DataError, match="toy does not have both 7 and 1"):
        neuron.run(digits=(7, 1))
