"""The word that a mistyped one may have meant, found in time that does not grow with what a file holds."""

from collections.abc import Sequence
from difflib import get_close_matches

_LONGEST = 100  # characters; names are shorter, and comparing takes time in proportion


def closest(word: str, choices: Sequence[str]) -> str | None:
    """Return the choice that is nearly the word; None where there is none, or the word is longer than any name."""
    return next(iter(get_close_matches(word, choices, n=1)), None) if len(word) <= _LONGEST else None
