"""The digits that demonstrations look at: data that is at hand, else generated digits; never a download."""

from dataclasses import replace
from pathlib import Path

from nncli.data.dataset import Dataset, Split
from nncli.data.folder import is_complete
from nncli.data.load import cache_folder, load


def load_digits(
    split: Split, directory: Path | None = None, at_most: int | None = None, name: str = "mnist"
) -> Dataset:
    """Load a dataset from `directory`, or from the cache, or else generate digits; `Dataset.name` says which it was.

    Args:
        split: which one.
        directory: a folder with its files.
        at_most: keep this many of the first examples.
        name: of the dataset.

    Raises:
        DataError: the directory lacks a file, or one is corrupt.
    """
    at_hand = directory is not None or is_complete(cache_folder(name), split)
    data = load(name if at_hand else "synthetic-digits", split, directory=directory, offline=True)
    return replace(data, images=data.images[:at_most], labels=data.labels[:at_most])
