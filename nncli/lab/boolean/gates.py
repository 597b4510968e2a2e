"""Boolean circuits of AND and OR gates over literals, with equal gates shared, from an expression or a truth table.

A literal is an input or a gate, or its negation. A unit reads a negation by a negative weight, so NOT is a gate only if
it is the whole circuit.
"""

from collections.abc import Iterable
from typing import Literal as OneOf
from typing import NamedTuple

from nncli.lab.boolean.expression import Bits, Expression, Operation
from nncli.lab.boolean.function import Function


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
    """The nodes of one depth, and the depths that they read; depth 0 holds the inputs."""

    nodes: list[int]
    reads: list[int]


class Circuit(NamedTuple):
    """Gates in topological order; the last is the output and depends on all others. Gate k is node `inputs` + k."""

    inputs: int
    gates: tuple[Gate, ...]

    def levels(self) -> list[Level]:
        """Group the nodes by depth: a gate is one deeper than the deepest node that it reads."""
        depths = [0] * self.inputs
        for gate in self.gates:
            depths.append(1 + max((depths[source] for source in gate.weights), default=0))
        levels = [Level(list(range(self.inputs)), []), *(Level([], []) for _ in range(depths[-1]))]
        for node, gate in enumerate(self.gates, start=self.inputs):
            nodes, reads = levels[depths[node]]
            nodes.append(node)
            reads[:] = sorted({*reads, *(depths[source] for source in gate.weights)} or {0})
        return levels

    def weights(self) -> int:
        """Count the weights of the layers, each of which reads every layer that one of its gates reads."""
        levels = self.levels()
        return sum(len(level.nodes) * sum(len(levels[below].nodes) for below in level.reads) for level in levels)


class _Builder:
    """Adds gates, each only once, and none that simplifies to a literal."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.gates: list[Gate] = []
        self._known: dict[Gate, Literal] = {}

    def add(self, kind: OneOf["and", "or"], literals: Iterable[Literal]) -> Literal:
        """Return the AND or OR of literals, with constants, x AND x and x AND NOT x simplified."""
        neutral, dominant = (TRUE, FALSE) if kind == "and" else (FALSE, TRUE)
        chosen = set(literals) - {neutral}
        if dominant in chosen or any(~literal in chosen for literal in chosen):
            return dominant
        if len(chosen) <= 1:
            return next(iter(chosen), neutral)
        gate = Gate(kind, tuple(sorted(chosen)))
        if gate not in self._known:
            self._known[gate] = Literal(self.inputs + len(self.gates))
            self.gates.append(gate)
        return self._known[gate]

    def xor(self, a: Literal, b: Literal) -> Literal:
        """Return (a OR b) AND NOT (a AND b), as on the slide "Designing a network to compute XOR"."""
        positive = Literal(a.node), Literal(b.node)
        y = self.add("and", (self.add("or", positive), ~self.add("and", positive)))
        return ~y if a.negated != b.negated else y

    def choose(self, x: Literal, high: Literal, low: Literal) -> Literal:
        """Return (x AND high) OR (NOT x AND low), simplified if it is an XOR or an OR."""
        if high == ~low:
            return self.xor(x, low)
        if high == TRUE:
            return self.add("or", (x, low))
        return self.add("or", (self.add("and", (x, high)), self.add("and", (~x, low))))

    def finish(self, output: Literal) -> Circuit:
        """Make the output the last gate, and drop every gate that it does not depend on."""
        if output.node < self.inputs:  # an input, its negation or a constant
            alone = {TRUE: Gate("and", ()), FALSE: Gate("or", ())}
            return Circuit(self.inputs, (alone.get(output, Gate("and", (output,))),))
        last = self.gates[output.node - self.inputs]
        if output.negated:  # De Morgan: NOT (a AND b) = NOT a OR NOT b
            last = Gate("or" if last.kind == "and" else "and", tuple(~literal for literal in last.literals))
        needed = {literal.node for literal in last.literals}
        for node in range(self.inputs + len(self.gates) - 1, self.inputs - 1, -1):
            if node in needed:
                needed.update(literal.node for literal in self.gates[node - self.inputs].literals)
        kept = [node for node in sorted(needed) if node >= self.inputs]
        number = {node: node for node in range(self.inputs)} | {n: self.inputs + k for k, n in enumerate(kept)}
        gates = [*(self.gates[node - self.inputs] for node in kept), last]
        renumbered = (Gate(g.kind, tuple(Literal(number[x.node], x.negated) for x in g.literals)) for g in gates)
        return Circuit(self.inputs, tuple(renumbered))


def compiled(function: Function) -> Circuit:
    """Compile a function by its expression, operator by operator, or by its truth table if it has none.

    A table becomes the circuit with fewer weights: Shannon's expansion, or one AND for each 1 (or 0).
    """
    if function.expression is None:
        return min(_expanded(function), _sum_of_products(function), key=Circuit.weights)
    builder = _Builder(len(function.variables))

    def literal(part: Expression) -> Literal:
        match part:
            case bool():
                return TRUE if part else FALSE
            case str():
                return Literal(function.variables.index(part))
            case Operation("not", (x,)):
                return ~literal(x)
            case Operation("xor", operands):
                return tree([literal(operand) for operand in operands])
        return builder.add("and" if part.operator == "and" else "or", map(literal, part.operands))

    def tree(literals: list[Literal]) -> Literal:
        if len(literals) == 1:
            return literals[0]
        middle = len(literals) // 2
        return builder.xor(tree(literals[:middle]), tree(literals[middle:]))

    return builder.finish(literal(function.expression))


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
