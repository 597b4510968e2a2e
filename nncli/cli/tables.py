"""Tables that stay readable on any screen: numbers are never broken, and narrow screens get lists."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_TEXT = 18  # characters below which a column of text is hard to read, if its cells are longer


def print_table(console: "Console", headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print rows under headers: text on the left, numbers (or what stands for one) on the right and never broken.

    A header that ends in a space marks a column of numbers; the space is not printed. Where the screen is too narrow,
    each row is printed as a list of its cells.
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
    """Return the width below which a table is hard to read: unbroken numbers, and a few words of each text."""
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
