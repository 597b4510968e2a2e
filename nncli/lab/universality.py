"""Any Boolean function as a network with one hidden layer of hard thresholds and a linear output.

The lecture (slide "Universality for binary inputs and targets"): take 2^D hidden units, each of which responds to one
particular input configuration. With inputs of -1 and 1, the unit for a configuration p has weights p and the bias
-(D - 1/2): w·x is D where x = p and at most D - 2 elsewhere, so that it fires for p alone. The linear output adds up.

Units are needed only where the function is 1, which the output turns from -1 to 1 by a weight of 2; or where it is
-1, by a weight of -2, if those are fewer. So 2^(D-1) units are always enough: still exponentially many.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nncli.lab.boolean_network import BooleanNetwork
from nncli.lab.truth_table import TruthTable
from nncli.nn.network import Layer, Network

_LISTED = 16


@dataclass(frozen=True)
class HiddenUnit:
    """The configuration a unit responds to, which is also its weights, its bias and its weight in the output."""

    weights: list[int]
    bias: float
    output_weight: float


@dataclass(frozen=True)
class Report:
    """A function's network, verified.

    Attributes:
        variables: D names.
        ones: how many of the 2^D inputs make the function true.
        responds_to: the value of the function, 1 or -1, at the inputs that have a unit.
        hidden_units: how many there are.
        weights: how many numbers other than 0 the weight matrices hold.
        output_bias: the output where no unit fires.
        listed: the first hidden units.
        inputs: how many inputs the network was run on: all.
        mistakes: on how many of them its output was not exactly the function's value.
    """

    variables: tuple[str, ...]
    ones: int
    responds_to: int
    hidden_units: int
    weights: int
    output_bias: float
    listed: tuple[HiddenUnit, ...]
    inputs: int
    mistakes: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def run(table: TruthTable) -> tuple[Report, BooleanNetwork]:
    """Build a function's network and verify it on every input."""
    boolean = build(table)
    parameters = boolean.network.parameters
    hidden, output = parameters.value("hidden.weights"), parameters.value("output.weights")
    bias = float(parameters.value("output.bias")[0])
    listed = (
        HiddenUnit(hidden[unit].astype(int).tolist(), 0.5 - len(table.variables), float(output[0, unit]))
        for unit in range(min(_LISTED, len(hidden)))
    )
    return Report(
        variables=table.variables,
        ones=table.ones,
        responds_to=-int(bias),
        hidden_units=len(hidden),
        weights=hidden.size + output.size,
        output_bias=bias,
        listed=tuple(listed),
        inputs=len(table.outputs),
        mistakes=len(boolean.mistakes(table)),
    ), boolean


def build(table: TruthTable) -> BooleanNetwork:
    """Give a hidden unit to each input where the function has its rarer value."""
    rarer = 2 * table.ones <= len(table.outputs)
    configurations = np.where(table.inputs()[:, table.outputs == rarer], 1, -1)  # (D, units)
    count, units = configurations.shape
    network = Network(count, [Layer("hidden", units, "hard_threshold"), Layer("output", 1, "linear", ("hidden",))])
    network.parameters.value("hidden.weights")[...] = configurations.T
    network.parameters.value("hidden.bias")[...] = 0.5 - count
    network.parameters.value("output.weights")[...] = 2 if rarer else -2
    network.parameters.value("output.bias")[...] = -1 if rarer else 1
    return BooleanNetwork(table.variables, network, -1)
