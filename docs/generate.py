"""Generate docs/cli.md from the commands, and update the code quoted on other pages; run by `make docs`."""

import inspect
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from textwrap import dedent, indent

import click

from nncli import errors
from nncli.cli.main import group

DOCS = Path(__file__).parent
HEAD = """\
# The command line

`make docs` generates this page from the commands; `nncli COMMAND --help` shows the same text. Results go to stdout;
progress, notes, warnings and errors go to stderr. Every command accepts `-h` or `--help`, and `--debug`, which shows
the traceback of an error. An option takes precedence over the environment variable shown after it.
"""
ALSO = {0: ["success"], 2: ["an invalid command, argument or option"], 130: ["interrupted"], 143: ["terminated"]}


def pages() -> dict[Path, str]:
    """Return the expected content of each page, by path."""
    reference = "\n".join([HEAD, *_command(group, None, "nncli"), *_exit_codes()])
    quoting = DOCS / "architecture.md"
    return {DOCS / "cli.md": reference, quoting: with_quotes(quoting.read_text(encoding="utf-8"))}


def with_quotes(page: str) -> str:
    """Update each block of Python that begins with the code it quotes, such as `# nncli/build.py: network`."""
    return re.sub(r"```python\n# (\S+)\.py: (\S+)\n.*?```", _quote, page, flags=re.DOTALL)


def _quote(block: re.Match[str]) -> str:
    path, name = block.groups()
    source = inspect.getsource(attrgetter(name)(import_module(path.replace("/", "."))))
    return f"```python\n# {path}.py: {name}\n{dedent(source)}```"


def _command(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    """Yield the section of a command, followed by those of its subcommands."""
    context = click.Context(command, parent, info_name=name, **command.context_settings)
    path = context.command_path
    description, _, example = (command.help or "").partition("\n\n\b\nExample:\n")
    yield f"{'###' if parent and parent.parent else '##'} {path}\n\n{description}\n"
    yield f"    {' '.join([path, *command.collect_usage_pieces(context)]).rstrip()}\n"
    yield from _options(context)
    yield f"Example:\n\n{indent(dedent(example), '    ').rstrip()}\n"
    inner = _subcommands(command, context)
    links = {f"[{each}](#{path}-{each})".replace(" ", "-"): found.short_help or "" for each, found in inner.items()}
    yield from _table("command", links)
    context.command = click.Group()  # the arguments of the group are not in their paths
    for each, found in inner.items():
        yield from _command(found, context, each)


def _subcommands(command: click.Command, context: click.Context) -> dict[str, click.Command]:
    """Return the commands of a group by name, in order; an empty dict for any other command."""
    if not isinstance(command, click.Group):
        return {}
    return {each: found for each in command.list_commands(context) if (found := command.get_command(context, each))}


def _options(context: click.Context) -> Iterator[str]:
    """Yield a table of a command's own options."""
    own = [each for each in context.command.params if isinstance(each, click.Option) and each.name != "debug"]
    records = [record for each in own if (record := each.get_help_record(context))]
    yield from _table("option", {f"`{names.replace(' RANGE', '')}`": text for names, text in records})


def _exit_codes() -> Iterator[str]:
    """Yield a table of the exit codes, from the docstring of `nncli.errors`."""
    meanings = {code: list(said) for code, said in ALSO.items()}
    for code, meaning in re.findall(r"Error +(\d+)  (.+)", errors.__doc__ or ""):
        meanings.setdefault(int(code), []).append(meaning)
    yield "## Exit codes\n"
    yield from _table("code", {str(code): "; ".join(meanings[code]) for code in sorted(meanings)})


def _table(header: str, rows: Mapping[str, str]) -> Iterator[str]:
    cells = [[cell.replace("|", r"\|") for cell in row] for row in rows.items()]
    if cells:
        yield "\n".join([f"| {header} | |", "|---|---|", *(f"| {' | '.join(row)} |" for row in cells)]) + "\n"


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
