"""A configuration file and overrides become a validated configuration that knows its origins."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

from nncli.config.files import read_text
from nncli.config.locations import dotted, leaves
from nncli.config.overrides import Given, apply
from nncli.config.problems import validate
from nncli.config.reader import read
from nncli.config.schema import Config
from nncli.config.sources import Place, Sources
from nncli.config.writer import to_yaml
from nncli.errors import ConfigError
from nncli.filenames import as_text

__all__ = ["MINIMAL", "Resolved", "from_mapping", "load", "loads", "to_mapping", "to_yaml"]

_WORD = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})  # what the schema's \w matches

MINIMAL = "model: {layers: [{units: 10}]}"


@dataclass(frozen=True)
class Resolved:
    """A configuration with the origin of each value.

    `origins` maps a dotted key such as `model.layers[0].units` to `file:line:column`, the name of the option or
    variable that gave the value, or `default`.
    """

    config: Config
    origins: dict[str, str]


def load(path: Path, overrides: Sequence[str | Given] = ()) -> Resolved:
    """Read a configuration file, lay overrides over it, of which the last holds, and fill in the defaults.

    Raises:
        ConfigError: the file cannot be read, or anything in it or in an override is wrong; one line for
            every problem, with its place.
    """
    return loads(read_text(path), name=str(path), stem=as_text(path.stem), overrides=overrides)


def loads(text: str, *, name: str, stem: str = "run", overrides: Sequence[str | Given] = ()) -> Resolved:
    """Do what `load` does with the text of a file that is called `name`."""
    document = read(text)
    sources = Sources(
        document.value,
        {location: Place.in_file(name, at.line, at.column) for location, at in document.values.items()},
        {location: Place.in_file(name, at.line, at.column) for location, at in document.keys.items()},
    )
    for problem in document.problems:
        place = Place.in_file(name, problem.position.line, problem.position.column)
        sources.refuse(place, problem.location, problem.text)
    if not document.complete:
        raise ConfigError(sources.lines([]))
    if not isinstance(document.value, dict):
        what = "empty" if document.value is None else "not a mapping of keys to values"
        raise ConfigError(sources.lines([]) or f"{name}:1:1: {what}; a minimal configuration is `{MINIMAL}`")
    for each in overrides:
        apply(sources, each)
    return _resolve(sources, stem)


def from_mapping(mapping: Mapping[str, object]) -> Config:
    """Validate a configuration that is already a mapping, such as the one in a checkpoint.

    Raises:
        ConfigError: one line `key: what is wrong` for every problem.
    """
    config, found = validate(mapping)
    if config is None:
        raise ConfigError([f"{dotted(location)}: {text}" if location else text for location, text, *_ in found])
    return config


def to_mapping(config: Config) -> dict[str, Any]:
    """Give the whole configuration as plain values, as JSON and YAML know them."""
    return config.model_dump(mode="json")


def _name_after(stem: str) -> str:
    """Make a run's name of a file's: what is no letter, digit, `.` or `_` of any script becomes a dash."""
    kept = "".join(each if each == "." or category(each) in _WORD else " " for each in stem)
    return re.sub(" +", "-", kept)[:100].strip(".-") or "run"


def _resolve(sources: Sources, stem: str) -> Resolved:
    raw = sources.value
    if raw.get("name") is None:
        raw = {**raw, "name": _name_after(stem)}
    config, found = validate(raw)
    lines = sources.lines(found)
    if lines or config is None:
        raise ConfigError(lines)
    origins = {dotted(location): sources.origin(location, value) for location, value in leaves(to_mapping(config))}
    return Resolved(config, origins)
