"""How a demonstration is declared and run: a function `run` with an annotation for each option, on one thread.

A demonstration is a module of this package with a function `run` that returns a Report. Each parameter is an option
of its command: `units: Annotated[int, Option("Hidden units.", minimum=2)] = 32` becomes --units, and a tuple of any
length a repeatable option. A parameter `progress` receives a function that prints progress. The command's help is the
summary in `nncli.lab.catalogue`, then the docstring of `run` without its first line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from nncli.engine import blas
from nncli.lab.report import Report


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


def perform(run: Callable[..., Report], /, **options: Any) -> Report:  # noqa: ANN401 - each demonstration's own
    """Run a demonstration on one thread: its matrices are too small to gain from more, and `cost` measures one."""
    with blas.one_thread():
        return run(**options)
