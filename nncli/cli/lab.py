"""`nncli lab`: list the lecture's demonstrations, or run one."""

import click

from nncli.cli.console import print_json, results
from nncli.cli.lazy import Entry, LazyGroup
from nncli.cli.options import json_option
from nncli.cli.tables import print_table
from nncli.lab.catalogue import DEMONSTRATIONS


class _Lab(LazyGroup):
    """Makes a command from the function of each demonstration."""

    def make(self, name: str, entry: Entry) -> click.Command:
        """Import a demonstration and return its command."""
        from nncli.cli.demonstration import build

        return build(name, entry.load())


@click.group(
    cls=_Lab,
    entries={
        name: Entry(f"nncli.lab.{name.replace('-', '_')}:run", each.summary) for name, each in DEMONSTRATIONS.items()
    },
    invoke_without_command=True,
)
@json_option
def command(as_json: bool) -> None:
    """Without a name, list them with their lecture slides.

    Example:
      nncli lab
      nncli lab xor
    """
    if click.get_current_context().invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("put --json after the demonstration's name")
        return
    if as_json:
        print_json([{"name": name, **each._asdict()} for name, each in DEMONSTRATIONS.items()])
        return
    console = results()
    rows = [(name, each.summary, each.slide) for name, each in DEMONSTRATIONS.items()]
    print_table(console, ["name", "what it shows", "lecture slide"], rows)
    console.print("Run one with nncli lab NAME, as in nncli lab xor.")
