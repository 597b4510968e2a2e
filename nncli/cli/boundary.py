"""The edge of the program: an exception becomes a message and an exit code, and any string is safe to print."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click

from nncli.cli import signals
from nncli.errors import ConfigError, NncliError


def report(error: BaseException, arguments: Sequence[str] = ()) -> int:
    """Print on stderr what went wrong, with the traceback if asked for; return the exit code of the process.

    A command may set the message of a KeyboardInterrupt before it raises it again.

    Args:
        error: what ended the command.
        arguments: of the command line.
    """
    with suppress(OSError):  # stderr may be closed or full as well
        _say(error, arguments)
    _forget_unwritable()
    if isinstance(error, BrokenPipeError):  # the reader has what it wanted
        return 0
    if isinstance(error, KeyboardInterrupt):
        return signals.exit_code(error)
    return error.exit_code if isinstance(error, NncliError | click.ClickException | click.exceptions.Exit) else 1


def _say(error: BaseException, arguments: Sequence[str]) -> None:
    if isinstance(error, click.exceptions.Exit | BrokenPipeError):
        return
    if isinstance(error, click.UsageError):
        _say_usage(error, arguments)
        return
    if "--debug" in arguments:
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
        return ["not enough memory; use a smaller network or data.batch_size"]
    return [f"unexpected {type(error).__name__}: {error}; run again with --debug for the traceback"]


def _say_usage(error: click.UsageError, arguments: Sequence[str]) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    override = _as_override(error, arguments) if isinstance(error, click.NoSuchOption) else None
    _complain(f"{error.message.removesuffix('.')}; did you mean {override}?" if override else error.format_message())
    if error.ctx:
        click.echo(f"{error.ctx.get_usage()}\nTry `{error.ctx.command_path} --help`.", err=True)


def _as_override(error: click.NoSuchOption, arguments: Sequence[str]) -> str | None:
    """Write an unknown option of a command that has --set as an override, where the configuration has such a key."""
    if not error.ctx or all("--set" not in each.opts for each in error.ctx.command.params):
        return None
    from nncli.config.suggestions import for_unknown_option

    return for_unknown_option(error.option_name, _value_given(error.option_name, arguments) or "VALUE")


def _value_given(option: str, arguments: Sequence[str]) -> str:
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, value = argument.partition("=")
        if name == option:
            return value if equals else "" if following.startswith("-") else following
    return ""


def _forget_unwritable() -> None:
    """Keep the interpreter from failing again at exit, with what a full disk or a closed pipe did not take."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            redirect_to_devnull(stream)


def redirect_to_devnull(stream: TextIO) -> None:
    """Redirect a stream that can no longer be written, so that the interpreter's last flush succeeds."""
    with Path(os.devnull).open("w", encoding="utf-8") as devnull:
        os.dup2(devnull.fileno(), stream.fileno())


def _complain(message: str) -> None:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colour = bool(sys.stderr and sys.stderr.isatty() and not plain)
    click.secho("error: ", err=True, color=colour, fg="red", bold=True, nl=False)
    click.echo(on_one_line(message), err=True)


def on_one_line(text: object) -> str:
    """Return a string or path on one line: its control characters are shown, not sent to the terminal."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(text))
