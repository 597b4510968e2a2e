"""Locations within a configuration, such as ("model", "layers", 1, "units"), and how a person writes them."""

from collections.abc import Iterator
from typing import NamedTuple

Location = tuple[int | str, ...]

# A person mends the first problems of a hopeless file before they read on; explaining thousands takes long.
MAX_PROBLEMS = 50


class Problem(NamedTuple):
    """What is wrong, where, and whether the key itself is (an unknown one) or its value.

    `of_variant` tells that the section has other keys under another `name`.
    """

    location: Location
    text: str
    of_key: bool = False
    of_variant: bool = False


def dotted(location: Location) -> str:
    """Write a location as a person does: `model.layers[1].units`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_printable(step)}" for step in location)
    return text.removeprefix(".")


def shown(value: object) -> str:
    """Write an offending value briefly and on one line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very long number"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"


def leaves(value: object, location: Location = ()) -> Iterator[tuple[Location, object]]:
    """Walk the scalars, and the lists of scalars, of a plain mapping in order."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*location, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*location, index))
    else:
        yield location, value


def _printable(key: str) -> str:
    short = key if len(key) <= 60 else f"{key[:57]}..."
    return short if short and short.isprintable() else repr(short)
