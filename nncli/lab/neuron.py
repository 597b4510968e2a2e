"""One unit with the logistic activation is logistic regression.

The lecture (slides "Inspiration: The Brain"): the model neuron computes y = φ(w·x + b); compare with logistic
regression, y = σ(w·x + b). Here one such unit learns to tell two digits apart. What it minimizes,

    J(w, b) = -1/N Σ t log y + (1 - t) log(1 - y) + λ/2 |w|²,

is what statistics packages call L2-penalized logistic regression (scikit-learn's C is 1/(λN)). J is convex, so that
gradient descent finds the one minimum there is; the gradient's norm says how near it came.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.errors import ConfigError
from nncli.lab import activations
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Nesterov


@dataclass(frozen=True)
class Fit:
    """The unit at the end of its training.

    Attributes:
        weights: w, (inputs,).
        bias: b.
        loss: the cross-entropy, without the penalty.
        gradient_norm: of J with its penalty; 0 at the minimum.
        steps: of gradient descent.
    """

    weights: Array
    bias: float
    loss: float
    gradient_norm: float
    steps: int

    def logits(self, x: Array) -> Array:
        """Compute z = w·x + b, (examples,), for examples (inputs, examples)."""
        graph = NetworkGraph(_unit(len(x), self.weights, self.bias), "logistic_cross_entropy")
        graph.forward(x, np.zeros((1, x.shape[1])))
        z: Array = graph.outputs.value[0].copy()
        return z


@dataclass(frozen=True)
class Report:
    """The unit on two digits; y is the probability of the second.

    Attributes:
        data: the name of the dataset.
        digits: the two classes.
        l2: λ.
        train_examples, test_examples: of the two digits together.
        train_error, test_error: the fraction misclassified.
        labels, z, y: of the first test examples.
    """

    data: str
    digits: tuple[int, int]
    l2: float
    train_examples: int
    test_examples: int
    fit: Fit
    train_error: float
    test_error: float
    labels: list[int]
    z: list[float]
    y: list[float]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, the weights as a list."""
        plain = asdict(self)
        plain["fit"]["weights"] = self.fit.weights.tolist()
        return plain


def run(train: Dataset, test: Dataset, digits: tuple[int, int], *, l2: float = 0.01, examples: int = 1000) -> Report:
    """Train the unit on two digits and test it on all test examples of the two.

    Args:
        train: whose first `examples` of the two digits are trained on.
        test: the other split.
        digits: two different ones; y is the probability of the second.
        l2: λ > 0.
        examples: at most this many.

    Raises:
        ConfigError: the digits are the same, or one of them is not among the examples.
    """
    x, t = _two_classes(train, digits, examples)
    x_test, t_test = _two_classes(test, digits, len(test.labels))
    found = fit(x, t, l2=l2)
    z = found.logits(x_test)
    shown = z[:8].tolist()
    return Report(
        data=train.name,
        digits=digits,
        l2=l2,
        train_examples=x.shape[1],
        test_examples=x_test.shape[1],
        fit=found,
        train_error=float(np.mean((found.logits(x) > 0) != (t[0] > 0.5))),
        test_error=float(np.mean((z > 0) != (t_test[0] > 0.5))),
        labels=[digits[int(label)] for label in t_test[0, :8]],
        z=shown,
        y=activations.evaluate("logistic", shown).y,
    )


def fit(x: Array, t: Array, *, l2: float, tolerance: float = 1e-6, max_steps: int = 5000) -> Fit:
    """Minimize J by gradient descent on all examples at once, with Nesterov's momentum.

    The curvature of J lies between λ and L = max σ' · mean(|x|² + 1) + λ, where σ' is at most 1/4: so 1/L is a step
    that cannot overshoot, and the momentum is the best one for that ratio (Nesterov, 2004, section 2.2).

    Args:
        x: (inputs, examples).
        t: 0 or 1, (1, examples).
        l2: λ > 0.
        tolerance: the gradient's norm to stop at.
        max_steps: when to stop in any case.
    """
    network = _unit(len(x), np.zeros(len(x)), 0.0)
    graph = NetworkGraph(network, "logistic_cross_entropy", rng=np.random.default_rng(), l2=l2)
    parameters = network.parameters
    curvature = (float(np.vdot(x, x)) / x.shape[1] + 1) / 4 + l2
    root = math.sqrt(curvature / l2)
    optimizer = Nesterov(parameters.size, np.float64, momentum=(root - 1) / (root + 1))
    while True:
        graph.forward(x, t)
        graph.backward()
        norm = float(np.linalg.norm(parameters.errors))
        if norm <= tolerance or optimizer.steps == max_steps:
            break
        optimizer.step(parameters.values, parameters.errors, 1 / curvature)
    weights, bias = parameters.value("unit.weights")[0].copy(), float(parameters.value("unit.bias")[0])
    return Fit(weights, bias, float(graph.loss.value), norm, optimizer.steps)


def _unit(inputs: int, weights: Array, bias: float) -> Network:
    """Build z = w·x + b; σ is part of the loss."""
    network = Network(inputs, [Layer("unit", 1, "linear")], dtype=np.float64)
    network.parameters.assign({"unit.weights": weights[np.newaxis], "unit.bias": np.array([bias])})
    return network


def _two_classes(data: Dataset, digits: tuple[int, int], examples: int) -> tuple[Array, NDArray[np.float64]]:
    """Give the first examples of two digits: x (pixels, examples) from 0 to 1, t (1, examples)."""
    chosen = np.flatnonzero(np.isin(data.labels, digits))[:examples]
    labels = data.labels[chosen]
    if digits[0] == digits[1] or not all(digit in labels for digit in digits):
        raise ConfigError(f"the digits {digits[0]} and {digits[1]} cannot be told apart; choose two that differ")
    x = data.images[chosen].reshape(len(chosen), -1).T / 255
    return x, (labels == digits[1]).astype(np.float64)[np.newaxis]
