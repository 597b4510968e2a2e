"""The one place where an exception becomes a message for a person and an exit code."""

import os
import sys
from contextlib import suppress

import click

from nncli.cli import signals
from nncli.cli.nowhere import send_nowhere
from nncli.cli.one_line import on_one_line
from nncli.errors import ConfigError, NncliError


def report(error: BaseException, *, debug: bool = False) -> int:
    """Say on stderr what went wrong, with the traceback if asked for; give the exit code of the process.

    A command may set the message of a KeyboardInterrupt before it raises it again.
    """
    with suppress(OSError):  # stderr may be closed or full as well
        _say(error, debug=debug)
    _forget_unwritable()
    if isinstance(error, BrokenPipeError):  # the reader has what it wanted
        return 0
    if isinstance(error, KeyboardInterrupt):
        return signals.exit_code(error)
    return error.exit_code if isinstance(error, NncliError | click.ClickException | click.exceptions.Exit) else 1


def _say(error: BaseException, *, debug: bool) -> None:
    if isinstance(error, click.exceptions.Exit | BrokenPipeError):
        return
    if isinstance(error, click.UsageError):
        _say_usage(error)
        return
    if debug:
        import traceback  # slow to import, and seldom wanted

        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        click.echo(on_one_line(str(error) or "interrupted"), err=True)
        return
    for line in _lines(error):
        _complain(line)


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, NncliError):
        return [str(error)]
    if isinstance(error, click.ClickException):
        return [error.format_message()]
    if isinstance(error, OSError) and error.strerror:
        what = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return [f"{what}{error.strerror}"]
    if isinstance(error, MemoryError):
        return ["not enough memory; take a smaller network or data.batch_size"]
    return [f"unexpected {type(error).__name__}: {error}; run again with --debug for the traceback"]


def _say_usage(error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    _complain(error.format_message())
    if error.ctx:
        click.echo(f"{error.ctx.get_usage()}\nTry `{error.ctx.command_path} --help`.", err=True)


def _forget_unwritable() -> None:
    """Keep the interpreter from failing once more at its end, with what a full disk or a closed pipe did not take."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            send_nowhere(stream)


def _complain(message: str) -> None:
    colour = bool(sys.stderr and sys.stderr.isatty() and not os.environ.get("NO_COLOR"))
    click.secho("error: ", err=True, color=colour, fg="red", bold=True, nl=False)
    click.echo(on_one_line(message), err=True)
