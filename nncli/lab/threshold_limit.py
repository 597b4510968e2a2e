"""Logistic units become hard thresholds when their weights and biases are scaled up.

The lecture (slide "What about the logistic activation function?"): you can approximate a hard threshold by scaling up
the weights and biases. Here a circuit's network gets logistic units, every weight and bias is multiplied by a scale s,
and the worst error over all inputs is measured for each s.

How large must s be? In a circuit, each unit's z is at least 1/2 away from 0. If the n inputs of a unit are off by at
most 1/(4n) each, z is still at least 1/4 away, so the unit is off by at most σ(-s/4), which is again 1/(4n) for
s = 4 ln(4n - 1). From that scale on, with n the largest fan-in, the output of a circuit of any depth is therefore
correct after rounding. In practice, a smaller scale is enough.
"""

import math
from dataclasses import replace
from textwrap import shorten
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure

from nncli.errors import OptionError
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab import activations
from nncli.lab.boolean.function import BitString, ExpressionText, Function, TableFile, of_options, outputs
from nncli.lab.boolean.gates import compiled
from nncli.lab.demonstration import Illustrated, Option, Part, Strong, Table, numbers
from nncli.nn.network import Network

_MAX_VALUES = 1 << 22  # units times inputs, as each is run at about a hundred scales
_GRID = 64  # scales tried, up to the guaranteed one
_LOWEST = 2.0**-4
_HALVINGS = 40


def run(
    expression: ExpressionText = None,
    table: TableFile = None,
    bits: BitString = None,
    scales: Annotated[
        tuple[float, ...],
        Option(
            "Scale of the weights and biases; repeatable.", flag="--scale", minimum=0, above_minimum=True, maximum=1e4
        ),
    ] = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 30.0, 40.0),
) -> Illustrated:
    """Compile a function and measure the error of its network with logistic units at every scale.

    Example:
      nncli lab threshold-limit "a xor b" --scale 2 --scale 8
      nncli lab threshold-limit --output limit.png
    """
    function = of_options(expression, table, bits, default="xor(a, b, c)")
    circuit = compiled(function)
    if len(circuit.gates) << circuit.inputs > _MAX_VALUES:
        raise OptionError(
            f"a circuit of {len(circuit.gates):,} units is too large to run on {len(function.outputs):,} inputs at "
            "every scale; use a function of fewer variables"
        )
    hard = circuit.network()
    fan_in = max(1, *(len(gate.literals) for gate in circuit.gates.values()))
    guaranteed = 4 * math.log(4 * fan_in - 1)
    rows = [{"scale": scale, "worst_error": worst_error(hard, function, scale)} for scale in sorted(scales)]
    values = {
        "function": function.text,
        "variables": list(function.variables),
        "layers": len(hard.layers),
        "units": len(circuit.gates),
        "fan_in": fan_in,
        "rows": [row | {"exact": row["worst_error"] < 0.5} for row in rows],
        "exact_from": _exact_from(hard, function, guaranteed),
        "guaranteed_from": guaranteed,
    }
    exact = values["exact_from"]
    where = f"for scales of at least {exact:.4f}" if exact else "at every scale tried"
    measured = f"After rounding, every output is correct {where}"
    return Illustrated(_parts(values, measured), values, draw=lambda: _draw(values, measured, hard, function))


def soften(hard: Network, scale: float) -> Network:
    """Make every unit logistic, and multiply every weight and bias by the scale."""
    layers = [replace(layer, activation="logistic") for layer in hard.layers]
    network = Network(hard.input_units, layers, dtype=np.float64)
    network.parameters.values[...] = hard.parameters.values.astype(np.float64) * scale
    return network


def worst_error(hard: Network, function: Function, scale: float) -> float:
    """Return the largest |y - t| over all inputs."""
    return float(np.abs(outputs(soften(hard, scale), function.inputs()) - function.outputs).max())


def _exact_from(hard: Network, function: Function, guaranteed: float) -> float:
    """Bisect between the largest scale of a grid that is too small and the next; return 0 if none is too small."""
    grid = np.geomspace(guaranteed, _LOWEST, _GRID).tolist()
    failed = next((k for k, scale in enumerate(grid) if worst_error(hard, function, scale) >= 0.5), None)
    if failed is None:
        return 0.0
    below, above = grid[failed], grid[max(0, failed - 1)]
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        exact = worst_error(hard, function, middle) < 0.5
        below, above = (below, middle) if exact else (middle, above)
    return float(above)


def _parts(values: dict[str, Any], measured: str) -> list[Part]:
    units, layers = values["units"], values["layers"]
    introduction = (
        f"y = {values['function']}, as a circuit of {units} unit{'s'[: units > 1]} in {layers} layer{'s'[: layers > 1]}"
        "; all units are logistic, with weights and biases multiplied by a scale"
    )
    rows = [(f"{r['scale']:g}", f"{r['worst_error']:.3g}", "yes" if r["exact"] else "no") for r in values["rows"]]
    guarantee = (
        f"This is guaranteed for scales of at least 4 ln(4n - 1) = {values['guaranteed_from']:.4f}, where n = "
        f"{values['fan_in']} is the largest number of inputs of a unit."
    )
    return [
        introduction,
        Table([*numbers("scale", "worst error"), "correct after rounding"], rows),
        Strong(f"{measured}."),
        guarantee,
    ]


def _draw(values: dict[str, Any], measured: str, hard: Network, function: Function) -> Figure:
    highest = max(40.0, max(row["scale"] for row in values["rows"]))
    scales = [highest * step / 200 for step in range(1, 201)]
    one_unit = activations.evaluate("logistic", [-scale / 2 for scale in scales])["y"]
    curves = [
        Curve("worst error over all inputs", scales, [worst_error(hard, function, scale) for scale in scales]),
        Curve("one unit with |z| = 1/2: σ(-s/2)", scales, one_unit),
        Curve("1/2: rounding is correct below this", [0, highest], [0.5, 0.5], "plain"),
    ]
    panel = Panel(curves, x_label="scale s of weights and biases", y_label="|y - t|", y_log=True)
    title = f"Logistic units for y = {shorten(values['function'], 60, placeholder=' …')}"
    return draw([panel], title=title, caption=measured, zoom=1.6)
