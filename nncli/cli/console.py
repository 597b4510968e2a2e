"""Where output goes: results to stdout, progress and warnings to stderr, colour only on a terminal."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from nncli.cli.one_line import on_one_line

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OFF_TERMINAL = 110
_PATIENCE = 0.5  # seconds after which `status` says what is under way


def results() -> "Console":
    """Return the console for what the user asked for."""
    return _console(stderr=False)


def progress(verbosity: int = 0) -> "Console":
    """Return the console for progress; it prints nothing when `verbosity` is below 0."""
    console = _console(stderr=True)
    console.quiet = verbosity < 0
    return console


def warn(text: str) -> None:
    """Print a warning or a note on stderr: it matters also where progress is left out."""
    progress().print(on_one_line(text), style="yellow", soft_wrap=True)


@contextmanager
def status(console: "Console", text: str) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is under way, once the block has taken half a second; erase it when the block ends.

    Off a terminal and on a quiet console nothing is shown. Where escape codes are unwelcome (NO_COLOR, TERM=dumb) the
    text is printed as a line of its own, without a spinner.

    Args:
        console: from `progress`. Print nothing to another stream within the block, and show no other bar.
        text: such as "training for the first epoch"; the block receives a function that replaces it.
    """
    if not console.is_terminal or console.quiet:
        yield lambda _: None
        return
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    spinner = Spinner("line", Text(text))
    live = Live(
        spinner, console=console, transient=True, refresh_per_second=8, redirect_stdout=False, redirect_stderr=False
    )

    def show() -> None:
        if console.no_color or console.is_dumb_terminal:
            console.print(f"{text} ...")
        else:
            live.start(refresh=True)

    timer = threading.Timer(_PATIENCE, show)
    with ExitStack() as at_end:  # each step is taken even where Ctrl-C arrives during the one before
        at_end.callback(live.stop)
        at_end.callback(timer.join)  # a timer that has just fired may still be starting the display
        at_end.callback(timer.cancel)
        timer.start()
        yield lambda replacement: spinner.update(text=Text(replacement))


def print_json(document: object) -> None:
    """Print one JSON document on stdout.

    Raises:
        ValueError: a number is NaN or infinite, which JSON cannot express.
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
