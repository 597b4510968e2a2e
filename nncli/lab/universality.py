"""Any Boolean function as a network with one hidden layer of hard thresholds and a linear output.

The lecture (slide "Universality for binary inputs and targets"): take 2^D hidden units, each of which responds to one
particular input configuration. With inputs of -1 and 1, the unit for a configuration p has the weights p and the bias
-(D - 1/2): w·x is D for x = p and at most D - 2 otherwise, so it fires for p alone.

Units are needed only for the inputs where the function is 1: each changes the output from -1 to 1 by a weight of 2. If
the function is -1 for fewer inputs, units for those change it from 1 to -1. So 2^(D-1) units are always enough, which
is still exponentially many.
"""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nncli.figures import diagram
from nncli.lab.boolean.function import (
    BitString,
    ExpressionText,
    Function,
    TableFile,
    misclassified,
    of_options,
    verdict,
)
from nncli.lab.demonstration import Illustrated, Part, Strong, Table, numbers
from nncli.nn.network import Layer, Network

_LISTED = 16  # units
_LABELLED = 32  # weights from the inputs in the figure; more would hide each other


def run(expression: ExpressionText = None, table: TableFile = None, bits: BitString = None) -> Illustrated:
    """Build a function's network and verify it on every input.

    Example:
      nncli lab universality "xor(a, b, c)"
      nncli lab universality --bits 0110 --output xor.png
    """
    function = of_options(expression, table, bits, default="x2 xor (x1 and x3)")  # agrees with the slide's rows
    network = build(function)
    hidden, output = network.parameters.value("hidden.weights"), network.parameters.value("output.weights")
    bias = float(network.parameters.value("output.bias")[0])
    listed = zip(hidden[:_LISTED].astype(int).tolist(), output[0].tolist(), strict=False)
    values = {
        "function": function.text,
        "variables": list(function.variables),
        "ones": function.ones,
        "responds_to": -int(bias),
        "hidden_units": len(hidden),
        "weights": hidden.size + output.size,
        "output_bias": bias,
        "listed": [{"weights": w, "bias": 0.5 - len(function.variables), "output_weight": v} for w, v in listed],
        "inputs": len(function.outputs),
        "mistakes": len(misclassified(network, function, false=-1)),
    }
    return Illustrated(_parts(values), values, draw=partial(_draw, values))


def build(function: Function) -> Network:
    """Build a network with a hidden unit for each input where the function has its rarer value."""
    rarer = 2 * function.ones <= len(function.outputs)
    configurations = np.where(function.inputs()[:, function.outputs == rarer], 1, -1)  # (D, units)
    count, units = configurations.shape
    network = Network(count, [Layer("hidden", units, "hard_threshold"), Layer("output", 1, "linear", ("hidden",))])
    network.parameters.value("hidden.weights")[...] = configurations.T
    network.parameters.value("hidden.bias")[...] = 0.5 - count
    network.parameters.value("output.weights")[...] = 2 if rarer else -2
    network.parameters.value("output.bias")[...] = -1 if rarer else 1
    return network


def _parts(values: dict[str, Any]) -> list[Part]:
    units, listed = values["hidden_units"], values["listed"]
    need = (
        f"{units:,} hidden {'unit' if units == 1 else 'units'}, one for each input where y is {values['responds_to']} "
        f"(y is true for {values['ones']:,} of {values['inputs']:,} inputs); 2^{len(values['variables'])} units are "
        "always enough\n"
    )
    parts: list[Part] = [f"y = {values['function']}, where inputs and output are -1 for false and 1 for true", need]
    if listed:
        headers = numbers("unit", *values["variables"], "bias", "to y")
        rows = [
            (f"h{k}", *unit["weights"], f"{unit['bias']:g}", f"{unit['output_weight']:g}")
            for k, unit in enumerate(listed, start=1)
        ]
        parts.append(Table(headers, rows, "Hidden units; the weights of each are the input it responds to"))
    if units > len(listed):
        parts.append(f"and {units - len(listed):,} more")
    parts.append(f"The linear output unit has a bias of {values['output_bias']:g}.")
    return [*parts, Strong(verdict(values["mistakes"], values["inputs"]))]


def _draw(values: dict[str, Any]) -> Figure:
    """Draw the inputs, the listed hidden units and the output, with biases b in the boxes and weights beside arrows."""
    names, listed, units = values["variables"], values["listed"], values["hidden_units"]
    nodes = [diagram.Node(f"input {name}", [name]) for name in names]
    labelled, into_output = len(names) * len(listed) <= _LABELLED, []
    for k, unit in enumerate(listed, start=1):
        weights = zip(names, unit["weights"], strict=True)
        arrows = [diagram.Arrow(f"input {name}", labelled * f"{weight:+g}", weight) for name, weight in weights]
        fires = f"fires for ({', '.join(f'{bit:+d}' for bit in unit['weights'])})"
        nodes.append(diagram.Node(f"h{k}", [f"h{k}", fires, f"b = {unit['bias']:+g}"], arrows))
        into_output.append(diagram.Arrow(f"h{k}", f"{unit['output_weight']:+g}", unit["output_weight"]))
    nodes.append(diagram.Node("y", ["y", f"b = {values['output_bias']:+g}"], into_output))
    count = f"{units:,} hidden {'unit' if units == 1 else 'units'}"
    if len(listed) < units:
        count = f"the first {len(listed)} of {count}"
    caption = f"{count} with hard thresholds, for inputs -1 and 1; the output unit is linear; dashed: negative weights"
    gap = 70 + 15 * len(listed)
    return diagram.draw(nodes, title=f"y = {values['function']}", caption=caption, inputs_first=True, gap=gap)
