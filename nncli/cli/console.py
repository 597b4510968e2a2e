"""Where output goes: results to stdout, progress and warnings to stderr, colour only on a terminal."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from nncli.cli.boundary import on_one_line, redirect_to_devnull

_WIDTH_OFF_TERMINAL = 110
_PATIENCE = 0.5  # seconds before `status` shows anything


class _Plain(Console):
    """Prints strings as they are, without markup; off a terminal, lines have a fixed width.

    If nobody reads the results, as in `nncli graph mlp.yaml | head -1`, the command ends; if nobody reads the
    progress, it continues silently.
    """

    def __init__(self, *, stderr: bool, quiet: bool = False, off_terminal: int | None = None) -> None:
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream is not None and stream.isatty() else off_terminal or _WIDTH_OFF_TERMINAL
        super().__init__(stderr=stderr, quiet=quiet, width=width, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that Rich is handling, or continue silently."""
        if not self.stderr:
            raise
        self.quiet = True
        redirect_to_devnull(sys.stderr)


def results(*, width_off_terminal: int | None = None) -> Console:
    """Return the console for the results of a command."""
    return _Plain(stderr=False, off_terminal=width_off_terminal)


def progress(verbosity: int = 0) -> Console:
    """Return the console for progress; it prints nothing if `verbosity` is below 0."""
    return _Plain(stderr=True, quiet=verbosity < 0)


def warn(text: str) -> None:
    """Print a warning or a note on stderr, even if progress is turned off."""
    progress().print(on_one_line(text), style="yellow", soft_wrap=True)


@contextmanager
def status(console: Console, text: str) -> Iterator[Callable[[str], None]]:
    """Show a status on a terminal once the block has taken half a second, and erase it when the block ends.

    Nothing is shown off a terminal or on a quiet console. With NO_COLOR or TERM=dumb, the status is a line of its own.

    Args:
        console: from `progress`; nothing else may print to the terminal within the block.
        text: such as "loading mnist"; the block receives a function that replaces it.
    """
    if not console.is_terminal or console.quiet:
        yield lambda _: None
        return
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
    with ExitStack() as at_end:  # every step runs, even if Ctrl-C interrupts another
        at_end.callback(live.stop)
        at_end.callback(timer.join)  # it may have fired and be starting the display
        at_end.callback(timer.cancel)
        timer.start()
        yield lambda replacement: spinner.update(text=Text(replacement))


def print_json(document: object) -> None:
    """Print one JSON document on stdout.

    Raises:
        ValueError: a number is NaN or infinite, which JSON cannot express.
    """
    click.echo(json.dumps(document, indent=2, allow_nan=False))
