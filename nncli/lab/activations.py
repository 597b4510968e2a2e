"""The activation functions and their derivatives, computed by the nodes that networks are made of.

The lecture (slides "Some activation functions") defines each by a formula and draws it: linear, ReLU, soft ReLU,
hard threshold, logistic and tanh. Here each is one node between an input and a sum: the forward pass gives y at every
z at once, and the backward pass gives dy/dz, because every element reaches the sum with derivative 1.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
from matplotlib.figure import Figure

from nncli.engine.graph import BATCH, Graph, Input
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import Option
from nncli.lab.report import Illustrated, Table, numbers
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.arithmetic import Sum

LECTURE = ("linear", "relu", "soft_relu", "hard_threshold", "logistic", "tanh")
"""The lecture's six, in its order."""


@dataclass(frozen=True)
class Response:
    """One activation function at some points: y and dy/dz at each z, lists of one length."""

    name: str
    formula: str
    z: list[float]
    y: list[float]
    dy_dz: list[float]


def run(
    points: Annotated[
        tuple[float, ...], Option("A point z to evaluate at; repeatable.", flag="--at", minimum=-1e4, maximum=1e4)
    ] = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0),
) -> Illustrated:
    """Evaluate the lecture's six.

    Example:
      nncli lab activations --at -1 --at 0.25
      nncli lab activations --output activations.png
    """
    responses = [evaluate(name, points) for name in LECTURE]
    return Illustrated(
        parts=[
            Table(["activation", "formula"], [(each.name, each.formula) for each in responses], "Formulas"),
            _table("Values y", points, {each.name: each.y for each in responses}),
            _table("Derivatives dy/dz", points, {each.name: each.dy_dz for each in responses}),
        ],
        values=[asdict(each) for each in responses],
        draw=_draw,
    )


def evaluate(name: str, z: Sequence[float]) -> Response:
    """Compute one activation function and its derivative at every point, in float64."""
    graph = Graph(np.float64)
    x = graph.add(Input((1, BATCH), needs_error=True), "z")
    y = graph.add(ACTIVATIONS[name](x), "y")
    graph.differentiate(graph.add(Sum(y), "sum"))
    x.value = np.array([z], np.float64)  # (1, points)
    graph.bind(len(z))
    graph.forward()
    graph.backward()
    return Response(name, f"y = {y.formula}", x.value[0].tolist(), y.value[0].tolist(), x.error[0].tolist())


def _table(title: str, points: Sequence[float], columns: dict[str, list[float]]) -> Table:
    """Return a table with a row for each point and a column for each function."""
    cells = {name: [f"{number:.4f}" for number in column] for name, column in columns.items()}
    return numbers("z", [f"{z:g}" for z in points], cells, title)


def _draw() -> Figure:
    """Draw each function and its derivative from -4 to 4."""
    responses = [evaluate(name, [step / 50 for step in range(-200, 201)]) for name in LECTURE]
    panels = [
        Panel(
            [Curve("y", each.z, each.y), Curve("dy/dz", each.z, each.dy_dz)],
            title=f"{each.name}:  {each.formula}",
            x_label="z",
        )
        for each in responses
    ]
    return draw(panels, title="Activation functions", caption="each with its derivative, by the backward pass")
