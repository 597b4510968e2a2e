"""Boolean expressions: variables, constants, NOT, and AND, OR and XOR of any number of operands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Constant:
    """0 or 1."""

    value: bool

    def __str__(self) -> str:
        return str(int(self.value))


@dataclass(frozen=True)
class Variable:
    """An input by name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Not:
    """NOT x."""

    x: "Expression"

    def __str__(self) -> str:
        return f"not {_enclosed(self.x)}"


@dataclass(frozen=True)
class Combination:
    """AND, OR or XOR of its operands, at least one; XOR of several is their parity."""

    operator: str
    operands: tuple["Expression", ...]

    def __str__(self) -> str:
        if len(self.operands) == 1:
            return f"{self.operator}({self.operands[0]})"
        return f" {self.operator} ".join(map(_enclosed, self.operands))


Expression: TypeAlias = Constant | Variable | Not | Combination

OPERATORS = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}


def _enclosed(expression: Expression) -> str:
    """Write an operand, in brackets where it combines others."""
    many = isinstance(expression, Combination) and len(expression.operands) > 1
    return f"({expression})" if many else str(expression)


def variables(expression: Expression) -> tuple[str, ...]:
    """Name the variables in natural order: a, b, x2, x10."""
    return tuple(sorted(set(_names(expression)), key=_natural))


def _names(expression: Expression) -> Iterator[str]:
    match expression:
        case Variable(name):
            yield name
        case Not(x):
            yield from _names(x)
        case Combination(_, operands):
            for operand in operands:
                yield from _names(operand)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order runs of digits by the number they are, and before letters."""
    parts: list[str] = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(int(part), part) if part[0] in "0123456789" else (-1, part) for part in parts]


def evaluate(expression: Expression, values: Mapping[str, Bits]) -> Bits:
    """Compute an expression for many inputs at once: each variable (inputs,) to the result (inputs,)."""
    match expression:
        case Constant(value):
            return np.broadcast_to(np.bool_(value), np.shape(next(iter(values.values()))))
        case Variable(name):
            return values[name]
        case Not(x):
            return ~evaluate(x, values)
        case Combination(operator, operands):
            return reduce(OPERATORS[operator], (evaluate(operand, values) for operand in operands))
