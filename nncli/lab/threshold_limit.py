"""Logistic units become hard thresholds when their weights and biases are scaled up.

The lecture (slide "What about the logistic activation function?"): you can approximate a hard threshold by scaling up
the weights and biases. Here a circuit's network keeps its weights, its hard thresholds become logistic, and every
weight and bias is multiplied by a scale s; the worst error over all inputs is measured against s.

How large must s be? In a circuit each unit's z is at least 1/2 away from 0. If the n inputs of a unit are off by at
most 1/(4n) each, z is still at least 1/4 away; and then the unit is off by at most σ(-s/4), which is 1/(4n) again
for s = 4 ln(4n - 1). So from that scale on, with n the largest fan-in, the output of a circuit of any depth is right
after rounding. Measured, a smaller scale is enough.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from nncli.errors import ConfigError
from nncli.lab.boolean_network import BooleanNetwork
from nncli.lab.circuit import compile_function, to_network
from nncli.lab.expression import Expression
from nncli.lab.truth_table import TruthTable
from nncli.nn.network import Network

SCALES = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 30.0, 40.0)

_MAX_VALUES = 1 << 22  # units times inputs: it is run at about a hundred scales
_GRID = 64  # scales tried up to the guaranteed one
_LOWEST = 2.0**-4
_HALVINGS = 40


@dataclass(frozen=True)
class Row:
    """The worst error |y - t| over all inputs at one scale, and whether rounding makes every output right."""

    scale: float
    worst_error: float
    exact: bool


@dataclass(frozen=True)
class Report:
    """A circuit at several scales.

    Attributes:
        variables: D names.
        layers: of the network.
        units: of the network.
        fan_in: n, the most inputs that a unit reads.
        rows: by scale.
        exact_from: the scale above which rounding made every output right wherever it was tried; 0: at every scale.
        guaranteed_from: 4 ln(4n - 1), from which on it must.
    """

    variables: tuple[str, ...]
    layers: int
    units: int
    fan_in: int
    rows: tuple[Row, ...]
    exact_from: float
    guaranteed_from: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def run(table: TruthTable, expression: Expression | None = None, scales: Sequence[float] = SCALES) -> Report:
    """Compile a function and measure its network with logistic units at every scale.

    Raises:
        ConfigError: the circuit is too large to be run at many scales.
    """
    circuit = compile_function(table, expression)
    if len(circuit.gates) << circuit.inputs > _MAX_VALUES:
        raise ConfigError(
            f"a circuit of {len(circuit.gates):,} units on {len(table.outputs):,} inputs is too large to be run at "
            "many scales; take a function of fewer variables"
        )
    hard = to_network(circuit, table.variables)
    fan_in = max(1, *(len(gate.literals) for gate in circuit.gates))
    guaranteed = 4 * math.log(4 * fan_in - 1)
    errors = ((scale, worst_error(hard, table, scale)) for scale in sorted(scales))
    return Report(
        variables=table.variables,
        layers=len(hard.network.layers),
        units=len(circuit.gates),
        fan_in=fan_in,
        rows=tuple(Row(scale, error, error < 0.5) for scale, error in errors),
        exact_from=_exact_from(hard, table, guaranteed),
        guaranteed_from=guaranteed,
    )


def soften(hard: BooleanNetwork, scale: float) -> BooleanNetwork:
    """Make every unit logistic, and multiply every weight and bias by the scale."""
    layers = [replace(layer, activation="logistic") for layer in hard.network.layers]
    network = Network(hard.network.input_units, layers, dtype=np.float64)
    network.parameters.values[...] = hard.network.parameters.values
    network.parameters.values[...] *= scale
    return BooleanNetwork(hard.variables, network, hard.false)


def worst_error(hard: BooleanNetwork, table: TruthTable, scale: float) -> float:
    """Give the largest |y - t| over all inputs."""
    return float(np.abs(soften(hard, scale).outputs(table.inputs()) - table.outputs).max())


def _exact_from(hard: BooleanNetwork, table: TruthTable, guaranteed: float) -> float:
    """Find the largest scale of a grid that is too small, and halve the interval above it."""
    grid = np.geomspace(guaranteed, _LOWEST, _GRID).tolist()
    above = guaranteed
    for scale in grid:
        if worst_error(hard, table, scale) >= 0.5:
            below = scale
            break
        above = scale
    else:
        return 0.0
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if worst_error(hard, table, middle) < 0.5:
            above = middle
        else:
            below = middle
    return above
