"""Precedence of options over NNCLI_DATA_DIR over configuration files, and of the data folder that a run recorded."""

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

VARIABLE = "NNCLI_DATA_DIR"
OPTION = "--data-dir"


def load_config(
    path: Path, overrides: Sequence[str] = (), *, seed: int | None = None, data_dir: Path | None = None
) -> Resolved:
    """Load a configuration file with the overrides of NNCLI_DATA_DIR and of the command's options.

    The `data.dir` of the result is the folder to read data from; None means the cache or a download.

    Raises:
        ConfigError: the file or an override is invalid.
    """
    given: list[str | Given] = []
    if variable := os.environ.get(VARIABLE):
        given.append(Given(VARIABLE, ("data", "dir"), _as_setting(variable)))
    given += overrides
    if option := _by_option(data_dir):
        given.append(Given(OPTION, ("data", "dir"), _as_setting(str(option))))
    if seed is not None:
        given.append(Given("--seed", ("seed",), seed))
    return load(path, given)


def config_of_run(resolved: Resolved, run: RunFolder) -> tuple[Config, str]:
    """Return the configuration to resume a run with, and the name of the data that it was trained on.

    The data folder is the one that the run recorded, unless an option names another.

    Raises:
        RunError: the manifest cannot be read.
    """
    config, trained_on = resolved.config, manifest.read(run.manifest).data.name
    if resolved.origins["data.dir"] in (OVERRIDE, OPTION):
        return config, trained_on
    recorded = run.read_config()
    folder = _recorded_or(recorded.data.dir if recorded else None, config.data.dir)
    return reading_from(config, folder), trained_on


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
    named = click.get_current_context().get_parameter_source("data_dir") is ParameterSource.COMMANDLINE
    return data_dir if named else None


def _as_setting(folder: str) -> str:
    """Return a folder's name as a string for the configuration.

    Raises:
        DataError: the name is not UTF-8, as a configuration must be.
    """
    text = as_text(folder)
    if as_path(text) != Path(folder):
        raise DataError(f"{text}: a folder whose name is not UTF-8 cannot be recorded; give a symbolic link to it")
    return text
