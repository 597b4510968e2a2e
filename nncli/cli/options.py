"""The options that commands share, one decorator each, and the types of their values."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from nncli import durable
from nncli.figures import FORMATS
from nncli.filenames import as_text

Command = TypeVar("Command", bound=Callable[..., Any])


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


class PictureFile(OutputFile):
    """The path of a figure to write, in one of nncli.figures.FORMATS."""

    def __init__(self) -> None:
        super().__init__(*FORMATS)


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
        type=click.Path(path_type=Path),
        envvar="NNCLI_DATA_DIR",
        show_envvar=True,
        help="Folder with the four IDX files; without it, the cache and then a download.",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json (parameter `as_json: bool`): one JSON document on stdout, and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


def verbosity_options(command: Command) -> Command:
    """Add -q and -v (parameter `verbosity: int`): -1 quiet, 0 as usual, 1 and more in detail."""
    command = click.option("-v", "--verbose", "verbosity", flag_value=1, type=int, help="Say more.")(command)
    return click.option(
        "-q",
        "--quiet",
        "verbosity",
        flag_value=-1,
        type=int,
        default=0,
        help="Print results, warnings and errors only.",
    )(command)


def set_option(command: Command) -> Command:
    """Add --set KEY=VALUE, repeatable (parameter `overrides: tuple[str, ...]`)."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        callback=lambda _context, _parameter, given: tuple(map(as_text, given)),
        help="Override a value of the configuration, as in optimizer.learning_rate=0.05; repeatable.",
    )(command)


def config_argument(command: Command) -> Command:
    """Add the argument CONFIG (parameter `config_path: Path`); that it can be read is for `load` to say."""
    return click.argument("config_path", metavar="CONFIG", type=click.Path(path_type=Path))(command)
