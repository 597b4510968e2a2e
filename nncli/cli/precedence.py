"""Precedence of options over variables over configuration files, and of the data folder that a run recorded."""

import os
from collections.abc import Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from nncli.build import reading_from
from nncli.cli.console import warn
from nncli.config.load import Resolved, load
from nncli.config.overrides import Given
from nncli.config.schema import Config
from nncli.config.sources import OVERRIDE
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
    if option := _by_option(data_dir):
        given.append(Given(OPTION, ("data", "dir"), _as_setting(str(option))))
    if threads is not None and _named("threads"):
        given.append(Given("--threads", _THREADS, threads))
    if seed is not None:
        given.append(Given("--seed", ("seed",), seed))
    return load(path, given)


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
    return reading_from(config, folder), record


def data_dir_of_run(recorded: str | None, data_dir: Path | None) -> Path | None:
    """Return the folder to read the data of a trained run from; None means the cache or a download.

    A folder from --data-dir comes first, then the one that the run recorded. NNCLI_DATA_DIR comes last, because it
    may have been set for other runs.
    """
    if option := _by_option(data_dir):
        return option
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


def _by_option(data_dir: Path | None) -> Path | None:
    """Return the folder if it was given by --data-dir, and not by the variable."""
    return data_dir if _named("data_dir") else None


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
        raise DataError(f"{text}: a folder whose name is not UTF-8 cannot be recorded; give a symbolic link to it")
    return text
