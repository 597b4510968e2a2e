"""Overrides, such as `--set optimizer.learning_rate=0.05` or `--seed 7`, laid over the raw configuration."""

import re
from typing import Any, NamedTuple

from nncli.config.locations import Location, dotted, shown
from nncli.config.reader import MAX_DEPTH, read
from nncli.config.sources import OVERRIDE, Place, Sources

_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\[[0-9]{1,6}\])*)")
_MAX_LENGTH = 10_000


class _Misfit(Exception):  # noqa: N818 - becomes a line of a ConfigError
    """An override that cannot be laid over this configuration, and what to do about it."""


class Given(NamedTuple):
    """A value that has an option or a variable of its own; `origin` is its name, such as `NNCLI_DATA_DIR`."""

    origin: str
    location: Location
    value: str | int


def apply(sources: Sources, override: str | Given) -> None:
    """Write the value of `KEY=VALUE` over what stands at KEY; note a problem where that makes no sense.

    VALUE is read as YAML, so that `{name: adam}` replaces a whole section and `null` takes the key's
    default. What has an option of its own is written in the same way.
    """
    if isinstance(override, Given):
        place = Place.beside_file(override.origin, str(override.value))
    else:
        place = Place.beside_file(OVERRIDE, override)
    try:
        location, value = override[1:] if isinstance(override, Given) else _parse(override)
        for depth in range(1, len(location)):
            _open(sources, location[:depth], location[depth], place)
        container = sources.at(location[:-1])
        _check_index(container, location[:-1], location[-1])
    except _Misfit as misfit:
        if isinstance(override, str):  # else the file is wrong at the key's section, and that is said already
            sources.problems.append((place, str(misfit)))
        return
    container[location[-1]] = value
    sources.forget(location)
    sources.keys[location] = place
    for below in _locations(value, location):
        sources.values[below] = place


def _parse(override: str) -> tuple[Location, Any]:
    key, equals, text = override.partition("=")
    if not equals or len(override) > _MAX_LENGTH:
        raise _Misfit("expected KEY=VALUE, as in optimizer.learning_rate=0.05")
    location: list[int | str] = []
    for part in key.strip().split("."):
        step = _STEP.fullmatch(part)
        if not step:
            raise _Misfit(f"{shown(key)} is not a key, as in model.layers[0].units")
        location += [step[1], *map(int, re.findall(r"[0-9]+", step[2]))]
    if len(location) > MAX_DEPTH:
        raise _Misfit(f"a key of {len(location)} steps is nested deeper than {MAX_DEPTH} levels")
    if not text.strip():  # such as that of a shell variable that is not set
        raise _Misfit(f"{dotted(tuple(location))}: no value behind the =; write null to take the default")
    document = read(text)
    if document.problems:
        raise _Misfit(f"{dotted(tuple(location))}: {document.problems[0].text}")
    return tuple(location), document.value


def _open(sources: Sources, location: Location, following: int | str, place: Place) -> None:
    """See to it that a mapping or list stands at a location on the way to the key."""
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
            raise _Misfit(f"{dotted(location)} has {len(container)} entries; the first is [0], no [{step}]")
    elif not (isinstance(step, str) and isinstance(container, dict)):
        holds = "a list" if isinstance(step, int) else "a mapping"
        raise _Misfit(f"{dotted(location)} is {shown(container)}, not {holds}; override it as a whole")


def _locations(value: object, location: Location) -> list[Location]:
    """List a location and all those below it."""
    found = [location]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in items:
            found += _locations(inner, (*location, step))
    return found
