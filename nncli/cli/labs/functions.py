"""The ways to give a Boolean function on the command line: an expression, a file or its bits."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, TypeVar

import click

if TYPE_CHECKING:
    from nncli.lab.expression import Expression
    from nncli.lab.truth_table import TruthTable

Command = TypeVar("Command", bound=Callable[..., Any])


class Function(NamedTuple):
    """A Boolean function: what it was called, its truth table, and its expression if it was given as one."""

    text: str
    table: "TruthTable"
    expression: Optional["Expression"]


def function_options(command: Command) -> Command:
    """Add EXPRESSION, --table and --bits (parameters `expression`, `table_path`, `bits`)."""
    command = click.option(
        "--bits", metavar="BITS", help="The function's value for each input in order, as in 0110 for XOR."
    )(command)
    command = click.option(
        "--table",
        "table_path",
        type=click.Path(path_type=Path),
        help="A truth-table file: 'a b | y' first, then one line for each input, as in '0 1 | 1'.",
    )(command)
    return click.argument("expression", required=False)(command)


def function_given(expression: str | None, table_path: Path | None, bits: str | None, *, default: str) -> Function:
    """Read the one function that was given, or else the default expression.

    Raises:
        ConfigError, DataError: it cannot be read.
    """
    from nncli.lab import truth_table
    from nncli.lab.parser import parse

    if sum(given is not None for given in (expression, table_path, bits)) > 1:
        raise click.UsageError("EXPRESSION, --table and --bits each give a function; give one of them")
    if table_path is not None:
        return Function(str(table_path), truth_table.read(table_path), None)
    if bits is not None:
        return Function(f"bits {bits}", truth_table.of_bits(bits), None)
    text = default if expression is None else expression
    parsed = parse(text)
    return Function(str(parsed), truth_table.of_expression(parsed), parsed)


def verdict(mistakes: int, inputs: int) -> str:
    """Say how the verification on all inputs went."""
    if mistakes:
        return f"WRONG for {mistakes:,} of {inputs:,} inputs"
    return f"verified: the network's output is the function's value for all {inputs:,} inputs"
