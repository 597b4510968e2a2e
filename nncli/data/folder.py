"""A folder of IDX files, compressed or plain: found, verified against pinned digests, and read."""

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncli.data.dataset import Dataset, Split
from nncli.data.idx import read_images, read_labels
from nncli.data.sources import PLAIN_NAMES, Source, publisher
from nncli.errors import AbsentDataError, DataError, IdxError

MOST_COMPRESSION = 1032  # deflate spends at least one bit on 129 bytes


def read_split(folder: Path, name: str, split: Split, source: Source | None) -> Dataset:
    """Read one split of a folder with the four standard file names, `.gz` or plain.

    With a source every file must have its published SHA-256. Raises DataError for a file that is missing,
    unreadable or not the published one, IdxError for one that is not valid or does not fit the other.
    """
    paths = [find(folder, plain) for plain in PLAIN_NAMES[split]]
    absent = [plain for plain, path in zip(PLAIN_NAMES[split], paths, strict=True) if path is None]
    if absent:
        missing = " and no ".join(f"{plain}[.gz]" for plain in absent)
        raise AbsentDataError(f"{folder}: no {missing} in this folder; say with --data-dir which folder has the files")
    images_path, labels_path = (path for path in paths if path is not None)
    images, images_sha256 = _read_file(images_path, source)
    labels, labels_sha256 = _read_file(labels_path, source)
    if len(images) != len(labels):
        raise IdxError(
            f"{folder}: {images_path.name} has {len(images):,} images and {labels_path.name} "
            f"{len(labels):,} labels; they do not belong together; put files of one set there"
        )
    digests = {images_path.name: images_sha256, labels_path.name: labels_sha256}
    return Dataset(name, split, images, labels, digests, str(folder))


def is_complete(folder: Path, split: Split) -> bool:
    """Tell whether a folder has both files of a split, compressed or plain."""
    return all(find(folder, plain) for plain in PLAIN_NAMES[split])


def find(folder: Path, plain_name: str) -> Path | None:
    """Return the path of an IDX file in a folder, compressed before plain, or None."""
    candidates = (folder / f"{plain_name}.gz", folder / plain_name)
    return next((path for path in candidates if path.is_file()), None)


def _read_file(path: Path, source: Source | None) -> tuple[NDArray[np.uint8], str]:
    """Return the array in a file and the SHA-256 of the file's bytes, which are verified first."""
    read = read_images if "images" in path.name else read_labels
    compressed = path.suffix == ".gz"
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if source is not None:
                _verify(path, sha256, source)
            size = file.seek(0, 2)
            file.seek(0)
            if not compressed:
                return read(file, str(path), size), sha256
            with gzip.GzipFile(fileobj=file) as stream:
                return read(stream, str(path), size * MOST_COMPRESSION), sha256
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IdxError(f"{path}: damaged gzip data ({error}); fetch the file again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def _verify(path: Path, sha256: str, source: Source) -> None:
    file = source.file(path.name if path.suffix == ".gz" else f"{path.name}.gz")
    expected = file.sha256 if path.suffix == ".gz" else file.plain_sha256
    if sha256 == expected:
        return
    other = publisher(sha256)
    if other is not None and other != source:
        raise DataError(f"{path}: this is {other.title}'s file; give --data-dir with the folder of {source.title}")
    if expected is None:
        raise DataError(
            f"{path}: only {source.title}'s compressed files can be verified; put {file.name} there instead"
        )
    raise DataError(
        f"{path}: not {source.title}'s file, or damaged: its SHA-256 is {sha256}, the published one "
        f"{expected}; use data.name: idx for files of your own, or replace it"
    )
