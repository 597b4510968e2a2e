"""The edge of the program: turn an exception into a message and an exit code, and make any string safe to print."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click

from nncli.cli.signals import Terminated
from nncli.errors import ConfigError, ExpressionError, NncliError


def report(error: BaseException, arguments: Sequence[str] = ()) -> int:
    """Print an error on stderr, with its traceback if `arguments` contain --debug; return the exit code.

    A KeyboardInterrupt may carry a message to print.
    """
    with suppress(OSError):  # stderr may be closed or full as well
        _print(error, arguments)
    _discard_unwritable()
    if isinstance(error, BrokenPipeError):  # the reader needs no more output
        return 0
    if isinstance(error, KeyboardInterrupt):
        return 143 if isinstance(error, Terminated) else 130  # 128 and the number of the signal, as shells expect
    return error.exit_code if isinstance(error, NncliError | click.ClickException | click.exceptions.Exit) else 1


def _print(error: BaseException, arguments: Sequence[str]) -> None:
    if isinstance(error, click.exceptions.Exit | BrokenPipeError):
        return
    if isinstance(error, click.UsageError):
        _print_usage(error, arguments)
        return
    if "--debug" in arguments:
        import traceback  # slow to import, and rarely needed

        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        click.echo(on_one_line(str(error) or "interrupted"), err=True)
        return
    for line in _lines(error):
        _print_error(line)


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, ExpressionError):
        return error.lines
    if isinstance(error, NncliError):
        return [str(error)]
    if isinstance(error, click.ClickException):
        return [error.format_message()]
    if isinstance(error, OSError) and error.strerror:
        what = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return [f"{what}{error.strerror}"]
    if isinstance(error, MemoryError):
        return ["out of memory; use a smaller network or a smaller data.batch_size"]
    return [f"unexpected {type(error).__name__}: {error}; run again with --debug for the traceback"]


def _print_usage(error: click.UsageError, arguments: Sequence[str]) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    override = _as_override(error, arguments) if isinstance(error, click.NoSuchOption) else None
    _print_error(f"{error.message.removesuffix('.')}; did you mean {override}?" if override else _message(error))
    if error.ctx:
        click.echo(f"{error.ctx.get_usage()}\nTry `{error.ctx.command_path} --help`.", err=True)


def _message(error: click.UsageError) -> str:
    """Return the message of an error on one line, with the closest of the names that Click suggests."""
    if isinstance(error, click.NoSuchCommand | click.NoSuchOption) and error.possibilities:
        return f"{error.message.removesuffix('.')}; did you mean {error.possibilities[0]!r}?"
    if isinstance(error, click.NoSuchCommand) and error.ctx and isinstance(error.ctx.command, click.Group):
        return f"{error.message.removesuffix('.')}; choose from {', '.join(error.ctx.command.list_commands(error.ctx))}"
    return error.format_message().replace("\n\t", " ")  # the choices of a missing option


def _as_override(error: click.NoSuchOption, arguments: Sequence[str]) -> str | None:
    """Return an unknown option as a --set override, if the command takes them and the configuration has such a key."""
    if not error.ctx or all("--set" not in each.opts for each in error.ctx.command.params):
        return None
    from nncli.config.suggestions import for_unknown_option  # slow to import

    return for_unknown_option(error.option_name, _value_given(error.option_name, arguments) or "VALUE")


def _value_given(option: str, arguments: Sequence[str]) -> str:
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, value = argument.partition("=")
        if name == option:
            return value if equals else "" if following.startswith("-") else following
    return ""


def _discard_unwritable() -> None:
    """Discard output that a full disk or a closed pipe has refused: the interpreter would flush it again at exit."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            redirect_to_devnull(stream)


def redirect_to_devnull(stream: TextIO) -> None:
    """Redirect a stream that can no longer be written to os.devnull."""
    with Path(os.devnull).open("w", encoding="utf-8") as devnull:
        os.dup2(devnull.fileno(), stream.fileno())


def _print_error(message: str) -> None:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colour = bool(sys.stderr and sys.stderr.isatty() and not plain)
    click.secho("error: ", err=True, color=colour, fg="red", bold=True, nl=False)
    click.echo(on_one_line(message), err=True)


def on_one_line(text: object) -> str:
    """Return a string or path on one line, with control characters escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(text))
