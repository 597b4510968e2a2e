"""A command group that imports a command only when it runs, which keeps `nncli --help` fast."""

from collections.abc import Mapping
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

DEBUG = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback if an error occurs.")
"""Option of every command; `nncli.cli.boundary.report` looks for it."""


class Entry(NamedTuple):
    """Where to import a command from, as `module:attribute`, its one-line summary, and what its arguments name."""

    target: str
    summary: str
    takes: str = ""  # a key of `nncli.cli.completion.TYPES`; empty for other arguments

    def load(self) -> Any:  # noqa: ANN401 - a command, or the function to make one of
        """Import the attribute."""
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)


class LazyGroup(click.Group):
    """A group whose commands are imported from a table of entries, and listed in the order of the table."""

    def __init__(self, *, entries: Mapping[str, Entry], **options: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(**options)
        self.entries = entries
        self.help = _keep_example(self.help or "")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import a command, and complete its options and help; suggest another for an unknown name."""
        if cmd_name not in self.entries:
            raise click.NoSuchCommand(cmd_name, possibilities=self.entries, ctx=ctx)
        command = self.make(cmd_name, self.entries[cmd_name])
        _complete(command, self.entries[cmd_name].summary)
        return command

    def make(self, name: str, entry: Entry) -> click.Command:
        """Return the command of an entry; a subclass may build it from what is imported."""
        command: click.Command = entry.load()
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands from their entries, without importing any, or the options."""
        from click.shell_completion import CompletionItem  # only needed here

        names = [
            CompletionItem(name, help=each.summary)
            for name, each in self.entries.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their entries, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def _complete(command: click.Command, summary: str = "") -> None:
    """Accept --debug after the command too, and begin its help with its summary.

    Without a summary from an entry, the first paragraph of the help is the summary.
    """
    if DEBUG not in command.params:
        command.params.append(DEBUG)
    described = cleandoc(command.help or "").removeprefix(summary).lstrip()
    command.help = _keep_example(f"{summary}\n\n{described}")
    command.short_help = command.help.partition("\n\n")[0]  # Click would truncate it
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _complete(inner)


def _keep_example(text: str) -> str:
    """Mark the paragraph that begins with `Example:` to keep Click from rewrapping it."""
    return cleandoc(text).replace("\n\nExample:", "\n\n\b\nExample:")
