"""A command group that imports a command only when it runs, so that help is quick."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from inspect import cleandoc
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is found, as `module:attribute`, and its line in the help."""

    target: str
    summary: str

    def load(self) -> Any:  # noqa: ANN401 - a command, or what one is made of
        """Import the attribute."""
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)


class LazyGroup(click.Group):
    """Commands by name, listed in the order of the table."""

    def __init__(self, *, entries: Mapping[str, Entry], shared: list[click.Parameter], **options: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(params=[*shared], **options)
        self.entries = entries
        self.shared = shared

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and fit it in; see `_fit_in`."""
        if cmd_name not in self.entries:
            return None
        command = self.make(cmd_name, self.entries[cmd_name])
        _fit_in(command, self.shared, self.entries[cmd_name].summary)
        return command

    def make(self, name: str, entry: Entry) -> click.Command:
        """Return the command of a row of the table: import it."""
        command: click.Command = entry.load()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped name is answered from the table, so that nothing is imported."""
        if args[0] not in self.entries:
            close = get_close_matches(args[0], self.entries, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(self.entries)}"
            ctx.fail(f"No such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def _fit_in(command: click.Command, shared: list[click.Parameter], summary: str = "") -> None:
    """Let shared options stand after the command too, and let its help begin with its summary and end with its example.

    A table's summary is its only owner; without one, the summary is the first paragraph of the help.
    """
    command.params += [each for each in shared if each not in command.params]
    described = cleandoc(command.help or "").removeprefix(summary).lstrip()
    command.help = keep_example(f"{summary}\n\n{described}")
    command.short_help = command.help.partition("\n\n")[0]  # or Click makes one of the help, and cuts it
    if isinstance(command, LazyGroup):
        command.shared = shared
    elif isinstance(command, click.Group):
        for inner in command.commands.values():
            _fit_in(inner, shared)


def keep_example(text: str) -> str:
    """Mark the paragraph that begins with `Example:` as one that Click must not wrap."""
    return cleandoc(text).replace("\n\nExample:", "\n\n\b\nExample:")
