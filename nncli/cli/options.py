"""Options that several commands share, as decorators, and types of option values."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from nncli import durable
from nncli.cli.completion import Assignment, ConfigPath, RunPath
from nncli.errors import listed
from nncli.figures import FORMATS
from nncli.filenames import as_text

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)
PAGE = ".html"
"""Suffix of a web page."""


class Finite(click.FloatRange):
    """A number in a range; unlike click.FloatRange, it refuses NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's own
        """Return the number, or fail if it is not finite."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class OutputFile(click.Path):
    """The path of a file to write, in the format that its suffix names; fails early if it cannot be written."""

    def __init__(self, *formats: str) -> None:
        super().__init__(path_type=Path)
        self.formats = formats

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own
        """Return the path, or fail if its suffix is not one of `formats`."""
        if Path(value).suffix.lower() not in self.formats:
            self.fail(f"'{value}' must end in {listed(self.formats)}", param, ctx)
        durable.expect_writable(Path(value))
        return super().convert(value, param, ctx)


PictureFile = partial(OutputFile, *FORMATS)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as a JSON document.")
"""Parameter `as_json: bool`; print nothing but one JSON document on stdout."""

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    type=Assignment(),
    metavar="KEY=VALUE",
    callback=lambda _context, _parameter, given: tuple(map(as_text, given)),
    help="Override a configuration value, as in optimizer.learning_rate=0.05; repeatable.",
)
"""Parameter `overrides: tuple[str, ...]`."""


class _Threads(click.IntRange):
    """A number of threads, or `auto`."""

    name = "integer or auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own
        """Return the number, or `auto` as it is."""
        return value if value == "auto" else super().convert(value, param, ctx)


threads_option = click.option(
    "--threads",
    type=_Threads(min=1),
    metavar="N|auto",
    envvar="NNCLI_THREADS",
    show_envvar=True,
    help="Number of threads for matrix products.",
)
"""Parameter `threads: int | Literal["auto"] | None`."""

config_argument = click.argument("config_path", metavar="CONFIG", type=ConfigPath())
"""Parameter `config_path: Path`; `nncli.config.load.load` reports a file that cannot be read."""


def _both(first: Callable[[Command], Command], second: Callable[[Command], Command]) -> Callable[[Command], Command]:
    return lambda command: first(second(command))


checkpoint_option = click.option(
    "--checkpoint",
    "which",
    type=click.Choice(["best", "last"]),
    default="best",
    help="Checkpoint to use from a run folder; ignored if a checkpoint file is given.",
)
"""Parameter `which: "best" | "last"`."""

checkpoint_options = _both(click.argument("run", metavar="RUN_OR_CHECKPOINT", type=RunPath()), checkpoint_option)
"""Parameters `run: Path` and `which: "best" | "last"`."""

_DATA_DIR = "Folder with the four IDX files. Defaults to the user's cache, to which missing files are downloaded."
_OFFLINE = "Do not use the network; fail if data files are missing."

data_options = _both(
    click.option("--data-dir", type=PATH, envvar="NNCLI_DATA_DIR", show_envvar=True, help=_DATA_DIR),
    click.option("--offline", is_flag=True, envvar="NNCLI_OFFLINE", show_envvar=True, help=_OFFLINE),
)
"""Parameters `data_dir: Path | None` and `offline: bool`."""

_QUIET = "Print only results, warnings and errors."

verbosity_options = _both(
    click.option("-q", "--quiet", "verbosity", flag_value=-1, default=0, show_default=False, help=_QUIET),
    click.option("-v", "--verbose", "verbosity", flag_value=1, help="Print more detail."),
)
"""Parameter `verbosity: int`: -1 quiet, 0 normal, 1 verbose."""
