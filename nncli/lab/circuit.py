"""A Boolean circuit as a feed-forward network, and its size next to that of the universal construction.

The lecture (slide "Limits of universality"): a network with one hidden layer can represent any function, but may need
exponentially many units. Units can compute AND, OR and NOT, so any Boolean circuit can be translated into a
feed-forward network, which may be compact. Here inputs are 0 or 1 and every unit is a hard threshold that counts:

    AND  fires if all n literals are true:        w·x + b = (true literals) - (n - 1/2) > 0
    OR   fires if at least one is:                w·x + b = (true literals) - 1/2 > 0
    NOT  of a literal is a weight of -1 instead of 1, and adds 1 to the bias.

The gates of one depth form a layer. The network is run on all 2^D inputs and compared with the function.
"""

import re
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from nncli.figures import diagram
from nncli.lab.boolean.function import BitString, ExpressionText, TableFile, misclassified, of_options, verdict
from nncli.lab.boolean.gates import Circuit, Gate, compiled
from nncli.lab.demonstration import Illustrated, Part, Strong, Table, numbers

_LISTED = 40  # units
_SHORT = 24  # characters of a formula in the figure


def run(expression: ExpressionText = None, table: TableFile = None, bits: BitString = None) -> Illustrated:
    """Compile a function, build its network and verify it on every input.

    An expression consists of names, 0, 1, parentheses and these operators, in order of precedence: not (~ !),
    and (& &&), xor (^), or (| ||). `and`, `or` and `xor` may also be called as functions of several operands.

    Example:
      nncli lab circuit "a and not (b or c)"
      nncli lab circuit "xor(a, b, c)" --output parity.png
    """
    function = of_options(expression, table, bits, default="(a or b) and (c or not d) and (e xor f)")
    circuit = compiled(function)
    network = circuit.network()
    units = describe(circuit, function.variables)
    weights = sum(len(unit["weights"]) for unit in units)
    inputs = len(function.outputs)
    hidden = min(function.ones, inputs - function.ones)  # one for each input where the function is 1, or 0
    values = {
        "function": function.text,
        "variables": list(function.variables),
        "ones": function.ones,
        "units": units,
        "size": {"layers": len(network.layers), "units": len(units), "weights": weights},
        "universal": {"layers": 2, "units": hidden + 1, "weights": hidden * (len(function.variables) + 1)},
        "inputs": inputs,
        "mistakes": len(misclassified(network, function)),
    }
    return Illustrated(_parts(values), values, draw=partial(_draw, values))


def describe(circuit: Circuit, variables: tuple[str, ...]) -> list[dict[str, Any]]:
    """Describe the gates, layer by layer, with the weights that are not 0.

    Hidden units are named h1, h2, … and the output y, with underscores if an input has such a name.
    """
    layers = {node: level.name for level in circuit.levels() for node in level.nodes}
    mark = "_" * max(map(len, variables)) if any(re.fullmatch("h[0-9]+|y", name) for name in variables) else ""
    names = dict(enumerate(variables)) | {node: f"h{mark}{k}" for k, node in enumerate(layers, start=1)}
    names[max(layers)] = f"y{mark}"
    return [
        {
            "name": names[node],
            "layer": layer,
            "formula": _formula(circuit.gates[node], names),
            "weights": {names[source]: weight for source, weight in circuit.gates[node].weights.items()},
            "bias": circuit.gates[node].bias,
        }
        for node, layer in layers.items()
    ]


def _formula(gate: Gate, names: dict[int, str]) -> str:
    """Write a gate, as in `a AND NOT h2`."""
    literals = [f"{'NOT ' if x.negated else ''}{names[x.node]}" for x in gate.literals]
    return f" {gate.kind.upper()} ".join(literals) or ("1" if gate.kind == "and" else "0")


def _parts(values: dict[str, Any]) -> list[Part]:
    units = values["units"]
    rows = [
        (layer, name, formula, "  ".join(f"{source}: {weight:+g}" for source, weight in weights.items()), f"{bias:+g}")
        for name, layer, formula, weights, bias in (unit.values() for unit in units[:_LISTED])
    ]
    sizes = [
        (name, *(f"{count:,}" for count in values[key].values()))
        for name, key in (("this circuit", "size"), ("one hidden layer", "universal"))
    ]
    return [
        f"y = {values['function']}, with 0 for false and 1 for true\n",
        Table(["layer", "unit", "computes", "weights", *numbers("bias")], rows, "Units, all hard thresholds"),
        *([f"and {len(units) - _LISTED:,} more"] if len(units) > _LISTED else []),
        Table(["network", *numbers("layers", "units", "weights")], sizes, "Size, compared with one hidden layer"),
        Strong(verdict(values["mistakes"], values["inputs"])),
    ]


def _draw(values: dict[str, Any]) -> Figure:
    """Draw the inputs and the listed units, each with its bias b and its weights beside its arrows."""
    nodes = [diagram.Node(name, [name]) for name in values["variables"]]
    for unit in values["units"][:_LISTED]:
        name, formula = unit["name"], unit["formula"]
        arrows = [diagram.Arrow(source, f"{weight:+g}", weight) for source, weight in unit["weights"].items()]
        computes = [f"{name} = {formula}"] if len(formula) <= _SHORT else [name, formula[: _SHORT - 1] + "…"]
        nodes.append(diagram.Node(name, [*computes, f"b = {unit['bias']:+g}"], arrows))
    total, shown = len(values["units"]), len(nodes) - len(values["variables"])
    count = f"{total:,} {'unit' if total == 1 else 'units'}"
    if shown < total:
        count = f"the first {shown} of {count}"
    caption = f"{count} with hard thresholds, for inputs 0 and 1"
    return diagram.draw(nodes, title=f"y = {values['function']}", caption=caption, inputs_first=True)
