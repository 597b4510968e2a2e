"""Option > NNCLI_DATA_DIR > file > default: where they meet, for a configuration and for the data of a run."""

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
    """Load a configuration file, and lay over it what the variable and this command's options say.

    Its `data.dir` is then the folder to read data from; null stands for the cache, or a download.

    Raises:
        ConfigError: the file, or what is laid over it, is wrong.
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
    """Return the configuration to resume a run with, and the name of the data that it began on.

    It reads the folder that the run recorded, unless an option names another.

    Raises:
        RunError: the manifest cannot be read.
    """
    config, begun_on = resolved.config, manifest.read(run.manifest).data.name
    if resolved.origins["data.dir"] in (OVERRIDE, OPTION):
        return config, begun_on
    recorded = run.read_config()
    folder = _recorded_or(recorded.data.dir if recorded else None, config.data.dir)
    return reading_from(config, folder), begun_on


def data_dir_of_run(recorded: str | None, data_dir: Path | None) -> Path | None:
    """Return the folder to read the data of a trained run from; None stands for the cache, or a download.

    That is the folder the run recorded, unless --data-dir names one: NNCLI_DATA_DIR may have been set for other runs,
    and counts only where there is no such folder.
    """
    if option := _by_option(data_dir):
        return option
    folder = _recorded_or(recorded, os.environ.get(VARIABLE))
    return as_path(folder) if folder else None


def _recorded_or(recorded: str | None, other: str | None) -> str | None:
    """Return the folder that a run recorded; where it recorded none, or that does not exist any more, the other."""
    if not recorded or as_path(recorded).is_dir():
        return recorded or other or None
    instead = other if other and other != recorded else None
    reading = f"; reading {instead} instead" if instead else ""
    warn(f"warning: the folder that this run's data was read from does not exist: {recorded}{reading}")
    return instead


def _by_option(data_dir: Path | None) -> Path | None:
    """Return the folder that --data-dir names: the parameter may also come from the variable."""
    named = click.get_current_context().get_parameter_source("data_dir") is ParameterSource.COMMANDLINE
    return data_dir if named else None


def _as_setting(folder: str) -> str:
    """Return a folder's name as a configuration holds it.

    Raises:
        DataError: it is not UTF-8, and a configuration is.
    """
    text = as_text(folder)
    if as_path(text) != Path(folder):
        raise DataError(f"{text}: a folder whose name is not UTF-8 cannot be recorded; read it through a link")
    return text
