"""Load a configuration or a dataset for a command.

Options take precedence over variables, and variables over the configuration file; the data folder that a run recorded
takes precedence over both, but not over an option.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console
from rich.filesize import decimal

from nncli import build
from nncli.cli.console import status, warn
from nncli.config.load import Resolved
from nncli.config.load import load as read_config
from nncli.config.overrides import Given
from nncli.config.schema import Config
from nncli.config.sources import OVERRIDE
from nncli.data.dataset import Dataset, Split
from nncli.data.load import load
from nncli.errors import DataError
from nncli.filenames import as_path, as_text
from nncli.runs import manifest
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest

VARIABLE = "NNCLI_DATA_DIR"
OPTION = "--data-dir"
_THREADS = ("training", "threads")


def load_config(
    path: Path,
    overrides: Sequence[str] = (),
    *,
    seed: int | None = None,
    data_dir: Path | None = None,
    threads: int | str | None = None,
) -> Resolved:
    """Load a configuration file with the overrides of NNCLI_DATA_DIR, NNCLI_THREADS and the command's options.

    The `data.dir` of the result is the folder to read data from; None means the cache or a download.

    Raises:
        ConfigError: the file or an override is invalid.
    """
    given: list[str | Given] = []
    if variable := os.environ.get(VARIABLE):
        given.append(Given(VARIABLE, ("data", "dir"), _as_setting(variable)))
    if variable := os.environ.get("NNCLI_THREADS"):
        given.append(Given("NNCLI_THREADS", _THREADS, int(variable) if variable.isdecimal() else variable))
    given += overrides
    if data_dir and _named("data_dir"):
        given.append(Given(OPTION, ("data", "dir"), _as_setting(str(data_dir))))
    if threads is not None and _named("threads"):
        given.append(Given("--threads", _THREADS, threads))
    if seed is not None:
        given.append(Given("--seed", ("seed",), seed))
    return read_config(path, given)


def config_of_run(resolved: Resolved, run: RunFolder) -> tuple[Config, Manifest]:
    """Return the configuration to resume a run with, and its manifest.

    The data folder is the one that the run recorded, unless an option names another.

    Raises:
        RunError: the manifest cannot be read.
    """
    config, record = resolved.config, manifest.read(run.manifest)
    if resolved.origins["data.dir"] in (OVERRIDE, OPTION):
        return config, record
    recorded = run.read_config()
    folder = _recorded_or(recorded.data.dir if recorded else None, config.data.dir)
    return build.reading_from(config, folder), record


def data_dir_of_run(recorded: str | None, data_dir: Path | None) -> Path | None:
    """Return the folder to read the data of a trained run from; None means the cache or a download.

    --data-dir takes precedence over the folder that the run recorded. NNCLI_DATA_DIR comes last, because it may have
    been set for other runs.
    """
    if _named("data_dir"):
        return data_dir
    folder = _recorded_or(recorded, os.environ.get(VARIABLE))
    return as_path(folder) if folder else None


def _recorded_or(recorded: str | None, other: str | None) -> str | None:
    """Return the folder that a run recorded, or the other if none was recorded or it no longer exists."""
    if not recorded or as_path(recorded).is_dir():
        return recorded or other or None
    instead = other if other and other != recorded else None
    reading = f"; reading {instead} instead" if instead else ""
    warn(f"warning: the data folder recorded for this run does not exist: {recorded}{reading}")
    return instead


def _named(parameter: str) -> bool:
    """Return whether a parameter was given by its option, and not by its variable."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def _as_setting(folder: str) -> str:
    """Return a folder's name as a string for the configuration.

    Raises:
        DataError: the name is not UTF-8, as a configuration must be.
    """
    text = as_text(folder)
    if as_path(text) != Path(folder):
        raise DataError(f"{text}: a folder whose name is not UTF-8 cannot be recorded; use a symbolic link to it")
    return text


def load_for_training(config: Config, *, offline: bool, console: Console, trained_on: str | None = None) -> Dataset:
    """Return the training split of a configuration's data, or of its fallback.

    A run that was `trained_on` the fallback is resumed on it, even if the other data is available now.

    Raises:
        DataError: the data is missing or corrupt.
    """
    reason = None
    with loading(console, config.data.name) as on_progress:
        if config.data.fallback and config.data.fallback == trained_on:
            data = load(config.data.fallback, "train")
        else:
            data, reason = build.dataset(config, "train", offline=offline, on_progress=on_progress)
    if reason is not None:
        warn(f"warning: {config.data.name} is not available: {reason}")
    if data.name != config.data.name:
        warn(f"WARNING: USING {data.name.upper()} INSTEAD OF {config.data.name.upper()}")
    return data


def load_by_name(name: str, split: Split, folder: Path | None, *, offline: bool, console: Console) -> Dataset:
    """Return one split of a dataset; see `nncli.data.load.load`."""
    with loading(console, name) as on_progress:
        return load(name, split, directory=folder, offline=offline, on_progress=on_progress)


@contextmanager
def loading(console: Console, name: str) -> Iterator[Callable[[int, int, str], None]]:
    """Print a line for each download within the block, and show its progress on a terminal.

    The block receives a function to call with the bytes done, the total bytes, and a description.
    """
    printed = set()
    with status(console, f"loading {name}") as say:

        def on_progress(done: int, total: int, what: str) -> None:
            say(f"{decimal(done)} of {decimal(total)}")
            if what not in printed:
                printed.add(what)
                console.print(f"{what} ({decimal(total)}) ...", soft_wrap=True)

        yield on_progress
