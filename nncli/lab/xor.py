"""XOR: the lecture's network, networks that learn it by gradient descent, and why one unit cannot compute it.

The lecture (slide "Designing a network to compute XOR"): with hard thresholds, h1 computes x1 OR x2, h2 computes
x1 AND x2, and y computes h1 AND NOT h2. A hard threshold has no derivative to learn from, so logistic or tanh units are
trained. Gradient descent may end where the error signals vanish and XOR is not learned; not every seed succeeds.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from matplotlib.figure import Figure
from scipy.special import expit

from nncli.engine.graph import Array
from nncli.figures.regions import Region, draw
from nncli.lab import activations
from nncli.lab.boolean.expression import parse
from nncli.lab.boolean.function import of_expression
from nncli.lab.boolean.gates import compiled
from nncli.lab.circuit import describe
from nncli.lab.demonstration import Illustrated, Option, Part, Strong, Table, Verbatim, numbers
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.optimizers import Momentum
from nncli.randomness import generator

INPUTS: Array = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.float64)  # (2, examples)
TARGETS: Array = np.array([[0, 1, 1, 0]], np.float64)  # (1, examples)

DESIGN = compiled(of_expression(parse("x1 xor x2")))  # the circuit on the slide

_SHOWN = 6  # hidden units in the figure

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
) -> Illustrated:
    """Show the designed network, try every unit of a grid, and train one network from each seed.

    Example:
      nncli lab xor --output regions.png
      nncli lab xor --activation logistic --hidden-units 3 --seeds 50
    """
    values: dict[str, Any] = {
        **designed(),
        "exhaustion": refuted(),
        "activation": activation,
        "hidden_units": hidden_units,
        "steps": steps,
    }
    trained = [train(seed, activation, hidden_units, steps, learning_rate) for seed in range(1, seeds + 1)]
    values["learned"] = [outcome for _, outcome in trained]
    values["share"] = sum(each["solved_at"] is not None for each in values["learned"]) / seeds
    shown = next((each for each in trained if each[1]["solved_at"] is not None), trained[0])
    return Illustrated([*_by_design(values), *_by_learning(values)], values, draw=partial(_draw, *shown))


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


def train(
    seed: int, activation: str, hidden_units: int, steps: int, learning_rate: float
) -> tuple[Network, dict[str, Any]]:
    """Train from one seed, by gradient descent with momentum on all four inputs at once.

    Returns:
        The network; the mean cross-entropy and the output for each input at the end, and the step from which all
        outputs were correct (None if they are not).
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
    outcome = {"seed": seed, "loss": float(graph.loss.value), "outputs": probabilities, "solved_at": solved_at}
    return network, outcome


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


def _draw(network: Network, outcome: dict[str, Any]) -> Figure:
    """Draw the response of each unit to the plane of inputs, for the designed and for one learned network."""
    count = network.layers[0].units
    learned = f"seed {outcome['seed']}: "
    rows = [
        list(_regions("designed: ", DESIGN.network(), lambda z: np.heaviside(z, 0))),
        list(_regions(learned, network, expit)),
    ]
    shown = f"; seed {outcome['seed']} has {count} hidden units, of which {_SHOWN} are shown" if count > _SHOWN else ""
    caption = f"each unit's response to every point, from orange (low) to blue (high); filled circles: XOR is 1{shown}"
    return draw(rows, title="XOR, designed and learned", caption=caption)


def _regions(name: str, network: Network, squash: Callable[[Array], Array]) -> Iterator[Region]:
    """Yield the regions of the first hidden units and of the output; if there are two, also over their responses."""
    hidden, output = network.layers
    low, middle = (-1, 0) if hidden.activation == "tanh" else (0, 0.5)
    weights, bias = network.parameters.value(output.weights)[0], network.parameters.value(output.bias)[0]

    def respond(points: Array) -> Array:
        """Return the responses of the hidden units, (units, n), to points (2, n)."""
        graph = NetworkGraph(network, "squared_error")
        graph.forward(points.astype(graph.graph.dtype), np.zeros((1, points.shape[1]), graph.graph.dtype))
        return graph.nodes[hidden.name].value

    def answer(responses: Array) -> Array:
        return squash(weights @ responses + bias)

    xor = Region(f"{name}y", lambda points: answer(respond(points)), 0.5, (0, 1), INPUTS, TARGETS[0] > 0)
    for k in range(min(hidden.units, _SHOWN)):
        unit = partial(lambda k, points: respond(points)[k], k)
        yield replace(xor, title=f"{name}h{k + 1}", response=unit, threshold=middle, span=(low, 1))
    yield xor
    if hidden.units == 2:
        yield replace(xor, title=f"{name}y, from h1 and h2", response=answer, points=respond(INPUTS), axes=("h1", "h2"))
