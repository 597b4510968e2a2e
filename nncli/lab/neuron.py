"""One unit with the logistic activation is logistic regression.

The lecture (slides "Inspiration: The Brain"): the model neuron computes y = φ(w·x + b); compare with logistic
regression, y = σ(w·x + b). Here one such unit learns to tell two digits apart by minimizing

    J(w, b) = -1/N Σ t log y + (1 - t) log(1 - y) + λ/2 |w|²,

which is L2-penalized logistic regression (scikit-learn's C is 1/(λN)). J is convex, so gradient descent finds its only
minimum; the norm of the gradient shows how close it came.
"""

import math
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from nncli.data.dataset import Dataset
from nncli.engine.blas import matmul
from nncli.engine.graph import Array
from nncli.errors import DataError, OptionError
from nncli.figures.sheet import features
from nncli.lab import activations
from nncli.lab.demonstration import DataDir, Illustrated, Option, Part, Table, numbers
from nncli.lab.digits import load_digits
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Nesterov

_SHOWN = 8  # test examples
_MOST_STEPS = 5000


class Fit(NamedTuple):
    """The trained unit."""

    weights: Array  # w, (inputs,)
    bias: float
    loss: float  # the cross-entropy, without the penalty
    gradient_norm: float  # of J, which is 0 at the minimum
    steps: int

    def logits(self, x: Array) -> Array:
        """Return z = w·x + b, (examples,), for examples (inputs, examples)."""
        z: Array = np.empty((1, x.shape[1]))
        matmul(self.weights[np.newaxis], x, z)
        return z.reshape(-1) + self.bias


def run(
    digits: Annotated[tuple[int, int], Option("The two digits to tell apart.", minimum=0, maximum=9, metavar="A B")] = (
        4,
        9,
    ),
    l2: Annotated[float, Option("Factor λ in the penalty λ/2 |w|².", minimum=1e-6, maximum=1e6)] = 0.01,
    examples: Annotated[int, Option("Number of training examples.", minimum=10)] = 1000,
    data_dir: DataDir = None,
) -> Illustrated:
    """Train the unit on two digits.

    Example:
      nncli lab neuron --digits 3 5
      nncli lab neuron --output weights.png
    """
    if digits[0] == digits[1]:
        raise OptionError(f"both digits are {digits[0]}; choose two different digits", "--digits")
    train, test = load_digits("train", data_dir), load_digits("test", data_dir)
    x, t = _two_classes(train, digits, examples)
    x_test, t_test = _two_classes(test, digits, len(test.labels))
    unit = fit(x, t, l2=l2)
    z = unit.logits(x_test)
    values = {
        "data": train.name,
        "digits": list(digits),
        "l2": l2,
        "train_examples": x.shape[1],
        "test_examples": x_test.shape[1],
        "fit": unit._asdict() | {"weights": unit.weights.tolist()},
        "train_error": float(np.mean((unit.logits(x) > 0) != (t[0] > 0.5))),
        "test_error": float(np.mean((z > 0) != (t_test[0] > 0.5))),
        "labels": [digits[int(label)] for label in t_test[0, :_SHOWN]],
        "z": z[:_SHOWN].tolist(),
        "y": activations.evaluate("logistic", z[:_SHOWN].tolist())["y"],
    }
    rows, columns = train.images.shape[1:]
    caption = f"red pixels are evidence for {digits[1]}, blue ones for {digits[0]}; {train.name}"
    draw = partial(features, title=f"One unit: {digits[0]} or {digits[1]}", caption=caption)
    return Illustrated(_parts(values), values, draw=lambda: draw(unit.weights[np.newaxis], (rows, columns)))


def fit(x: Array, t: Array, *, l2: float, tolerance: float = 1e-6) -> Fit:
    """Minimize J by gradient descent on all examples at once, with Nesterov's momentum.

    The curvature of J lies between λ and L = max σ' · mean(|x|² + 1) + λ, where σ' is at most 1/4. Steps of 1/L
    therefore cannot overshoot, and the momentum is the best for that ratio (Nesterov, 2004, section 2.2).

    Args:
        x: (inputs, examples).
        t: 0 or 1, (1, examples).
        l2: λ > 0.
        tolerance: the norm of the gradient to stop at.
    """
    network = Network(len(x), [Layer("unit", 1, "linear")], dtype=np.float64)  # σ is part of the loss
    parameters = network.parameters
    parameters.values[...] = 0
    graph = NetworkGraph(network, "logistic_cross_entropy", rng=np.random.default_rng(), l2=l2)
    curvature = (float(np.vdot(x, x)) / x.shape[1] + 1) / 4 + l2
    root = math.sqrt(curvature / l2)
    optimizer = Nesterov(parameters.size, np.float64, momentum=(root - 1) / (root + 1))
    while True:
        graph.forward(x, t)
        graph.backward()
        norm = float(np.linalg.norm(parameters.errors))
        if norm <= tolerance or optimizer.steps == _MOST_STEPS:
            break
        optimizer.step(parameters.values, parameters.errors, 1 / curvature)
    weights, bias = parameters.value("unit.weights")[0].copy(), float(parameters.value("unit.bias")[0])
    return Fit(weights, bias, float(graph.loss.value), norm, optimizer.steps)


def _two_classes(data: Dataset, digits: tuple[int, int], examples: int) -> tuple[Array, Array]:
    """Return the first examples of two digits: x (pixels, examples) from 0 to 1, and t (1, examples), 1 for the second.

    Raises:
        DataError: one of the digits is not in the dataset.
    """
    chosen = np.flatnonzero(np.isin(data.labels, digits))[:examples]
    labels = data.labels[chosen]
    if not all(digit in labels for digit in digits):
        raise DataError(f"{data.name} does not have both {digits[0]} and {digits[1]}; choose different digits")
    x = data.images[chosen].reshape(len(chosen), -1).T / 255
    return x, (labels == digits[1]).astype(np.float64)[np.newaxis]


def _parts(values: dict[str, Any]) -> list[Part]:
    (first, second), unit = values["digits"], values["fit"]
    quantities = [
        ("training examples", f"{values['train_examples']:,}"),
        ("steps of gradient descent", f"{unit['steps']:,}"),
        ("norm of the gradient at the end", f"{unit['gradient_norm']:.1e}"),
        ("cross-entropy", f"{unit['loss']:.4f}"),
        ("penalty λ", f"{values['l2']:g}"),
        ("norm of w", f"{np.linalg.norm(unit['weights']):.4f}"),
        ("b", f"{unit['bias']:.4f}"),
        ("training error", f"{values['train_error']:.2%}"),
        (f"test error, {values['test_examples']:,} examples", f"{values['test_error']:.2%}"),
    ]
    examples = [
        (label, f"{z:+.3f}", f"{y:.3f}", second if z > 0 else first)
        for label, z, y in zip(values["labels"], values["z"], values["y"], strict=True)
    ]
    return [
        f"y = σ(w·x + b) is the probability that the digit is {second} rather than {first}; data: {values['data']}",
        Table(["quantity", *numbers("value")], quantities),
        Table(numbers("digit", "z = w·x + b", "y = σ(z)", "prediction"), examples, "The first test examples"),
    ]
