"""What the demonstrations share: options, a heading, and the order in which they save and print."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from nncli.cli.options import PictureFile

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])


class Found(Protocol):
    """What a demonstration found."""

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        ...


AnyFound = TypeVar("AnyFound", bound=Found)


def output_option(command: Command) -> Command:
    """Add --output (parameter `output: Path | None`): where the picture goes."""
    return click.option("--output", type=PictureFile(), help="Draw a figure, to this PNG, SVG or PDF file.")(command)


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


def save_picture(path: Path, figure: "Figure") -> None:
    """Write a figure in the format that the path's suffix names, and say on stderr where it is.

    Raises:
        WriteError: it cannot be written.
    """
    from nncli.figures.page import save

    save(figure, path)
    click.echo(f"{path} written", err=True)


def present(
    document: object,
    show: Callable[["Console"], None],
    *,
    as_json: bool,
    output: Path | None = None,
    save: Callable[[Path], None] | None = None,
) -> None:
    """Save what a demonstration found, then print it: who reads only the beginning has the whole file all the same.

    Args:
        document: what --json prints.
        show: prints the same for a person.
        as_json: which of the two.
        output: the file wanted, if one is.
        save: writes it.

    Raises:
        WriteError: the file cannot be written; nothing is printed then.
    """
    from nncli.cli.console import print_json, results

    if output is not None and save is not None:
        save(output)
    if as_json:
        print_json(document)
    else:
        show(results())


def present_found(
    found: AnyFound,
    show: Callable[["Console", AnyFound], None],
    *,
    as_json: bool,
    output: Path | None = None,
    draw: Callable[[AnyFound], "Figure"] | None = None,
) -> None:
    """Present a demonstration whose report is all that it prints, as JSON or by `show`, and that `draw` pictures.

    Raises:
        WriteError: the figure cannot be written; nothing is printed then.
    """
    present(
        found.to_dict(),
        lambda console: show(console, found),
        as_json=as_json,
        output=output,
        save=None if draw is None else lambda path: save_picture(path, draw(found)),
    )


def print_heading(console: "Console", name: str) -> None:
    """Say which demonstration this is and which slide of the lecture it runs."""
    from nncli.lab.catalogue import DEMONSTRATIONS

    each = DEMONSTRATIONS[name]
    console.print(each.summary, style="bold")
    console.print(f'Lecture slide: "{each.slide}"', style="dim")
