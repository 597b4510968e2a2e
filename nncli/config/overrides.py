"""Overrides of the raw configuration, such as `--set optimizer.learning_rate=0.05` or `--seed 7`."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from nncli.config.locations import Location, Problem, dotted, shown
from nncli.config.reader import MAX_DEPTH, read
from nncli.config.sources import OVERRIDE, Place, Sources

_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\[[0-9]{1,6}\])*)")
_MAX_LENGTH = 10_000


class _Misfit(ValueError):  # noqa: N818 - becomes a line of a ConfigError
    """An override that does not fit this configuration."""


class Given(NamedTuple):
    """A value from an option or a variable of its own; `origin` is its name, such as `NNCLI_DATA_DIR`."""

    origin: str
    location: Location
    value: str | int


class Placed(NamedTuple):
    """A value from another file, such as a point of a sweep, and its place there."""

    place: Place
    location: Location
    value: Any


Override = str | Given | Placed
"""A string is `KEY=VALUE`, as for `--set`."""


def apply(sources: Sources, override: Override) -> None:
    """Set the value at the key of an override; add a problem if it does not fit.

    The VALUE of `KEY=VALUE` is read as YAML: `{name: adam}` replaces a whole section, and `null` restores the default.
    """
    try:
        if isinstance(override, Placed):
            place = override.place
            _write(sources, override.location, override.value, [()], place)
        elif isinstance(override, Given):
            place = Place.beside_file(override.origin, str(override.value))
            _write(sources, override.location, override.value, [()], place)
        else:
            place = Place.beside_file(OVERRIDE, override)
            _write(sources, *_parse(override), place)
    except _Misfit as misfit:
        if not isinstance(override, Given):  # otherwise the section in the file is wrong, which is reported anyway
            sources.problems.append((place, Problem((), str(misfit))))


def _write(sources: Sources, location: Location, value: object, below: Iterable[Location], place: Place) -> None:
    for depth in range(1, len(location)):
        _open(sources, location[:depth], location[depth], place)
    container = sources.at(location[:-1])
    _check_index(container, location[:-1], location[-1])
    container[location[-1]] = value
    sources.forget(location)
    sources.keys[location] = place
    sources.values.update({location + inner: place for inner in below})


def _parse(override: str) -> tuple[Location, Any, Iterable[Location]]:
    """Return the location of the key, the value, and the locations within the value."""
    key, equals, text = override.partition("=")
    if not equals or len(override) > _MAX_LENGTH:
        raise _Misfit("expected KEY=VALUE, as in optimizer.learning_rate=0.05")
    location = location_of(key)
    if not text.strip():  # such as the value of a shell variable that is not set
        raise _Misfit(f"{dotted(location)}: no value after the =; write null for the default")
    given = read(text)
    if given.problems:
        raise _Misfit(f"{dotted(location)}: {given.problems[0][1].text}")
    return location, given.value, given.values


def location_of(key: str) -> Location:
    """Return the location of a key such as `model.layers[0].units`; ValueError if it is not a key."""
    location: Location = ()
    for part in key.strip().split("."):
        step = _STEP.fullmatch(part)
        if not step:
            raise _Misfit(f"{shown(key)} is not a valid key; use the form model.layers[0].units")
        location += (step[1], *map(int, re.findall(r"[0-9]+", step[2])))
    if len(location) > MAX_DEPTH:
        raise _Misfit(f"the key has {len(location)} parts, but at most {MAX_DEPTH} are allowed")
    return location


def _open(sources: Sources, location: Location, following: int | str, place: Place) -> None:
    """Ensure that a mapping or list exists at a location on the way to the key."""
    container, step = sources.at(location[:-1]), location[-1]
    _check_index(container, location[:-1], step)
    present = container[step] if isinstance(step, int) else container.get(step)
    if present is None and isinstance(following, str):
        container[step] = {}
        sources.values[location] = sources.keys[location] = place
    elif present is None:
        raise _Misfit(f"{dotted(location)} is not in the file, so it has no [{following}]")


def _check_index(container: object, location: Location, step: int | str) -> None:
    if isinstance(step, int) and isinstance(container, list):
        if step >= len(container):
            raise _Misfit(f"{dotted(location)} has no [{step}] (number of entries, counted from [0]: {len(container)})")
    elif not (isinstance(step, str) and isinstance(container, dict)):
        holds = "a list" if isinstance(step, int) else "a mapping"
        raise _Misfit(f"{dotted(location)} is {shown(container)}, not {holds}; override it as a whole")
