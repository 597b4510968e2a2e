"""Load a configuration: a file and overrides become a validated configuration with the origin of each value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

from nncli.config.files import read_text
from nncli.config.locations import dotted, leaves
from nncli.config.overrides import Override, apply
from nncli.config.problems import EXAMPLES, validate
from nncli.config.reader import read
from nncli.config.schema import Config
from nncli.config.sources import Sources
from nncli.config.writer import dumped
from nncli.errors import ConfigError
from nncli.filenames import as_text

_WORD = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})  # what the schema's \w matches


@dataclass(frozen=True)
class Resolved:
    """A configuration with the origin of each value.

    `origins` maps a dotted key such as `model.layers[0].units` to `file:line:column`, the option or variable that
    set the value, or `default`.
    """

    config: Config
    origins: dict[str, str]


def load(path: Path, overrides: Sequence[Override] = ()) -> Resolved:
    """Read a configuration file, apply overrides in order, and fill in the defaults.

    Raises:
        ConfigError: the file cannot be read, or the file or an override is invalid; one line for each problem,
            with its place.
    """
    return loads(read_text(path), name=str(path), stem=as_text(path.stem), overrides=overrides)


def loads(text: str, *, name: str, stem: str = "run", overrides: Sequence[Override] = ()) -> Resolved:
    """Load the text of a file called `name`, as `load` does."""
    return resolve(read(text, name), name=name, stem=stem, overrides=overrides)


def resolve(sources: Sources, *, name: str, stem: str, overrides: Sequence[Override] = ()) -> Resolved:
    """Load what was read from a file called `name`, as `load` does; the overrides change `sources`."""
    if not sources.complete:
        raise ConfigError(sources.lines([]))
    if not isinstance(sources.value, dict):
        what = "empty" if sources.value is None else "not a mapping of keys to values"
        raise ConfigError(sources.lines([]) or f"{name}:1:1: {what}; a minimal configuration is `{EXAMPLES['model']}`")
    if {"base", "space"} <= sources.value.keys():
        raise ConfigError(f"{name}:1:1: the file of a sweep, not a configuration; `nncli sweep` runs it")
    for each in overrides:
        apply(sources, each)
    raw = sources.value
    config, found = validate({**raw, "name": _name_after(stem)} if raw.get("name") is None else raw)
    lines = sources.lines(found)
    if lines or config is None:
        raise ConfigError(lines)
    origins = {dotted(location): sources.origin(location, value) for location, value in leaves(to_mapping(config))}
    return Resolved(config, origins)


def _name_after(stem: str) -> str:
    """Return a run's name for a file's: characters other than letters, digits, `.` and `_` become dashes."""
    kept = "".join(each if each == "." or category(each) in _WORD else " " for each in stem)
    return re.sub(" +", "-", kept)[:100].strip(".-") or "run"


def from_mapping(mapping: Mapping[str, object]) -> Config:
    """Return the validated configuration of a mapping, such as the one in a checkpoint.

    Raises:
        ConfigError: the mapping is invalid; one line, `key: what is wrong`, for each problem.
    """
    config, found = validate(mapping)
    if config is None:
        raise ConfigError([str(problem) for problem in found])
    return config


def to_mapping(config: Config) -> dict[str, Any]:
    """Return the whole configuration as plain JSON values."""
    return config.model_dump(mode="json")


def to_yaml(config: Config) -> str:
    """Return a configuration as YAML that `load` reads back to an equal one."""
    return dumped(to_mapping(config))
