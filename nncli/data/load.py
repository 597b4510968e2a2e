"""A dataset by name: from the folder given, else the user's cache, else the mirrors."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import platformdirs

from nncli.data.dataset import Dataset, Split
from nncli.data.folder import find, read_split
from nncli.data.sources import PLAIN_NAMES, SOURCES, Source
from nncli.errors import DataError

Progress = Callable[[int, int, str], None]  # (bytes done, bytes in all, file name)


def load(
    name: str,
    split: Split,
    *,
    directory: Path | None = None,
    cache: Path | None = None,
    offline: bool = False,
    on_progress: Progress | None = None,
) -> Dataset:
    """Return one split of mnist, fashion-mnist, synthetic-digits or idx (any folder of IDX files).

    A `directory` must hold the split's files (itself, or in a subfolder of the dataset's name); nothing is fetched
    then. Without it the files come from `cache` (default: the user's cache folder), and are downloaded there when
    they are absent and `offline` is false. Published files are verified against their SHA-256 every time.
    Raises DataError (IdxError, DownloadError) that says what to do.
    """
    if name == "synthetic-digits":
        return _drawn(split)
    if name == "idx":
        if directory is None:
            raise DataError("data.name: idx needs the folder of its files: give --data-dir or set data.dir")
        return read_split(directory, name, split, None)
    source = SOURCES[name]
    if directory is not None:
        return read_split(_inside(directory, name), name, split, source)
    folder = cache_folder(name, cache)
    if not _complete(folder, split):
        _fetch(source, split, folder, offline, on_progress)
    return read_split(folder, name, split, source)


def cache_folder(name: str, cache: Path | None = None) -> Path:
    """Return the folder that keeps the downloaded files of a dataset."""
    return (cache or platformdirs.user_cache_path("nncli")) / name


def _inside(directory: Path, name: str) -> Path:
    return directory / name if (directory / name).is_dir() else directory


def _complete(folder: Path, split: Split) -> bool:
    return all(find(folder, plain) for plain in PLAIN_NAMES[split])


def _fetch(source: Source, split: Split, folder: Path, offline: bool, on_progress: Progress | None) -> None:
    names = " and ".join(file.name for file in source.of_split(split))
    raise DataError(
        f"{source.title} is not in {folder} and may not be downloaded; put {names} there, or say where "
        "they are with --data-dir or NNCLI_DATA_DIR, or set data.fallback: synthetic-digits"
    )


def _drawn(split: Split) -> Dataset:
    from nncli.data import synthetic

    images, labels = synthetic.train() if split == "train" else synthetic.test()
    digests = {
        "images": hashlib.sha256(images).hexdigest(),
        "labels": hashlib.sha256(labels).hexdigest(),
    }
    return Dataset("synthetic-digits", split, images, labels, digests, "drawn")
