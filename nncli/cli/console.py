"""Where output goes: results to stdout, progress and remarks to stderr, colour only on a terminal."""

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OFF_TERMINAL = 110


def results() -> "Console":
    """Make the console for what the user asked for."""
    return _console(stderr=False)


def progress(verbosity: int = 0) -> "Console":
    """Make the console for progress and remarks; it prints nothing when `verbosity` is below 0."""
    console = _console(stderr=True)
    console.quiet = verbosity < 0
    return console


def print_json(document: object) -> None:
    """Print one JSON document on stdout.

    Raises:
        ValueError: a number that JSON does not know (NaN or infinity).
    """
    click.echo(json.dumps(document, indent=2, allow_nan=False))


def _console(*, stderr: bool) -> "Console":
    from nncli.cli.pipes import Progress, Results

    stream = sys.stderr if stderr else sys.stdout
    on_terminal = stream is not None and stream.isatty()
    kind = Progress if stderr else Results
    return kind(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if on_terminal else _WIDTH_OFF_TERMINAL,
    )
