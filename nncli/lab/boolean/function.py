"""Boolean functions as truth tables, and the three ways to give one: an expression, a string of bits or a file."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

import numpy as np

from nncli.errors import ConfigError, DataError, OptionError
from nncli.lab.boolean.expression import Bits, Expression, evaluate, parse, variables, write
from nncli.lab.demonstration import Option

MAX_VARIABLES = 16
"""A truth table has 2^D rows, and every one of them is verified."""

ExpressionText: TypeAlias = Annotated[str | None, Option(flag="EXPRESSION")]
TableFile: TypeAlias = Annotated[
    Path | None,
    Option("A truth-table file: names first, as in 'a b | y', then a line for each input, as in '0 1 | 1'."),
]
BitString: TypeAlias = Annotated[
    str | None, Option("The function's value for each input in order, as in 0110 for XOR.", metavar="BITS")
]

_VALUES = {"0": False, "-1": False, "1": True, "+1": True}
_MAX_BYTES = 1 << 24  # 2^16 rows of 17 columns need less than a quarter


@dataclass(frozen=True, eq=False)
class TruthTable:
    """A function of D Boolean variables.

    Attributes:
        variables: D names.
        outputs: (2^D,); entry k belongs to the input that spells k in binary, the first variable in front.
    """

    variables: tuple[str, ...]
    outputs: Bits

    @property
    def ones(self) -> int:
        """The number of inputs where the function is true."""
        return int(np.count_nonzero(self.outputs))

    def inputs(self) -> Bits:
        """Return every input as a column, (D, 2^D)."""
        shifts = np.arange(len(self.variables))[::-1, np.newaxis]
        return (np.arange(len(self.outputs))[np.newaxis] >> shifts & 1).astype(bool)


class Function(NamedTuple):
    """A Boolean function as it was given: what to call it, its truth table, and its expression if there is one."""

    text: str
    table: TruthTable
    expression: Expression | None


def of_options(expression: str | None, table: Path | None, bits: str | None, *, default: str) -> Function:
    """Read the function that was given, or else the default expression.

    Raises:
        OptionError: several were given.
        ConfigError, DataError: it cannot be read.
    """
    if sum(each is not None for each in (expression, table, bits)) > 1:
        raise OptionError("EXPRESSION, --table and --bits each give a function; give one of them")
    if table is not None:
        return Function(str(table), read(table), None)
    if bits is not None:
        return Function(f"bits {bits}", of_bits(bits), None)
    parsed = parse(default if expression is None else expression)
    return Function(write(parsed), of_expression(parsed), parsed)


def verdict(errors: int, inputs: int) -> str:
    """Describe how the verification on all inputs went."""
    if errors:
        return f"WRONG for {errors:,} of {inputs:,} inputs"
    return f"verified: the network's output is the function's value for all {inputs:,} inputs"


def of_expression(expression: Expression) -> TruthTable:
    """Evaluate an expression on every input.

    Raises:
        ConfigError: it has no variable, or too many.
    """
    names = variables(expression)
    if not 1 <= len(names) <= MAX_VARIABLES:
        raise ConfigError(
            f"the expression has {len(names)} variables; a truth table is made of 1 to {MAX_VARIABLES} of them"
        )
    empty = TruthTable(names, np.zeros(1 << len(names), bool))
    values = dict(zip(names, empty.inputs(), strict=True))
    return TruthTable(names, np.array(evaluate(expression, values)))


def of_bits(bits: str) -> TruthTable:
    """Read the outputs alone, as in 0110 for XOR; the variables are x1, x2 and so on.

    Raises:
        ConfigError: a character is not 0 or 1, or their number is no power of 2.
    """
    digits = re.sub(r"[\s_]", "", bits)
    wrong = re.search("[^01]", digits)
    if wrong:
        raise ConfigError(f"truth table: {wrong.group()!a} is neither 0 nor 1; give the outputs, as in 0110")
    count = len(digits).bit_length() - 1
    if not 1 <= count <= MAX_VARIABLES or len(digits) != 1 << count:
        raise ConfigError(
            f"truth table: {len(digits):,} outputs; D variables need 2^D of them, with D from 1 to {MAX_VARIABLES}"
        )
    names = tuple(f"x{number}" for number in range(1, count + 1))
    return TruthTable(names, np.frombuffer(digits.encode("ascii"), np.uint8) == ord("1"))


def read(path: Path) -> TruthTable:
    """Read a file with the names of the variables and of the output, and then one line for each input.

    Spaces, commas or `|` separate the cells, and `#` begins a comment; false is 0 or, as in the lecture, -1.

    Raises:
        DataError: the file cannot be read, or is no such table; the message names the line.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not a text file; write one line for each input, as in '0 1 | 1'") from error
    lines = [(number, _cells(line)) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, cells) for number, cells in lines if cells]
    if not lines:
        raise DataError(f"{path}: is empty; write the names first, as in 'a b | y', then one line for each input")
    names = _names(path, *lines[0])
    return TruthTable(names, _outputs(path, names, lines[1:]))


def _cells(line: str) -> list[str]:
    return re.split(r"[\s,|]+", line.partition("#")[0].strip(" \t,|")) if line.partition("#")[0].strip() else []


def _names(path: Path, number: int, cells: list[str]) -> tuple[str, ...]:
    """Check the first line: names of the variables, and last the output's, which is not kept."""
    for cell in cells:
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", cell):
            raise DataError(f"{path}:{number}: {cell!a:.40} is no name; write the names first, as in 'a b | y'")
    if len(set(cells)) < len(cells) or not 2 <= len(cells) <= MAX_VARIABLES + 1:
        raise DataError(
            f"{path}:{number}: needs 1 to {MAX_VARIABLES} variables and the output, all of different names; "
            f"found {len(cells)} names"
        )
    return tuple(cells[:-1])


def _outputs(path: Path, names: tuple[str, ...], lines: list[tuple[int, list[str]]]) -> Bits:
    """Read the rows, in any order, each input once."""
    outputs: dict[int, bool] = {}
    for number, cells in lines:
        if len(cells) != len(names) + 1:
            raise DataError(f"{path}:{number}: has {len(cells)} cells where {len(names) + 1} belong")
        wrong = next((cell for cell in cells if cell not in _VALUES), None)
        if wrong is not None:
            raise DataError(f"{path}:{number}: {wrong!a:.40} is neither 0 (or -1) nor 1")
        *bits, output = (_VALUES[cell] for cell in cells)
        key = int("".join(str(int(bit)) for bit in bits), 2)
        if key in outputs:
            raise DataError(f"{path}:{number}: gives the input {' '.join(cells[:-1])} a second time")
        outputs[key] = output
    if len(outputs) < 1 << len(names):
        first = next(key for key in range(1 << len(names)) if key not in outputs)
        raise DataError(
            f"{path}: has {len(outputs):,} of {1 << len(names):,} inputs; the first that is missing is "
            f"{' '.join(f'{first:0{len(names)}b}')}"
        )
    return np.array([outputs[key] for key in range(1 << len(names))])
