"""A Boolean circuit as a feed-forward network, and its size beside that of the universal construction.

The lecture (slide "Limits of universality"): one hidden layer can represent any function, but may need exponentially
many units. We have units that compute AND, OR and NOT; therefore any Boolean circuit can be translated into a
feed-forward net, and this can be compact. Here inputs are 0 or 1 and every unit is a hard threshold that counts:

    AND  fires where all n literals are true:   w·x + b = (true literals) - (n - 1/2) > 0
    OR   fires where at least one is:           w·x + b = (true literals) - 1/2 > 0
    NOT  of a literal is a weight -1 in place of 1, with 1 added to the bias.

Each depth of the circuit is a layer that reads the layers below where its gates do. The network is then run on all
2^D inputs and compared with the function.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

from nncli.lab.boolean_network import BooleanNetwork
from nncli.lab.expression import Expression
from nncli.lab.gates import Circuit, Gate, of_expression, of_table
from nncli.lab.truth_table import TruthTable
from nncli.nn.network import INPUT, Layer, Network


@dataclass(frozen=True)
class Unit:
    """One gate: what it computes of which units and inputs, and how."""

    name: str
    layer: str
    formula: str
    weights: dict[str, float]  # those that are not 0
    bias: float


@dataclass(frozen=True)
class Size:
    """What a network takes: layers, units (the output's too) and weights other than 0."""

    layers: int
    units: int
    weights: int


@dataclass(frozen=True)
class Report:
    """A circuit's network, unit by unit, verified.

    Attributes:
        variables: D names.
        ones: how many of the 2^D inputs make the function true.
        units: in the order of the layers.
        size: of this network.
        universal: of one hidden layer with a unit for each input where the function is 1 (or 0, if they are fewer).
        inputs: how many inputs the network was run on: all.
        mistakes: on how many of them its output was not the function's value.
    """

    variables: tuple[str, ...]
    ones: int
    units: tuple[Unit, ...]
    size: Size
    universal: Size
    inputs: int
    mistakes: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def compile_function(table: TruthTable, expression: Expression | None = None) -> Circuit:
    """Compile a function by its expression, or where there is none by its truth table."""
    return of_table(table) if expression is None else of_expression(expression, table.variables)


def run(table: TruthTable, expression: Expression | None = None) -> tuple[Report, BooleanNetwork]:
    """Compile a function, build its network and verify it on every input."""
    circuit = compile_function(table, expression)
    boolean = to_network(circuit, table.variables)
    units = tuple(_units(circuit, boolean))
    hidden = min(table.ones, len(table.outputs) - table.ones)
    report = Report(
        variables=table.variables,
        ones=table.ones,
        units=units,
        size=Size(len(boolean.network.layers), len(units), sum(len(unit.weights) for unit in units)),
        universal=Size(2, hidden + 1, hidden * (len(table.variables) + 1)),
        inputs=len(table.outputs),
        mistakes=len(boolean.mistakes(table)),
    )
    return report, boolean


def to_network(circuit: Circuit, variables: tuple[str, ...]) -> BooleanNetwork:
    """Build the layers of a circuit and set their weights."""
    levels = circuit.levels()
    names = [INPUT, *(f"hidden{depth}" for depth in range(1, len(levels) - 1)), "output"]
    layers = [
        Layer(name, len(level.nodes), "hard_threshold", tuple(names[below] for below in level.reads))
        for name, level in zip(names[1:], levels[1:], strict=True)
    ]
    network = Network(circuit.inputs, layers)
    for name, level in zip(names[1:], levels[1:], strict=True):
        read = [node for below in level.reads for node in levels[below].nodes]
        column = {node: index for index, node in enumerate(read)}
        weights, bias = network.parameters.value(f"{name}.weights"), network.parameters.value(f"{name}.bias")
        for row, node in enumerate(level.nodes):
            gate = circuit.gates[node - circuit.inputs]
            for literal in gate.literals:
                weights[row, column[literal.node]] = -1 if literal.negated else 1
            bias[row] = _bias(gate)
    return BooleanNetwork(variables, network, 0)


def _bias(gate: Gate) -> float:
    """Add 1 for each negated literal, to count the true ones, and subtract how many it takes, less 1/2."""
    negated = sum(literal.negated for literal in gate.literals)
    return negated - ((len(gate.literals) if gate.kind == "and" else 1) - 0.5)


def _units(circuit: Circuit, boolean: BooleanNetwork) -> list[Unit]:
    """Describe the gates; hidden ones are h1, h2, … in layer order, the output is y, unless inputs are called so."""
    levels = circuit.levels()
    order = [node for level in levels[1:] for node in level.nodes]
    mark = (
        "_" * max(map(len, boolean.variables)) if any(re.fullmatch("h[0-9]+|y", v) for v in boolean.variables) else ""
    )
    names = dict(enumerate(boolean.variables)) | {node: f"h{mark}{k}" for k, node in enumerate(order, start=1)}
    names[order[-1]] = f"y{mark}"
    units = []
    for level, layer in zip(levels[1:], boolean.network.layers, strict=True):
        for node in level.nodes:
            gate = circuit.gates[node - circuit.inputs]
            weights = {names[literal.node]: -1.0 if literal.negated else 1.0 for literal in gate.literals}
            units.append(Unit(names[node], layer.name, _formula(gate, names), weights, _bias(gate)))
    return units


def _formula(gate: Gate, names: dict[int, str]) -> str:
    """Write a gate, as in `a AND NOT h2`."""
    if not gate.literals:
        return "1" if gate.kind == "and" else "0"
    joint = f" {gate.kind.upper()} "
    return joint.join(f"NOT {names[x.node]}" if x.negated else names[x.node] for x in gate.literals)
