"""Print tables that stay readable on any terminal: numbers never wrap, and narrow terminals get lists."""

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from nncli.lab.demonstration import Number

_TEXT = 18  # characters: the least width of a column of text whose cells are longer


def print_table(
    console: Console,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    title: str = "",
    *,
    split: bool = False,
) -> None:
    """Print rows under headers, with strings left-aligned and numbers right-aligned.

    A column holds numbers if its header is a `Number`. A cell may have several lines. If the terminal is too narrow,
    each row is printed as a list of its cells. With `split`, columns that do not fit are printed below instead, next
    to a copy of the first column.
    """
    columns = _columns(headers, rows)
    if title:
        console.print(title, style="bold")
    tables = [_table(group) for group in (_groups(columns, console) if split else [columns])]
    if all(fits(table, console) for table in tables):
        for table in tables:
            console.print(table)
    else:
        _print_lists(console, columns)


def split_tables(console: Console, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Table]:
    """Return the tables that `print_table` prints with `split`."""
    return [_table(group) for group in _groups(_columns(headers, rows), console)]


def fits(table: Table, console: Console) -> bool:
    """Return whether every column of a table can have at least its minimum width."""
    unbounded = console.options.update(max_width=10_000)
    return console.measure(table, options=unbounded).minimum <= console.width


def _columns(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> list[tuple[str, ...]]:
    return list(zip(headers, *([str(cell) for cell in row] for row in rows), strict=True))


def _groups(columns: Sequence[Sequence[str]], console: Console) -> Iterator[list[Sequence[str]]]:
    """Yield groups of the first column and as many of the others as fit, until each has been in one."""
    first, *others = columns
    group = [first]
    for column in others:
        if len(group) > 1 and not fits(_table([*group, column]), console):
            yield group
            group = [first]
        group.append(column)
    yield group


def _table(columns: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for header, *cells in columns:
        number = isinstance(header, Number)
        longest = max(cell_len(line) for cell in [header, *cells] for line in cell.split("\n"))
        table.add_column(
            header,
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
            min_width=longest if number else min(longest, _TEXT),
        )
    for row in zip(*(cells for _, *cells in columns), strict=True):
        table.add_row(*row)
    return table


def _print_lists(console: Console, columns: Sequence[Sequence[str]]) -> None:
    """Print the cells of each row below one another; the lines of a cell stay aligned."""
    headers = [header for header, *_ in columns]
    for row in zip(*(cells for _, *cells in columns), strict=True):
        console.print()
        for header, cell in zip(headers, row, strict=True):
            if "\n" in cell:
                lines = [f"{header}:", *(f"  {line}" for line in cell.split("\n"))]
                console.print("\n".join(lines), no_wrap=True, crop=False)
            elif cell:
                console.print(f"{header}: {cell.strip()}" if header else cell)
    console.print()
