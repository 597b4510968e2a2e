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

from typing import Annotated, Any, Literal

import numpy as np

from nncli.engine.graph import Array
from nncli.lab import activations
from nncli.lab.demonstration import Option
from nncli.lab.report import Part, Report, Strong, Table, Verbatim
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Momentum
from nncli.randomness import generator

INPUTS: Array = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.float64)  # (2, examples)
TARGETS: Array = np.array([[0, 1, 1, 0]], np.float64)  # (1, examples)

GRID = np.arange(-4, 4.25, 0.5)  # of each weight and the bias

_PROOF = """\
    (0, 0):           b <= 0
    (1, 1): w1 + w2 + b <= 0
    both:  w1 + w2 + 2b <= 0

    (0, 1):      w2 + b >  0
    (1, 0): w1      + b >  0
    both:  w1 + w2 + 2b >  0
"""


def run(
    activation: Annotated[
        Literal["tanh", "logistic"], Option("The activation of the hidden units that learn.")
    ] = "tanh",
    hidden_units: Annotated[int, Option("The number of hidden units that learn.", minimum=1, maximum=100)] = 2,
    seeds: Annotated[int, Option("The number of trainings, each from its own seed.", minimum=1, maximum=1000)] = 20,
    steps: Annotated[int, Option("Steps of each training.", minimum=1, maximum=100_000)] = 2000,
    learning_rate: Annotated[
        float, Option("The learning rate of each training.", minimum=0, above_minimum=True, maximum=100)
    ] = 0.1,
) -> Report:
    """Show the designed network, try every unit of a grid, and train one network from each seed.

    Example:
      nncli lab xor
      nncli lab xor --activation logistic --hidden-units 3 --seeds 50
    """
    values: dict[str, Any] = {
        **designed(),
        "exhaustion": refuted(),
        "activation": activation,
        "hidden_units": hidden_units,
        "steps": steps,
        "learned": [learned(seed, activation, hidden_units, steps, learning_rate) for seed in range(1, seeds + 1)],
    }
    values["share"] = sum(each["solved_at"] is not None for each in values["learned"]) / seeds
    return Report([*_by_design(values), *_by_learning(values)], values)


def designed() -> dict[str, Any]:
    """Run the lecture's network on its four inputs; return its weights and its truth table."""
    network = Network(2, [Layer("hidden", 2, "hard_threshold"), Layer("output", 1, "hard_threshold", ("hidden",))])
    weights: dict[str, list[Any]] = {
        "hidden.weights": [[1, 1], [1, 1]],
        "hidden.bias": [-0.5, -1.5],  # at least one of two; both
        "output.weights": [[1, -1]],
        "output.bias": [-0.5],
    }
    network.parameters.assign({name: np.array(value) for name, value in weights.items()})
    graph = NetworkGraph(network, "squared_error")
    graph.forward(INPUTS, TARGETS)
    columns = np.vstack([INPUTS, graph.nodes["hidden"].value, graph.outputs.value]).astype(int).T  # (examples, 5)
    table = [dict(zip(("x1", "x2", "h1", "h2", "y"), row, strict=True)) for row in columns.tolist()]
    return {"weights": {name: network.parameters.value(name).tolist() for name in weights}, "table": table}


def refuted(grid: Array = GRID) -> dict[str, Any]:
    """Run every unit with w1, w2 and b of the grid, as one layer, and collect what the units compute.

    Returns:
        How many units were tried, how many functions of the 16 they compute, and which never occur, by their outputs
        for (0, 0), (0, 1), (1, 0) and (1, 1).
    """
    points = np.stack([axis.ravel() for axis in np.meshgrid(grid, grid, grid, indexing="ij")])  # (3, units)
    network = Network(2, [Layer("units", points.shape[1], "hard_threshold")], dtype=np.float64)
    network.parameters.assign({"units.weights": points[:2].T, "units.bias": points[2]})
    graph = NetworkGraph(network, "squared_error")
    graph.forward(INPUTS, np.zeros((points.shape[1], 4)))
    computed = {"".join(str(int(bit)) for bit in row) for row in np.unique(graph.outputs.value, axis=0)}
    missing = [f"{k:04b}" for k in range(16) if f"{k:04b}" not in computed]
    return {"units": points.shape[1], "functions": len(computed), "missing": missing}


def learned(seed: int, activation: str, hidden_units: int, steps: int, learning_rate: float) -> dict[str, Any]:
    """Train from one seed by gradient descent with momentum on all four inputs at once.

    Returns:
        The mean cross-entropy at the end, the probability of 1 for each of the four inputs, and the step from which on
        all four were right to the end (None where they are not).
    """
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
    return {"seed": seed, "loss": float(graph.loss.value), "outputs": probabilities, "solved_at": solved_at}


def _by_design(values: dict[str, Any]) -> list[Part]:
    weights, tried = values["weights"], values["exhaustion"]
    (w1, w2), (b1, b2) = weights["hidden.weights"], weights["hidden.bias"]
    (v,), (c,) = weights["output.weights"], weights["output.bias"]
    units = [
        ("h1", "x1 OR x2", _sum(w1, ("x1", "x2"), b1)),
        ("h2", "x1 AND x2", _sum(w2, ("x1", "x2"), b2)),
        ("y", "h1 AND NOT h2", _sum(v, ("h1", "h2"), c)),
    ]
    exhaustion = (
        f"Tried: {tried['units']:,} units with w1, w2 and b on a grid compute {tried['functions']} of the 16 functions "
        f"of two inputs; never {' nor '.join(tried['missing'])} (XOR is 0110).\n"
    )
    return [
        Table(["unit", "computes", "fires where"], units, "By design"),
        Table(["x1 ", "x2 ", "h1 ", "h2 ", "y "], [list(row.values()) for row in values["table"]]),
        "One unit cannot. With weights w1, w2 and a bias b it would need a contradiction:",
        Verbatim(_PROOF),
        exhaustion,
    ]


def _by_learning(values: dict[str, Any]) -> list[Part]:
    trainings = values["learned"]
    rows = [
        (
            each["seed"],
            f"{each['loss']:.4f}",
            *(f"{y:.2f}" for y in each["outputs"]),
            "never" if each["solved_at"] is None else f"{each['solved_at']:,}",
        )
        for each in trainings
    ]
    headers = ["seed ", "loss ", "y(0,0) ", "y(0,1) ", "y(1,0) ", "y(1,1) ", "right from step "]
    title = f"By gradient descent: {values['hidden_units']} {values['activation']} units and a logistic one"
    solved = sum(each["solved_at"] is not None for each in trainings)
    share = f"{solved} of {len(trainings)} seeds ({values['share']:.0%}) learned XOR in {values['steps']:,} steps."
    return [Table(headers, rows, title, split=True), Strong(share)]


def _sum(weights: list[float], names: tuple[str, str], bias: float) -> str:
    """Write w·x + b > 0."""
    terms = " ".join(f"{'-' if w < 0 else '+'} {name}" for w, name in zip(weights, names, strict=True))
    return f"{terms.removeprefix('+ ')} {'-' if bias < 0 else '+'} {abs(bias):g} > 0"
