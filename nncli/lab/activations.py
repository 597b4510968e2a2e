"""The activation functions and their derivatives, computed by the nodes that networks are made of.

The lecture (slides "Some activation functions") defines and plots six. Here each is one node between an input and a
sum: the forward pass gives y at every z at once, and the backward pass dy/dz, since the sum passes 1 to every element.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure

from nncli.engine.graph import BATCH, Graph, Input
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import Illustrated, Option, Table
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.arithmetic import Sum

LECTURE = ("linear", "relu", "soft_relu", "hard_threshold", "logistic", "tanh")
"""The lecture's activation functions, in order."""


def run(
    points: Annotated[
        tuple[float, ...],
        Option("Value of z at which to evaluate the functions; repeatable.", flag="--at", minimum=-1e4, maximum=1e4),
    ] = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0),
) -> Illustrated:
    """Evaluate the activation functions.

    Functions that the lecture does not define, such as gelu, are not shown.

    Example:
      nncli lab activations --at -1 --at 0.25
      nncli lab activations --output activations.png
    """
    responses = [evaluate(name, points) for name in LECTURE]
    shown = [f"{z:g}" for z in points]
    values = {each["name"]: [f"{y:z.4f}" for y in each["y"]] for each in responses}
    derivatives = {each["name"]: [f"{dy_dz:z.4f}" for dy_dz in each["dy_dz"]] for each in responses}
    return Illustrated(
        parts=[
            Table(["activation", "formula"], [(each["name"], each["formula"]) for each in responses], "Formulas"),
            Table.of_numbers("z", shown, values, "Values y"),
            Table.of_numbers("z", shown, derivatives, "Derivatives dy/dz"),
        ],
        values=responses,
        draw=_draw,
    )


def evaluate(name: str, z: Sequence[float]) -> dict[str, Any]:
    """Return the name and formula of an activation function, the points z, and y and dy/dz at each, in float64."""
    graph = Graph(np.float64)
    x = graph.add(Input((1, BATCH), needs_error=True), "z")
    y = graph.add(ACTIVATIONS[name](x), "y")
    graph.differentiate(graph.add(Sum(y), "sum"))
    x.value = np.array([z], np.float64)  # (1, points)
    graph.bind(len(z))
    graph.forward()
    graph.backward()
    arrays = {"z": x.value, "y": y.value, "dy_dz": x.error}
    return {"name": name, "formula": f"y = {y.formula}"} | {key: array[0].tolist() for key, array in arrays.items()}


def _draw() -> Figure:
    responses = [evaluate(name, [step / 50 for step in range(-200, 201)]) for name in LECTURE]
    panels = [
        Panel(
            [Curve("y", each["z"], each["y"]), Curve("dy/dz", each["z"], each["dy_dz"])],
            title=f"{each['name']}:  {each['formula']}",
            x_label="z",
        )
        for each in responses
    ]
    return draw(panels, title="Activation functions", caption="with their derivatives, computed by the backward pass")
