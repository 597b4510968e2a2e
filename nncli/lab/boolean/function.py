"""Boolean functions, given as an expression, as a string of bits or in a file, and networks run on all their inputs."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncli.engine.graph import Array
from nncli.errors import DataError, OptionError
from nncli.lab.boolean.expression import Bits, Expression, evaluate, parse, variables, write
from nncli.lab.demonstration import Option
from nncli.nn.network import Network, NetworkGraph

MAX_VARIABLES = 16  # all 2^D inputs are verified
BLOCK_VALUES = 1 << 23
"""The largest number of activations for one block of inputs: 32 MB in float32, and as much again for the logits."""

ExpressionText: TypeAlias = Annotated[str | None, Option(flag="EXPRESSION")]
TableFile: TypeAlias = Annotated[
    Path | None,
    Option("A truth-table file: a line of names, as in 'a b | y', then a line for each input, as in '0 1 | 1'."),
]
BitString: TypeAlias = Annotated[
    str | None, Option("The function's value for each input in order, as in 0110 for XOR.", metavar="BITS")
]

_BITS = {"0": "0", "-1": "0", "1": "1", "+1": "1"}
_MAX_BYTES = 1 << 24  # 2^16 rows of 17 columns take less than a quarter of this
_EXAMPLE = "write a line of names, as in 'a b | y', then a line for each input, as in '0 1 | 1'"


@dataclass(frozen=True, eq=False)
class Function:
    """A function of D Boolean variables."""

    text: str  # how it was given, for display
    variables: tuple[str, ...]
    outputs: Bits  # (2^D,); entry k is for the input that spells k in binary, the first variable first
    expression: Expression | None = None

    @property
    def ones(self) -> int:
        """The number of inputs for which the function is true."""
        return int(np.count_nonzero(self.outputs))

    def inputs(self) -> Bits:
        """Return every input as a column, (D, 2^D)."""
        return all_inputs(len(self.variables))


def all_inputs(count: int) -> Bits:
    """Return all inputs of `count` variables as columns, (count, 2^count), in binary order."""
    return (np.arange(1 << count) >> np.arange(count)[::-1, np.newaxis] & 1).astype(bool)


def of_options(expression: str | None, table: Path | None, bits: str | None, *, default: str) -> Function:
    """Read the function that was given, or the default expression.

    Raises:
        OptionError: more than one was given, or it is not a function of 1 to 16 variables.
        ExpressionError, DataError: it cannot be read.
    """
    if sum(each is not None for each in (expression, table, bits)) > 1:
        raise OptionError("EXPRESSION, --table and --bits each define a function; use only one of them")
    if table is not None:
        return read(table)
    return of_expression(parse(default if expression is None else expression)) if bits is None else of_bits(bits)


def of_expression(expression: Expression) -> Function:
    """Evaluate an expression on every input.

    Raises:
        OptionError: it has no variable, or too many.
    """
    names = variables(expression)
    if not 1 <= len(names) <= MAX_VARIABLES:
        raise OptionError(f"the expression has {len(names)} variables; a truth table needs 1 to {MAX_VARIABLES}")
    outputs = evaluate(expression, dict(zip(names, all_inputs(len(names)), strict=True)))
    return Function(write(expression), names, outputs, expression)


def of_bits(bits: str) -> Function:
    """Read the outputs alone, as in 0110 for XOR; the variables are named x1, x2 and so on.

    Raises:
        OptionError: a character is not 0 or 1, or their number is not a power of 2.
    """
    digits = re.sub(r"[\s_]", "", bits)
    wrong = re.search("[^01]", digits)
    if wrong:
        raise OptionError(f"{wrong.group()!a} is neither 0 nor 1; list the outputs, as in 0110", "--bits")
    count = len(digits).bit_length() - 1
    if not 1 <= count <= MAX_VARIABLES or len(digits) != 1 << count:
        raise OptionError(
            f"number of outputs: {len(digits):,}; D variables need 2^D of them, with D from 1 to {MAX_VARIABLES}",
            "--bits",
        )
    names = tuple(f"x{number}" for number in range(1, count + 1))
    return Function(f"bits {bits}", names, np.array(list(digits)) == "1")


def read(path: Path) -> Function:
    """Read a file: a line with the names of the variables and the output, then a line for each input.

    Spaces, commas or `|` separate the cells, and `#` begins a comment; false is 0 or, as in the lecture, -1.

    Raises:
        DataError: the file cannot be read or is not such a table; the message names the line.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file; {_EXAMPLE}") from error
    lines = [re.findall(r"[^\s,|]+", line.partition("#")[0]) for line in text.splitlines()]
    rows = [(f"{path}:{number}", cells) for number, cells in enumerate(lines, start=1) if cells]
    if not rows:
        raise DataError(f"{path}: empty; {_EXAMPLE}")
    names = _names(*rows[0])
    outputs: dict[str, str] = {}  # by input
    for place, cells in rows[1:]:
        bits = _bits(place, cells, len(names) + 1)
        if bits[:-1] in outputs:
            raise DataError(f"{place}: the input {' '.join(cells[:-1])} is listed twice")
        outputs[bits[:-1]] = bits[-1]
    inputs = [f"{k:0{len(names)}b}" for k in range(1 << len(names))]
    missing = next((each for each in inputs if each not in outputs), None)
    if missing is not None:
        raise DataError(
            f"{path}: lists {len(outputs):,} of {len(inputs):,} inputs; the first missing one is {' '.join(missing)}"
        )
    return Function(str(path), names, np.array([outputs[each] == "1" for each in inputs]))


