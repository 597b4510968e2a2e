"""A dataset by name: from the folder given, else the user's cache, else the mirrors."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import platformdirs

from nncli.data import synthetic
from nncli.data.dataset import Dataset, Split
from nncli.data.folder import is_complete, read_split, readable
from nncli.data.sources import SOURCES, Source
from nncli.errors import AbsentDataError, DataError, DownloadError, WriteError

_ELSEWHERE = "or name the folder that has the files with --data-dir or NNCLI_DATA_DIR"
SYNTHETIC_DRAWS: dict[Split, tuple[int, int]] = {"train": (20_000, 1), "test": (2_000, 2)}  # (count, seed)


def load(
    name: str,
    split: Split,
    *,
    directory: Path | None = None,
    cache: Path | None = None,
    offline: bool = False,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Dataset:
    """Return one split of mnist, fashion-mnist, synthetic-digits or idx (any folder of IDX files).

    A `directory` must hold the split's files (itself, or in a subfolder of the dataset's name); nothing is
    fetched then. Without it the files come from `cache` (default: the user's cache folder), and are
    downloaded there when they are absent and `offline` is false; `on_progress` is then called with the bytes
    done, the bytes in all and what is waited for. Published files are verified against their SHA-256 every time.
    Raises DataError (IdxError, DownloadError) that says what to do.
    """
    if name == "synthetic-digits":
        return _generate(split)
    if name == "idx":
        if directory is None:
            raise DataError("data.name: idx needs the folder of its files: give --data-dir or set data.dir")
        return read_split(directory, name, split, None)
    source = SOURCES[name]
    if directory is not None:
        return read_split(folder_inside(directory, name), name, split, source)
    folder = cache_folder(name, cache)
    if not is_complete(folder, split):
        if offline:
            raise AbsentDataError(
                f"{source.title} is not in {folder}, and nothing is downloaded offline; "
                f"run `nncli data download {name}` online, or {source.placement(folder)}, {_ELSEWHERE}"
            )
        _fetch(source, split, folder, on_progress)
    return read_split(folder, name, split, source)


def folder_inside(directory: Path, name: str) -> Path:
    """Return the folder of a dataset's files: `directory`, or its subfolder of the dataset's name."""
    with readable(directory):
        return directory / name if (directory / name).is_dir() else directory


def cache_folder(name: str, cache: Path | None = None) -> Path:
    """Return the folder that keeps the downloaded files of a dataset."""
    return (cache or platformdirs.user_cache_path("nncli")) / name


def _fetch(source: Source, split: Split, folder: Path, on_progress: Callable[[int, int, str], None] | None) -> None:
    from nncli.data import download  # the network's libraries cost more to import than MNIST to read

    try:
        download.fetch(source, source.of_split(split), folder, on_progress=on_progress)
    except DownloadError as error:
        raise DownloadError(f"{error}, {_ELSEWHERE}") from error
    except WriteError as error:
        raise AbsentDataError(f"{error}, {_ELSEWHERE}") from error


def _generate(split: Split) -> Dataset:
    images, labels = synthetic.draw(*SYNTHETIC_DRAWS[split])
    digests = {
        "images": hashlib.sha256(images.data).hexdigest(),
        "labels": hashlib.sha256(labels.data).hexdigest(),
    }
    return Dataset("synthetic-digits", split, images, labels, digests, "generated")
