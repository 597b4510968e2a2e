"""What a demonstration reports, as data: the command line prints it as text or JSON, or draws its figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nncli.figures.units import UnitImages


class Strong(NamedTuple):
    """A paragraph that stands out: a heading, or a conclusion."""

    text: str


class Verbatim(NamedTuple):
    """Lines that are not wrapped."""

    text: str


class Table(NamedTuple):
    """Rows under headers; a column holds numbers if its header ends in a space."""

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""
    split: bool = False  # on a narrow screen, print the other columns below, with the first one repeated


class Images(NamedTuple):
    """Units of a layer as images of some shape (rows, columns)."""

    units: "UnitImages"
    shape: tuple[int, int]


Part: TypeAlias = Union[str, Strong, Verbatim, Table, Images]  # noqa: UP007 - a string is a paragraph


@dataclass(frozen=True)
class Report:
    """What a demonstration found."""

    parts: Sequence[Part]  # for the reader, in order
    values: Any  # the same as plain JSON values, with every digit
    titled: bool = True  # whether the demonstration's summary and slide are printed above the parts


@dataclass(frozen=True, kw_only=True)
class Illustrated(Report):
    """A report with a figure, which is drawn only on request."""

    draw: Callable[[], "Figure"]


def numbers(header: str, first: Sequence[object], columns: Mapping[str, Sequence[str]], title: str) -> Table:
    """Return a table of columns of numbers by name, to the right of a first one."""
    rows = list(zip(first, *columns.values(), strict=True))
    return Table([f"{header} ", *(f"{name} " for name in columns)], rows, title, split=True)


def count_until(values: Sequence[float], level: float) -> int | None:
    """Return the number of values up to the first at this level or below, or None if there is none."""
    return next((count for count, each in enumerate(values, start=1) if each <= level), None)