def _names(place: str, cells: list[str]) -> tuple[str, ...]:
    """Check the first line and return the names of the variables; the output's name is not needed."""
    for cell in cells:
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", cell):
            raise DataError(f"{place}: {cell!a:.40} is not a name; {_EXAMPLE}")
    if len(set(cells)) < len(cells) or not 2 <= len(cells) <= MAX_VARIABLES + 1:
        raise DataError(
            f"{place}: number of names: {len(cells)}; name 1 to {MAX_VARIABLES} variables and the output, all different"
        )
    return tuple(cells[:-1])


def _bits(place: str, cells: list[str], expected: int) -> str:
    if len(cells) != expected:
        raise DataError(f"{place}: number of cells: {len(cells)}; expected {expected}")
    for cell in cells:
        if cell not in _BITS:
            raise DataError(f"{place}: {cell!a:.40} is neither 0 (or -1) nor 1")
    return "".join(_BITS[cell] for cell in cells)


def outputs(network: Network, inputs: Bits, *, false: Literal[0, -1] = 0) -> Array:
    """Return the outputs, (n,), of a network with one output unit for inputs (D, n), where true is 1."""
    graph = NetworkGraph(network, "squared_error")
    numbers = np.where(inputs, 1, false).astype(graph.graph.dtype)
    size = max(1, BLOCK_VALUES // sum(layer.units for layer in network.layers))
    values = []
    for start in range(0, numbers.shape[1], size):
        block = numbers[:, start : start + size]
        graph.forward(block, np.zeros((1, block.shape[1]), graph.graph.dtype))
        values.append(graph.outputs.value[0].copy())
    return np.concatenate(values)


def misclassified(network: Network, table: Function, *, false: Literal[0, -1] = 0) -> NDArray[np.intp]:
    """Return the indices of the inputs for which the network's output is not exactly the function's value."""
    return np.flatnonzero(outputs(network, table.inputs(), false=false) != np.where(table.outputs, 1, false))


def verdict(errors: int, inputs: int) -> str:
    """Return the result of the verification on all inputs."""
    if errors:
        return f"WRONG for {errors:,} of {inputs:,} inputs"
    return f"verified: the network's output equals the function's value for all {inputs:,} inputs"
