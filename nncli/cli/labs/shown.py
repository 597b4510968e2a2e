"""What the demonstrations share on the screen: a heading, tables that fit, and pictures to a file."""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])

_TEXT = 18  # characters of a column of text that it should not be narrower than, if it has as many


class Finite(click.FloatRange):
    """A number in a range; unlike Click's own, no NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's own
        """Refuse what is no finite number."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


def output_option(command: Command) -> Command:
    """Add --output (parameter `output: Path | None`): where the picture goes."""
    return click.option("--output", type=click.Path(path_type=Path), help="Draw a picture, to this PNG file.")(command)


def data_dir_option(command: Command) -> Command:
    """Add --data-dir (parameter `data_dir: Path | None`), for `nncli.lab.digits.load_digits`."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        envvar="NNCLI_DATA_DIR",
        show_envvar=True,
        help="Folder with MNIST; without it, MNIST from the cache, or digits drawn here.",
    )(command)


def seed_option(command: Command) -> Command:
    """Add --seed (parameter `seed: int`)."""
    return click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of all randomness.")(
        command
    )


def save_picture(path: Path, png: bytes) -> None:
    """Write a picture whole or not at all, and say on stderr where it is.

    Raises:
        RunError: it cannot be written.
    """
    from nncli.runs import durable

    durable.write(path, [png])
    click.echo(f"{path} written", err=True)


def print_heading(console: "Console", name: str) -> None:
    """Say which demonstration this is and which slide of the lecture it runs."""
    from nncli.lab.catalogue import DEMONSTRATIONS

    each = DEMONSTRATIONS[name]
    console.print(each.summary, style="bold")
    console.print(f'Lecture slide: "{each.slide}"', style="dim")


def print_table(console: "Console", headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print rows under headers: text to the left, numbers (or what stands for one) to the right and never broken.

    A column is of numbers where its header ends in a space; the space is not printed. Where the screen is too narrow
    for that, each row is printed as a list of its cells.
    """
    from rich import box
    from rich.table import Table

    texts = [[str(cell) for cell in row] for row in rows]
    if title:
        console.print(title, style="bold")
    if _needed(headers, texts) > console.width:
        _print_lists(console, headers, texts)
        return
    table = Table(box=box.SIMPLE, pad_edge=False)
    for header in headers:
        number = header.endswith(" ")
        table.add_column(header.strip(), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in texts:
        table.add_row(*row)
    console.print(table)


def _needed(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Give the width below which a table is hard to read: whole numbers, and a few words of each text."""
    width = 0
    for header, *cells in zip(headers, *rows, strict=True):
        longest = max(map(len, [header.strip(), *cells]))
        width += 3 + (longest if header.endswith(" ") else min(longest, _TEXT))
    return width


def _print_lists(console: "Console", headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for row in rows:
        console.print()
        for header, cell in zip(headers, row, strict=True):
            console.print(f"{header.strip()}: {cell}" if header.strip() else cell)
    console.print()
