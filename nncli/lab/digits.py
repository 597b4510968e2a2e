"""The digits that demonstrations look at: MNIST where it is at hand, else digits that nncli draws; never a download."""

from pathlib import Path

from nncli.data.dataset import Dataset, Split
from nncli.data.folder import is_complete
from nncli.data.load import cache_folder, load


def load_digits(split: Split, directory: Path | None = None) -> Dataset:
    """Load MNIST from `directory`, or else from the cache, or else draw digits; `Dataset.name` says which it was.

    Raises:
        DataError: the directory lacks a file, or one is damaged.
    """
    at_hand = directory is not None or is_complete(cache_folder("mnist"), split)
    return load("mnist" if at_hand else "synthetic-digits", split, directory=directory, offline=True)
