"""What a demonstration reports, as data: the command line shows it as text, as JSON or as a figure."""

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
    """Rows under headers; a column holds numbers where its header ends in a space.

    Attributes:
        split: where the screen is too narrow, continue below with the other columns, the first one repeated.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""
    split: bool = False


def numbers(header: str, first: Sequence[object], columns: Mapping[str, Sequence[str]], title: str) -> Table:
    """Return a table of columns of numbers by name, beside a first one."""
    rows = list(zip(first, *columns.values(), strict=True))
    return Table([f"{header} ", *(f"{name} " for name in columns)], rows, title, split=True)


def count_until(values: Sequence[float], level: float) -> int | None:
    """Return the number of values up to the first at this level or below, or None if there is none."""
    return next((count for count, each in enumerate(values, start=1) if each <= level), None)


class Images(NamedTuple):
    """Units of a layer as images of some shape (rows, columns)."""

    units: "UnitImages"
    shape: tuple[int, int]


Part: TypeAlias = Union[str, Strong, Verbatim, Table, Images]  # noqa: UP007 - a string is a paragraph


@dataclass(frozen=True)
class Report:
    """What a demonstration found.

    Attributes:
        parts: for a person, in order.
        values: the same as plain JSON values, every digit of them.
        titled: whether the demonstration's name and slide stand above the parts; not above a document of its own.
    """

    parts: Sequence[Part]
    values: Any
    titled: bool = True


@dataclass(frozen=True, kw_only=True)
class Illustrated(Report):
    """A report with a figure.

    Attributes:
        draw: makes the figure; matplotlib is only imported there.
    """

    draw: Callable[[], "Figure"]
