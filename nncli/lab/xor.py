"""XOR: the lecture's network, networks that learn it by gradient descent, and why one unit cannot compute it.

The lecture (slide "Designing a network to compute XOR"): with hard thresholds, h1 computes x1 OR x2, h2 computes
x1 AND x2, and y computes h1 AND NOT h2. A hard threshold has no derivative to learn from, so logistic or tanh units are
trained. Gradient descent may end where the error signals vanish and XOR is not learned; not every seed succeeds.
"""

import itertools
from typing import Annotated, Any, Literal

import numpy as np

from nncli.engine.graph import Array
from nncli.lab import activations
from nncli.lab.boolean.expression import parse
from nncli.lab.boolean.function import of_expression
from nncli.lab.boolean.gates import compiled
from nncli.lab.circuit import describe
from nncli.lab.demonstration import Option, Part, Report, Strong, Table, Verbatim, numbers
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Momentum
from nncli.randomness import generator

INPUTS: Array = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.float64)  # (2, examples)
TARGETS: Array = np.array([[0, 1, 1, 0]], np.float64)  # (1, examples)

DESIGN = compiled(of_expression(parse("x1 xor x2")))  # the circuit on the slide

GRID = np.arange(-4, 4.25, 0.5)  # values tried for each weight and the bias

_PROOF = """\
    (0, 0):           b <= 0
    (1, 1): w1 + w2 + b <= 0
    sum:   w1 + w2 + 2b <= 0

    (0, 1):      w2 + b >  0
    (1, 0): w1      + b >  0
    sum:   w1 + w2 + 2b >  0
"""


def run(
    activation: Annotated[Literal["tanh", "logistic"], Option("Activation of the hidden units.")] = "tanh",
    hidden_units: Annotated[int, Option("Number of hidden units.", minimum=1, maximum=100)] = 2,
    seeds: Annotated[int, Option("Number of seeds to train with.", minimum=1, maximum=1000)] = 20,
    steps: Annotated[int, Option("Number of steps per seed.", minimum=1, maximum=100_000)] = 2000,
    learning_rate: Annotated[float, Option("Learning rate.", minimum=0, above_minimum=True, maximum=100)] = 0.1,
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
    network = DESIGN.network()
    graph = NetworkGraph(network, "squared_error")
    graph.forward(INPUTS, TARGETS)
    columns = np.vstack([INPUTS, graph.nodes["hidden1"].value, graph.outputs.value]).astype(int).T  # (examples, 5)
    weights = {name.replace("hidden1", "hidden"): w.tolist() for name, w in network.parameters.named_values().items()}
    table = [dict(zip(("x1", "x2", "h1", "h2", "y"), row, strict=True)) for row in columns.tolist()]
    return {"weights": weights, "table": table}


def refuted(grid: Array = GRID) -> dict[str, Any]:
    """Compute what a hard threshold does for each w1, w2 and b of the grid.

    Returns:
        The number of units and of the functions that they compute, and the functions of two inputs that are missing,
        written as the outputs for (0, 0), (0, 1), (1, 0) and (1, 1).
    """
    points = np.array(list(itertools.product(grid, repeat=3)))  # (units, 3)
    fires = points[:, :2] @ INPUTS + points[:, 2:] > 0  # (units, examples)
    computed = {"".join(str(int(bit)) for bit in row) for row in np.unique(fires, axis=0)}
    missing = [f"{k:04b}" for k in range(16) if f"{k:04b}" not in computed]
    return {"units": len(points), "functions": len(computed), "missing": missing}


def learned(seed: int, activation: str, hidden_units: int, steps: int, learning_rate: float) -> dict[str, Any]:
    """Train from one seed, by gradient descent with momentum on all four inputs at once.

    Returns:
        The mean cross-entropy and the output for each input at the end, and the step from which all outputs were
        correct (None if they are not).
    """
    layers = [
        Layer("hidden", hidden_units, activation, initializer="normal", scale=1.0),
        Layer("output", 1, "linear", ("hidden",), initializer="normal", scale=1.0),
    ]
    network, rng = Network(2, layers, dtype=np.float64), generator(seed, "weights")
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
    probabilities = activations.evaluate("logistic", graph.outputs.value[0].tolist())["y"]
    return {"seed": seed, "loss": float(graph.loss.value), "outputs": probabilities, "solved_at": solved_at}


def _by_design(values: dict[str, Any]) -> list[Part]:
    tried = values["exhaustion"]
    described = describe(DESIGN, ("x1", "x2"))
    units = [(unit["name"], unit["formula"], _sum(unit["weights"], unit["bias"])) for unit in described]
    exhaustion = (
        f"Of {tried['units']:,} units with w1, w2 and b on a grid, none computes XOR (0110): they compute "
        f"{tried['functions']} of the 16 functions of two inputs, but not {' or '.join(tried['missing'])}.\n"
    )
    return [
        Table(["unit", "computes", "fires if"], units, "With hand-picked weights"),
        Table(numbers("x1", "x2", "h1", "h2", "y"), [list(row.values()) for row in values["table"]]),
        "One unit is not enough. Its weights w1, w2 and bias b would have to satisfy contradictory conditions:",
        Verbatim(_PROOF),
        exhaustion,
    ]


def _by_learning(values: dict[str, Any]) -> list[Part]:
    rows = [
        (seed, f"{loss:.4f}", *(f"{y:.2f}" for y in outputs), "never" if solved_at is None else f"{solved_at:,}")
        for seed, loss, outputs, solved_at in (each.values() for each in values["learned"])
    ]
    headers = numbers("seed", "loss", "y(0,0)", "y(0,1)", "y(1,0)", "y(1,1)", "correct from step")
    count = values["hidden_units"]
    hidden = f"{count} {values['activation']} {'unit' if count == 1 else 'units'}"
    title = f"By gradient descent: {hidden} and a logistic output unit"
    solved = round(values["share"] * len(rows))
    share = f"{solved} of {len(rows)} networks ({values['share']:.0%}) learned XOR in {values['steps']:,} steps."
    return [Table(headers, rows, title, split=True), Strong(share)]


def _sum(weights: dict[str, float], bias: float) -> str:
    """Write w·x + b > 0."""
    terms = " ".join(f"{'-' if weight < 0 else '+'} {name}" for name, weight in weights.items())
    return f"{terms.removeprefix('+ ')} {'-' if bias < 0 else '+'} {abs(bias):g} > 0"
