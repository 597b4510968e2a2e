"""What messages about a configuration are made of: locations such as ("model", "layers", 1, "units"), and values."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

Location = tuple[int | str, ...]

MAX_PROBLEMS = 50  # nobody reads more at once, and describing thousands takes long


class Problem(NamedTuple):
    """A problem and its location.

    `of_key` is true if the key is wrong (it is unknown), not its value; `of_variant` if the section has other keys
    under another `name`.
    """

    location: Location
    text: str
    of_key: bool = False
    of_variant: bool = False

    def __str__(self) -> str:
        return f"{dotted(self.location)}: {self.text}" if self.location else self.text


def dotted(location: Location) -> str:
    """Return a location as users write it: `model.layers[1].units`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{printable(step) or repr(step)}" for step in location)
    return text.removeprefix(".")


def printable(text: str, most: int = 60) -> str:
    """Return a string shortened to `most` characters, and quoted if it has characters that cannot be printed."""
    short = text if len(text) <= most else f"{text[: most - 3]}..."
    return short if short.isprintable() else repr(short)


def shown(value: object) -> str:
    """Return a short description of an invalid value, on one line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very long number"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"


def closest(word: str, choices: Sequence[str]) -> str | None:
    """Return the choice most similar to a word, or None if none is similar; a very long word never is."""
    return next(iter(get_close_matches(word, choices, n=1)), None) if len(word) <= 100 else None


def leaves(value: object, location: Location = ()) -> Iterator[tuple[Location, object]]:
    """Yield the scalars and the lists of scalars of a plain mapping, in order."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*location, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*location, index))
    else:
        yield location, value
