"""Boolean expressions: variables, constants, NOT, and AND, OR and XOR of any number of operands.

They are read by Python's own parser, whose operators ~ & ^ | have the precedence of `not`, `and`, `xor` and `or` here:

    expression  := parity ("or" parity)*                  also | and ||
    parity      := conjunction ("xor" conjunction)*       also ^
    conjunction := negation ("and" negation)*             also & and &&
    negation    := "not" negation | atom                  also ~ and !
    atom        := name | "0" | "1" | "true" | "false" | "(" expression ")"
                 | ("and" | "or" | "xor") "(" expression ("," expression)* ")"

Operators and constants may be in capitals.
"""

import ast
import keyword
import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import NamedTuple, TypeAlias, TypeVar, Union

import numpy as np
from numpy.typing import NDArray

from nncli.errors import ExpressionError

Bits: TypeAlias = NDArray[np.bool_]
T = TypeVar("T")


class Operation(NamedTuple):
    """NOT of one operand, or AND, OR or XOR of at least one; XOR of several is their parity."""

    operator: str
    operands: tuple["Expression", ...]


Expression: TypeAlias = Union[bool, str, Operation]  # noqa: UP007 - a constant, the name of a variable, or an operation

MAX_CHARACTERS = 4_000  # Python's parser has a limit near 2,900 operators in a row
MAX_DEPTH = 60  # nested operations

_TOKEN = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<call>(?=\s*\())?|[0-9]+|&&|\|\||[&|^~!(),]|\s+|(?P<other>.)")
_PYTHON = {"or": "|", "||": "|", "xor": "^", "and": "&", "&&": "&", "not": "~", "!": "~", "false": "0", "true": "1"}
_OPERATORS = {ast.BitOr: "or", ast.BitXor: "xor", ast.BitAnd: "and"}
_FUNCTIONS = {"or": np.logical_or, "xor": np.logical_xor, "and": np.logical_and}
_SHOWN = 70  # characters of an expression around an error


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: a syntax error, in three lines, the last with a caret under the wrong character.
    """
    if len(text) > MAX_CHARACTERS:
        raise _error(text, MAX_CHARACTERS, f"an expression can have at most {MAX_CHARACTERS:,} characters")
    python = _in_python(text)
    code = python.lstrip()
    try:
        return _convert(ast.parse(code, mode="eval").body)
    except SyntaxError as error:
        position = len(python) - len(code) + error.offset - 1 if error.offset else len(text)
        reason = error.msg.partition(".")[0] if error.offset else "the expression is incomplete"
        raise _error(text, position, f"{reason}; see nncli lab circuit --help") from error


def _in_python(text: str) -> str:
    """Replace each word by Python's operator, in the same place, or by the name of a function before a parenthesis.

    Raises:
        ExpressionError: a character is not allowed, or a name is a Python keyword.
    """
    python, operand_expected = "", True
    for match in _TOKEN.finditer(text):
        token = match.group()
        word = _PYTHON.get(token.lower(), token)
        if match["other"]:
            raise _error(text, match.start(), f"{token!a} is not allowed here; see nncli lab circuit --help")
        if match["call"] is not None and operand_expected and token.lower() in _FUNCTIONS:
            word = token.upper()
        elif keyword.iskeyword(word):
            raise _error(text, match.start(), f"{token!r} is a Python keyword; choose another name")
        elif not token.isspace():
            operand_expected = word in ("|", "^", "&", "~", "(", ",")
        python += " " * len(token) if token.isspace() else word.ljust(len(token))
    return python


def _convert(node: ast.expr, depth: int = 0) -> Expression:
    """Convert the parts of Python's syntax that expressions have; raise SyntaxError for any other."""
    if depth > MAX_DEPTH:
        raise _refusal(node, f"more than {MAX_DEPTH} nested operations")
    match node:
        case ast.Constant(0 | 1 as value):
            return bool(value)
        case ast.Name(name):
            return name
        case ast.UnaryOp(ast.Invert(), operand):
            return Operation("not", (_convert(operand, depth + 1),))
        case ast.Call(ast.Name("OR" | "XOR" | "AND" as name), [_, *_] as operands):
            return Operation(name.lower(), tuple(_convert(each, depth + 1) for each in operands))
        case ast.BinOp(_, operator, _):
            operands = _chain(node, type(operator))
            return Operation(_OPERATORS[type(operator)], tuple(_convert(each, depth + 1) for each in operands))
    raise _refusal(node, "expected a name, 0, 1, or a call to and(), or() or xor() with at least one operand")


def _refusal(node: ast.expr, message: str) -> SyntaxError:
    return SyntaxError(message, (None, 1, node.col_offset + 1, None))


def _chain(node: ast.expr, operator: type[ast.operator]) -> list[ast.expr]:
    """Return the operands of an operator repeated without parentheses, which Python nests to the left."""
    start, operands = node.col_offset, []
    while isinstance(node, ast.BinOp) and isinstance(node.op, operator) and node.col_offset == start:
        operands.append(node.right)
        node = node.left
    return [node, *reversed(operands)]


def _error(text: str, position: int, message: str) -> ExpressionError:
    """Return an error that shows the text around a character, and points to it."""
    first = max(0, position - _SHOWN // 2)
    shown = "".join(c if c.isprintable() else " " for c in text[first : first + _SHOWN])
    margin = "… " if first else "  "
    return ExpressionError(
        [f"expression, character {position + 1}: {message}", f"{margin}{shown}", f"  {' ' * (position - first)}^"]
    )


def write(expression: Expression) -> str:
    """Write an expression, with parentheses around every operand that combines others."""
    match expression:
        case Operation("not", (x,)):
            return f"not {_enclosed(x)}"
        case Operation(operator, (x,)):
            return f"{operator}({write(x)})"
        case Operation(operator, operands):
            return f" {operator} ".join(map(_enclosed, operands))
    return expression if isinstance(expression, str) else str(int(expression))


def _enclosed(expression: Expression) -> str:
    many = isinstance(expression, Operation) and len(expression.operands) > 1
    return f"({write(expression)})" if many else write(expression)


def fold(expression: Expression, leaf: Callable[[str | bool], T], apply: Callable[[str, list[T]], T]) -> T:
    """Compute a value from the leaves up: from a variable or constant, or an operator and its operands' values."""
    if not isinstance(expression, Operation):
        return leaf(expression)
    return apply(expression.operator, [fold(each, leaf, apply) for each in expression.operands])


def variables(expression: Expression) -> tuple[str, ...]:
    """Return the variables in natural order: a, b, x2, x10."""
    leaves: set[str | bool] = fold(expression, lambda leaf: {leaf}, lambda _, operands: set().union(*operands))
    return tuple(sorted((leaf for leaf in leaves if isinstance(leaf, str)), key=_natural))


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts digits by their number, before letters."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split("([0-9]+)", name)]


def evaluate(expression: Expression, values: Mapping[str, Bits]) -> Bits:
    """Return the values of an expression, (inputs,), for values of each variable, (inputs,)."""
    shape = np.shape(next(iter(values.values())))
    return fold(
        expression,
        lambda leaf: values[leaf] if isinstance(leaf, str) else np.full(shape, leaf),
        lambda operator, operands: ~operands[0] if operator == "not" else reduce(_FUNCTIONS[operator], operands),
    )
