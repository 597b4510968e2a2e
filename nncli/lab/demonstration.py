"""What a demonstration is: a function `run` with an annotation for each option, which returns a report as data.

A demonstration is a module of this package with a function `run` that returns a Report. Each parameter is an option
of its command: `units: Annotated[int, Option("Hidden units.", minimum=2)] = 32` becomes --units, and a tuple of any
length a repeatable option. A parameter `progress` receives a function that prints progress. The command's help is the
summary in `nncli.lab.catalogue`, then the docstring of `run` without its first line. The command line prints the
report as text or JSON, or draws its figure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nncli.figures.units import UnitImages


@dataclass(frozen=True)
class Option:
    """What the command line needs to know about a parameter in addition to its name, type and default."""

    help: str = ""
    flag: str = ""  # instead of --name-of-the-parameter; without dashes, a positional argument
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False  # whether the minimum itself is too small
    choices: Sequence[str] = ()
    metavar: str | None = None
    variable: str | None = None  # an environment variable that sets it


Progress: TypeAlias = Callable[[str], None]
Seed: TypeAlias = Annotated[int, Option("Seed for all random numbers.", minimum=0)]
HiddenLayers: TypeAlias = Annotated[
    tuple[int, ...],
    Option("Number of units in a hidden layer; repeat for each layer.", minimum=1, maximum=5000),
]
DataDir: TypeAlias = Annotated[
    Path | None,
    Option("Folder with the IDX files; defaults to the cache, or to generated digits.", variable="NNCLI_DATA_DIR"),
]


class Strong(NamedTuple):
    """A paragraph that stands out: a heading, or a conclusion."""

    text: str


class Verbatim(NamedTuple):
    """Lines that are not wrapped."""

    text: str


class Number(str):
    """The header of a column of numbers, which is right-aligned and never wrapped."""

    __slots__ = ()


def numbers(*headers: str) -> list[Number]:
    """Return the headers of columns of numbers."""
    return [Number(header) for header in headers]


class Table(NamedTuple):
    """Rows under headers; columns of numbers have theirs from `numbers`, as in `["node", *numbers("value")]`."""

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""
    split: bool = False  # on a narrow screen, print the other columns below, with the first one repeated

    @classmethod
    def of_numbers(
        cls, header: str, first: Sequence[object], columns: Mapping[str, Sequence[str]], title: str
    ) -> "Table":
        """Return a table of columns of numbers by name, to the right of a first one."""
        rows = list(zip(first, *columns.values(), strict=True))
        return cls(numbers(header, *columns), rows, title, split=True)


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


def count_until(values: Sequence[float], level: float) -> int | None:
    """Return the number of values up to the first at this level or below, or None if there is none."""
    return next((count for count, each in enumerate(values, start=1) if each <= level), None)
