"""A dataset by name: from a given folder, the user's cache, or a download."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import platformdirs

from nncli.data import synthetic
from nncli.data.dataset import Dataset, Split
from nncli.data.folder import is_complete, read_split, readable
from nncli.data.sources import NAMES, SOURCES
from nncli.errors import AbsentDataError, DataError, DownloadError, WriteError

_ELSEWHERE = "or use --data-dir or NNCLI_DATA_DIR to specify the folder that contains the files"
SYNTHETIC_SIZES: dict[Split, tuple[int, int]] = {"train": (20_000, 1), "test": (2_000, 2)}  # (count, seed)


def load(
    name: str,
    split: Split,
    *,
    directory: Path | None = None,
    offline: bool = False,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Dataset:
    """Return one split of mnist, fashion-mnist, synthetic-digits or idx (any folder of IDX files).

    A `directory` must contain the split's files, or a subfolder with them that has the dataset's name. Without one, the
    files are read from the user's cache folder, and downloaded to it if they are missing and `offline` is false.
    `on_progress` is called with the bytes done, the total, and a description of the download. The SHA-256 of published
    files is always verified.

    Raises:
        DataError: the data is not available or corrupt (AbsentDataError, DownloadError, IdxError).
    """
    if name not in NAMES or split not in SYNTHETIC_SIZES:
        known = f"the datasets are {', '.join(NAMES)}, each with the splits {' and '.join(SYNTHETIC_SIZES)}"
        raise DataError(f"there is no split {split!r} of {name!r}; {known}")
    if name == "synthetic-digits":
        return _generate(split)
    if name == "idx":
        if directory is None:
            raise DataError("data.name: idx requires a folder of files; use --data-dir or set data.dir")
        return read_split(directory, name, split, None)
    source = SOURCES[name]
    if directory is not None:
        return read_split(folder_inside(directory, name), name, split, source)
    folder = cache_folder(name)
    if not is_complete(folder, split):
        if offline:
            raise AbsentDataError(
                f"{source.title} is not in {folder}, and cannot be downloaded offline; "
                f"run `nncli data download {name}` online, or {source.placement(folder)}, {_ELSEWHERE}"
            )
        from nncli.data import download  # not at module level: importing requests takes longer than reading MNIST

        try:
            download.fetch(source, source.of_split(split), folder, on_progress=on_progress)
        except (DownloadError, WriteError) as error:
            kind = DownloadError if isinstance(error, DownloadError) else AbsentDataError
            raise kind(f"{error}, {_ELSEWHERE}") from error
    return read_split(folder, name, split, source)


def folder_inside(directory: Path, name: str) -> Path:
    """Return the subfolder of `directory` with the dataset's name, or `directory` if there is none."""
    with readable(directory):
        return directory / name if (directory / name).is_dir() else directory


def cache_folder(name: str) -> Path:
    """Return the folder of a dataset's downloaded files."""
    return platformdirs.user_cache_path("nncli") / name


def _generate(split: Split) -> Dataset:
    images, labels = synthetic.generate(*SYNTHETIC_SIZES[split])
    arrays = {"images": images, "labels": labels}
    digests = {name: hashlib.sha256(array.data).hexdigest() for name, array in arrays.items()}
    return Dataset("synthetic-digits", split, images, labels, digests, "generated")
