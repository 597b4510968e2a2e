"""How a demonstration is declared and run: a function `run` with an annotation for each option, on one thread.

A demonstration is a module of this package with a function `run` that returns a Report. Each parameter is an option
of its command: `units: Annotated[int, Option("Hidden units.", minimum=2)] = 32` is --units, and a tuple of any length
is an option to repeat. A parameter `progress` receives a function that prints what has been done so far. The docstring
of `run` after its first line, with an example, is the command's help; its summary is in `nncli.lab.catalogue`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from nncli.engine import blas
from nncli.lab.report import Report


@dataclass(frozen=True)
class Option:
    """What the command line needs to know of a parameter beside its name, type and default.

    Attributes:
        help: one line.
        flag: what it is called, if not --name-of-the-parameter; a name without dashes is a positional argument.
        minimum, maximum: of a number.
        above_minimum: whether the minimum itself is too small.
        choices: what is allowed.
        metavar: what the help shows for the value.
        variable: an environment variable that sets it.
    """

    help: str = ""
    flag: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False
    choices: Sequence[str] = ()
    metavar: str | None = None
    variable: str | None = None


Progress: TypeAlias = Callable[[str], None]
Seed: TypeAlias = Annotated[int, Option("The seed.", minimum=0)]
HiddenLayers: TypeAlias = Annotated[
    tuple[int, ...],
    Option("Units of a hidden layer; repeat it for more layers.", minimum=1, maximum=5000),
]
DataDir: TypeAlias = Annotated[
    Path | None,
    Option("Folder with MNIST; without it, MNIST from the cache or generated digits.", variable="NNCLI_DATA_DIR"),
]


def perform(run: Callable[..., Report], /, **options: Any) -> Report:  # noqa: ANN401 - each demonstration's own
    """Run a demonstration on one thread: its products are too small to gain from more, and `cost` measures one."""
    with blas.one_thread():
        return run(**options)
