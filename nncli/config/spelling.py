"""Suggest the word that a misspelled one may have meant."""

from collections.abc import Sequence
from difflib import get_close_matches

_LONGEST = 100  # characters; names are shorter, and the time to compare words grows with their length


def closest(word: str, choices: Sequence[str]) -> str | None:
    """Return the choice most similar to a word, or None if none is."""
    return next(iter(get_close_matches(word, choices, n=1)), None) if len(word) <= _LONGEST else None
