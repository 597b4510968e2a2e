"""Boolean circuits of AND and OR gates over literals, with equal gates shared, from an expression or a truth table.

A literal is an input or a gate, or its negation. A unit reads a negation by a negative weight, so NOT is a gate only if
it is the whole circuit.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal as OneOf
from typing import NamedTuple

from nncli.lab.boolean.expression import Bits, fold
from nncli.lab.boolean.function import Function
from nncli.nn.network import INPUT, Layer, Network


class Literal(NamedTuple):
    """A node or its negation; nodes are the inputs, 0 to D-1, then the gates; -1 is the constant 1."""

    node: int
    negated: bool = False

    def __invert__(self) -> "Literal":
        return Literal(self.node, not self.negated)


TRUE, FALSE = Literal(-1), Literal(-1, negated=True)


class Gate(NamedTuple):
    """AND or OR of literals of different nodes; without literals, a constant."""

    kind: OneOf["and", "or"]
    literals: tuple[Literal, ...]

    @property
    def weights(self) -> dict[int, float]:
        """The weight that a hard threshold gives each node it reads."""
        return {literal.node: -1.0 if literal.negated else 1.0 for literal in self.literals}

    @property
    def bias(self) -> float:
        """The number of negated literals, so that the sum counts the true ones, less the threshold n - 1/2 or 1/2."""
        needed = len(self.literals) if self.kind == "and" else 1
        return sum(literal.negated for literal in self.literals) - (needed - 0.5)


class Level(NamedTuple):
    """The gates of one depth as a layer: its name, its nodes, the layers that it reads, and the nodes of those."""

    name: str
    nodes: list[int]
    inputs: tuple[str, ...]
    columns: list[int]


class Circuit(NamedTuple):
    """Gates by node, in topological order; the last is the output and depends on all others."""

    inputs: int
    gates: dict[int, Gate]

    def levels(self) -> list[Level]:
        """Group the gates by depth: a gate is one deeper than the deepest node that it reads."""
        depths = dict.fromkeys(range(self.inputs), 0)
        for node, gate in self.gates.items():
            depths[node] = 1 + max((depths[source] for source in gate.weights), default=0)
        deepest = max(depths.values())
        nodes = [[node for node in depths if depths[node] == depth] for depth in range(deepest + 1)]
        names = [INPUT, *(f"hidden{depth}" for depth in range(1, deepest)), "output"]
        levels = []
        for name, gates in zip(names[1:], nodes[1:], strict=True):
            below = sorted({depths[source] for node in gates for source in self.gates[node].weights} or {0})
            columns = [node for depth in below for node in nodes[depth]]
            levels.append(Level(name, gates, tuple(names[depth] for depth in below), columns))
        return levels

    def network(self) -> Network:
        """Build a layer of hard thresholds for each depth."""
        levels = self.levels()
        layers = [Layer(level.name, len(level.nodes), "hard_threshold", level.inputs) for level in levels]
        network = Network(self.inputs, layers)
        for layer, level in zip(layers, levels, strict=True):
            weights, bias = network.parameters.value(layer.weights), network.parameters.value(layer.bias)
            column = {node: index for index, node in enumerate(level.columns)}
            for row, node in enumerate(level.nodes):
                bias[row] = self.gates[node].bias
                for source, weight in self.gates[node].weights.items():
                    weights[row, column[source]] = weight
        return network


class _Builder:
    """Adds gates, each only once, and none that simplifies to a literal."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.known: dict[Gate, Literal] = {}

    def add(self, kind: OneOf["and", "or"], literals: Iterable[Literal]) -> Literal:
        """Return the AND or OR of literals, with constants, x AND x and x AND NOT x simplified."""
        neutral, dominant = (TRUE, FALSE) if kind == "and" else (FALSE, TRUE)
        chosen = set(literals) - {neutral}
        if dominant in chosen or any(~literal in chosen for literal in chosen):
            return dominant
        if len(chosen) <= 1:
            return next(iter(chosen), neutral)
        return self.known.setdefault(Gate(kind, tuple(sorted(chosen))), Literal(self.inputs + len(self.known)))

    def xor(self, literals: Sequence[Literal]) -> Literal:
        """Return the parity of literals as a tree of (a OR b) AND NOT (a AND b), as the lecture designs XOR."""
        if len(literals) == 1:
            return literals[0]
        a, b = (self.xor(half) for half in (literals[: len(literals) // 2], literals[len(literals) // 2 :]))
        positive = Literal(a.node), Literal(b.node)
        y = self.add("and", (self.add("or", positive), ~self.add("and", positive)))
        return ~y if a.negated != b.negated else y

    def choose(self, x: Literal, high: Literal, low: Literal) -> Literal:
        """Return (x AND high) OR (NOT x AND low), simplified if it is an XOR or an OR."""
        if high == ~low:
            return self.xor((x, low))
        if high == TRUE:
            return self.add("or", (x, low))
        return self.add("or", (self.add("and", (x, high)), self.add("and", (~x, low))))

    def finish(self, output: Literal) -> Circuit:
        """Make the output the last gate, and drop every gate that it does not depend on."""
        gates = {TRUE.node: Gate("and", ())} | dict(enumerate(self.known, start=self.inputs))
        last = gates.get(output.node, Gate("and", (Literal(output.node),)))
        if output.negated:  # De Morgan: NOT (a AND b) = NOT a OR NOT b
            last = Gate("or" if last.kind == "and" else "and", tuple(~literal for literal in last.literals))
        needed = set(last.weights)
        for node in reversed(gates):
            if node in needed:
                needed.update(gates[node].weights)
        kept = {node: gate for node, gate in gates.items() if node in needed}
        return Circuit(self.inputs, kept | {self.inputs + len(self.known): last})


def compiled(function: Function) -> Circuit:
    """Compile a function by its expression, operator by operator, or by its truth table if it has none.

    A table becomes the circuit with fewer weights: Shannon's expansion, or one AND for each 1 (or 0).
    """
    if function.expression is None:
        circuits = _expanded(function), _sum_of_products(function)
        return min(circuits, key=lambda each: sum(len(level.nodes) * len(level.columns) for level in each.levels()))
    builder = _Builder(len(function.variables))
    leaves = {name: Literal(node) for node, name in enumerate(function.variables)} | {True: TRUE, False: FALSE}

    operators: dict[str, Callable[[list[Literal]], Literal]] = {
        "not": lambda operands: ~operands[0],
        "and": partial(builder.add, "and"),
        "or": partial(builder.add, "or"),
        "xor": builder.xor,
    }
    return builder.finish(fold(function.expression, leaves.__getitem__, lambda name, each: operators[name](each)))


def _expanded(table: Function) -> Circuit:
    """Expand f = (x AND f with x = 1) OR (NOT x AND f with x = 0), sharing equal and opposite parts (Shannon, 1938)."""
    builder = _Builder(len(table.variables))
    known: dict[bytes, Literal] = {}

    def literal(outputs: Bits, variable: int) -> Literal:
        if outputs.all() or not outputs.any():
            return TRUE if outputs[0] else FALSE
        if outputs[0]:
            return ~literal(~outputs, variable)
        key = outputs.tobytes()  # its length tells the variable
        if key not in known:
            low, high = (literal(half, variable + 1) for half in outputs.reshape(2, -1))
            known[key] = low if low == high else builder.choose(Literal(variable), high, low)
        return known[key]

    return builder.finish(literal(table.outputs, 0))


def _sum_of_products(table: Function) -> Circuit:
    """Return the OR of an AND for each input where f is 1, or NOT the OR of those where it is 0 if they are fewer."""
    many = 2 * table.ones > len(table.outputs)
    inputs = table.inputs()[:, table.outputs != many].T.tolist()  # (rows, D)
    builder = _Builder(len(table.variables))
    products = [builder.add("and", (Literal(node, not bit) for node, bit in enumerate(row))) for row in inputs]
    output = builder.add("or", products)
    return builder.finish(~output if many else output)
