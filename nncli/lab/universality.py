"""Any Boolean function as a network with one hidden layer of hard thresholds and a linear output.

The lecture (slide "Universality for binary inputs and targets"): take 2^D hidden units, each of which responds to one
particular input configuration. With inputs of -1 and 1, the unit for a configuration p has weights p and the bias
-(D - 1/2): w·x is D where x = p and at most D - 2 elsewhere, so that it fires for p alone. The linear output adds up.

Units are needed only where the function is 1, which the output turns from -1 to 1 by a weight of 2; or where it is
-1, by a weight of -2, if those are fewer. So 2^(D-1) units are always enough: still exponentially many.
"""

from typing import Any

import numpy as np

from nncli.lab.boolean.function import BitString, ExpressionText, Function, TableFile, of_options, verdict
from nncli.lab.boolean.network import misclassified
from nncli.lab.report import Part, Report, Strong, Table
from nncli.nn.network import Layer, Network

_LISTED = 16  # units
_DEFAULT = "x2 xor (x1 and x3)"  # a function that the rows shown on the slide belong to


def run(expression: ExpressionText = None, table: TableFile = None, bits: BitString = None) -> Report:
    """Build a function's network and verify it on every input.

    Example:
      nncli lab universality "xor(a, b, c)"
      nncli lab universality --bits 0110
    """
    function = of_options(expression, table, bits, default=_DEFAULT)
    network = build(function)
    hidden, output = network.parameters.value("hidden.weights"), network.parameters.value("output.weights")
    bias = float(network.parameters.value("output.bias")[0])
    values = {
        "function": function.text,
        "variables": list(function.variables),
        "ones": function.ones,
        "responds_to": -int(bias),
        "hidden_units": len(hidden),
        "weights": hidden.size + output.size,
        "output_bias": bias,
        "listed": [
            {"weights": weights, "bias": 0.5 - len(function.variables), "output_weight": output_weight}
            for weights, output_weight in zip(hidden[:_LISTED].astype(int).tolist(), output[0].tolist(), strict=False)
        ],
        "inputs": len(function.outputs),
        "mistakes": len(misclassified(network, function, false=-1)),
    }
    return Report(_parts(values), values)


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
        f"{units:,} hidden units, one for each input where y is {values['responds_to']} ({values['ones']:,} of "
        f"{values['inputs']:,} inputs make y true); 2^{len(values['variables'])} units always suffice\n"
    )
    parts: list[Part] = [f"y = {values['function']}, with inputs and output -1 for false and 1 for true", need]
    if listed:
        headers = ["unit ", *(f"{name} " for name in values["variables"]), "bias ", "to y "]
        rows = [
            (f"h{k}", *unit["weights"], f"{unit['bias']:g}", f"{unit['output_weight']:g}")
            for k, unit in enumerate(listed, start=1)
        ]
        parts.append(Table(headers, rows, "Hidden units: each weight is the input it responds to"))
    if units > len(listed):
        parts.append(f"and {units - len(listed):,} units more")
    parts.append(f"The linear output adds up what the units send it, to a bias of {values['output_bias']:g}.")
    return [*parts, Strong(verdict(values["mistakes"], values["inputs"]))]
