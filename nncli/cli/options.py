"""The options that commands share, one decorator each, and the types of their values."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from nncli import durable
from nncli.figures import FORMATS
from nncli.filenames import as_text

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


class Finite(click.FloatRange):
    """A number in a range; unlike Click's own, no NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's own
        """Refuse what is no finite number."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class OutputFile(click.Path):
    """The path of a file to write, whose suffix names its format; an error before any work where it cannot be."""

    def __init__(self, *formats: str) -> None:
        super().__init__(path_type=Path)
        self.formats = formats

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own
        """Refuse what ends differently, such as a checkpoint given by mistake."""
        if Path(value).suffix.lower() not in self.formats:
            self.fail(f"'{value}' must end in {', '.join(self.formats[:-1])} or {self.formats[-1]}", param, ctx)
        durable.expect_writable(Path(value))
        return super().convert(value, param, ctx)


PictureFile = partial(OutputFile, *FORMATS)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
"""Parameter `as_json: bool`: one JSON document on stdout, and nothing else there."""

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    callback=lambda _context, _parameter, given: tuple(map(as_text, given)),
    help="Override a value of the configuration, as in optimizer.learning_rate=0.05; repeatable.",
)
"""Parameter `overrides: tuple[str, ...]`."""

config_argument = click.argument("config_path", metavar="CONFIG", type=PATH)
"""Parameter `config_path: Path`; that it can be read is for `load` to say."""


def checkpoint_options(command: Command) -> Command:
    """Add RUN_OR_CHECKPOINT (parameter `run: Path`) and --checkpoint (`which: "best" | "last"`)."""
    command = click.option(
        "--checkpoint",
        "which",
        type=click.Choice(["best", "last"]),
        default="best",
        show_default=True,
        help="Which checkpoint of a run folder; a checkpoint file is taken as it is.",
    )(command)
    return click.argument("run", metavar="RUN_OR_CHECKPOINT", type=PATH)(command)


def data_options(command: Command) -> Command:
    """Add --data-dir (parameter `data_dir: Path | None`) and --offline (`offline: bool`)."""
    command = click.option(
        "--offline",
        is_flag=True,
        envvar="NNCLI_OFFLINE",
        show_envvar=True,
        help="Never use the network; data that is not on this machine is an error.",
    )(command)
    return click.option(
        "--data-dir",
        type=PATH,
        envvar="NNCLI_DATA_DIR",
        show_envvar=True,
        help="Folder with the four IDX files; without it, the cache and then a download.",
    )(command)


def verbosity_options(command: Command) -> Command:
    """Add -q and -v (parameter `verbosity: int`): -1 quiet, 0 as usual, 1 in detail."""
    command = click.option("-v", "--verbose", "verbosity", flag_value=1, type=int, help="Say more.")(command)
    quiet = "Print results, warnings and errors only."
    return click.option("-q", "--quiet", "verbosity", flag_value=-1, type=int, default=0, help=quiet)(command)
