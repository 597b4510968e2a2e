"""A command group that imports a command only when it runs, so that help is quick."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is found, as `module:attribute`, and its line in the help."""

    target: str
    summary: str


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
        """Import a command; it takes the shared options too, so that they may stand anywhere."""
        if cmd_name not in self.entries:
            return None
        module, _, attribute = self.entries[cmd_name].target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        _share(command, self.shared)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def _share(command: click.Command, shared: list[click.Parameter]) -> None:
    command.params += [each for each in shared if each not in command.params]
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _share(inner, shared)
