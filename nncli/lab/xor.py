"""XOR: a network designed by hand, networks that learn it by gradient descent, and why one unit cannot.

The lecture (slide "Designing a network to compute XOR"): with hard thresholds, h1 computes x1 OR x2, h2 computes
x1 AND x2, and y computes h1 AND NOT h2. `designed` sets those weights and runs the four inputs.

One unit cannot (`refuted`). It would need weights w1, w2 and a bias b with

    b <= 0 (for 0, 0)    w2 + b > 0 (for 0, 1)    w1 + b > 0 (for 1, 0)    w1 + w2 + b <= 0 (for 1, 1).

The two in the middle add up to w1 + w2 + 2b > 0, the outer two to w1 + w2 + 2b <= 0: both cannot hold. The same is
seen by trying: a layer with one unit for every point of a grid of weights computes 14 of the 16 functions of two
inputs, and the two that are missing are XOR and its negation.

A hard threshold has no derivative to learn by; logistic units have, and `learned` trains them from several seeds.
Gradient descent may end where the error signals vanish with XOR unsolved, so not every seed succeeds.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from nncli.engine.graph import Array
from nncli.lab import activations
from nncli.lab.boolean_network import BooleanNetwork
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Momentum
from nncli.randomness import generator

INPUTS: Array = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.float64)  # (2, examples)
TARGETS: Array = np.array([[0, 1, 1, 0]], np.float64)  # (1, examples)

GRID = np.arange(-4, 4.25, 0.5)  # of each weight and the bias


@dataclass(frozen=True)
class Row:
    """One line of the designed network's truth table."""

    x1: int
    x2: int
    h1: int
    h2: int
    y: int


@dataclass(frozen=True)
class Exhaustion:
    """Single units tried: how many, how many different functions of the 16 they compute, and which never occur."""

    units: int
    functions: int
    missing: tuple[str, ...]  # outputs for (0, 0), (0, 1), (1, 0), (1, 1)


@dataclass(frozen=True)
class Learned:
    """One training from one seed.

    Attributes:
        loss: the mean cross-entropy at the end.
        outputs: the probability of 1 for each of the four inputs.
        solved_at: the step from which on all four were right to the end; None where they are not.
    """

    seed: int
    loss: float
    outputs: tuple[float, ...]
    solved_at: int | None


@dataclass(frozen=True)
class Report:
    """All three parts; `share` is that of the seeds that learned XOR."""

    weights: dict[str, list[Any]]
    table: tuple[Row, ...]
    exhaustion: Exhaustion
    activation: str
    hidden_units: int
    steps: int
    learned: tuple[Learned, ...]
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def run(
    *,
    activation: Literal["logistic", "tanh"] = "tanh",
    hidden_units: int = 2,
    seeds: Sequence[int] = range(1, 21),
    steps: int = 2000,
    learning_rate: float = 0.1,
) -> Report:
    """Show the designed network, try every unit of a grid, and train one network from each seed."""
    network = designed().network
    results = tuple(learned(seed, activation, hidden_units, steps, learning_rate) for seed in seeds)
    return Report(
        weights={name: network.parameters.value(name).tolist() for name in network.parameters},
        table=tuple(_truth_table()),
        exhaustion=refuted(),
        activation=activation,
        hidden_units=hidden_units,
        steps=steps,
        learned=results,
        share=sum(each.solved_at is not None for each in results) / len(results),
    )


def designed() -> BooleanNetwork:
    """Build the lecture's network."""
    network = Network(2, [Layer("hidden", 2, "hard_threshold"), Layer("output", 1, "hard_threshold", ("hidden",))])
    network.parameters.assign(
        {
            "hidden.weights": np.array([[1, 1], [1, 1]]),
            "hidden.bias": np.array([-0.5, -1.5]),  # at least one of two; both
            "output.weights": np.array([[1, -1]]),
            "output.bias": np.array([-0.5]),
        }
    )
    return BooleanNetwork(("x1", "x2"), network, 0)


def _truth_table() -> list[Row]:
    """Run the designed network on its four inputs."""
    graph = NetworkGraph(designed().network, "squared_error")
    graph.forward(INPUTS, TARGETS)
    columns = np.vstack([INPUTS, graph.nodes["hidden"].value, graph.outputs.value]).T  # (examples, 5)
    return [Row(*(int(value) for value in row)) for row in columns]


def refuted(grid: Array = GRID) -> Exhaustion:
    """Run every unit with w1, w2 and b of the grid, as one layer, and collect what the units compute."""
    points = np.stack([axis.ravel() for axis in np.meshgrid(grid, grid, grid, indexing="ij")])  # (3, units)
    network = Network(2, [Layer("units", points.shape[1], "hard_threshold")], dtype=np.float64)
    network.parameters.assign({"units.weights": points[:2].T, "units.bias": points[2]})
    graph = NetworkGraph(network, "squared_error")
    graph.forward(INPUTS, np.zeros((points.shape[1], 4)))
    computed = {"".join(str(int(bit)) for bit in row) for row in np.unique(graph.outputs.value, axis=0)}
    missing = tuple(f"{k:04b}" for k in range(16) if f"{k:04b}" not in computed)
    return Exhaustion(points.shape[1], len(computed), missing)


def learned(seed: int, activation: str, hidden_units: int, steps: int, learning_rate: float) -> Learned:
    """Train from one seed by gradient descent with momentum on all four inputs at once."""
    layers = [
        Layer("hidden", hidden_units, activation, initializer="normal", scale=1.0),
        Layer("output", 1, "linear", ("hidden",), initializer="normal", scale=1.0),
    ]
    network = Network(2, layers, dtype=np.float64)
    rng = generator(seed, "weights")
    network.initialize(rng)
    graph = NetworkGraph(network, "logistic_cross_entropy", rng=rng)
    optimizer = Momentum(network.parameters.size, np.float64)
    solved_at = None
    for step in range(steps + 1):
        graph.forward(INPUTS, TARGETS)
        right = np.array_equal(graph.outputs.value > 0, TARGETS > 0.5)
        solved_at = (step if solved_at is None else solved_at) if right else None
        if step < steps:
            graph.backward()
            optimizer.step(network.parameters.values, network.parameters.errors, learning_rate)
    probabilities = activations.evaluate("logistic", graph.outputs.value[0].tolist()).y
    return Learned(seed, float(graph.loss.value), tuple(probabilities), solved_at)
