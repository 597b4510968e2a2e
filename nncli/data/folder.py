"""A folder of IDX files, compressed or plain: found, verified against pinned digests, and read."""

import contextlib
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncli.data import idx
from nncli.data.dataset import Dataset, Split
from nncli.data.sources import PLAIN_NAMES, Source, publisher
from nncli.errors import AbsentDataError, DataError, IdxError

LARGEST_PUBLISHED = 64 << 20  # bytes; beyond that a file is not worth hashing to see that it was never published
EXPANDED, EXPANSION = 128 << 20, 32  # what a compressed file may hold: so many bytes, or so many times its size


def read_split(folder: Path, name: str, split: Split, source: Source | None) -> Dataset:
    """Read one split of a folder with the four standard file names, `.gz` or plain.

    With a source every file must have its published SHA-256. Raises DataError for a file that is missing,
    unreadable or not the published one, IdxError for one that is not valid or does not fit the other.
    """
    paths = [find(folder, plain) for plain in PLAIN_NAMES[split]]
    absent = [f"{plain}[.gz]" for plain, path in zip(PLAIN_NAMES[split], paths, strict=True) if path is None]
    if absent:
        missing = f"no {' and no '.join(absent)} in this folder" if folder.is_dir() else "there is no such folder"
        raise AbsentDataError(f"{folder}: {missing}; say with --data-dir which folder has the files")
    images_path, labels_path = (path for path in paths if path is not None)
    with _opened(images_path, 3, source) as images, _opened(labels_path, 1, source) as labels:
        if images.shape[0] != labels.shape[0]:
            raise IdxError(
                f"{folder}: {images_path.name} has {images.shape[0]:,} images and {labels_path.name} "
                f"{labels.shape[0]:,} labels; they do not belong together; put files of one set there"
            )
        labels_array, images_array = labels.read(), images.read()
    digests = images.digests(images_array, source) | labels.digests(labels_array, source)
    return Dataset(name, split, images_array, labels_array, digests, str(folder))


def is_complete(folder: Path, split: Split) -> bool:
    """Tell whether a folder has both files of a split, compressed or plain."""
    return all(find(folder, plain) for plain in PLAIN_NAMES[split])


def find(folder: Path, plain_name: str) -> Path | None:
    """Return the path of an IDX file in a folder, compressed before plain, or None."""
    candidates = (folder / f"{plain_name}.gz", folder / plain_name)
    with readable(folder):
        return next((path for path in candidates if path.is_file()), None)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what keeps a file or folder from being read into a DataError that names it."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IdxError(f"{path}: damaged gzip data ({error}); fetch the file again") from error
    except OSError as error:
        raise AbsentDataError(
            f"{path}: cannot be read: {error.strerror or error}; fix that, or give --data-dir another folder"
        ) from error


@dataclass(frozen=True)
class _File:
    """An open IDX file whose header is read and whose elements are not."""

    path: Path
    sha256: str
    shape: tuple[int, ...]
    stream: io.BufferedIOBase

    def read(self) -> NDArray[np.uint8]:
        with readable(self.path):
            return idx.read_array(self.stream, self.shape, str(self.path))

    def digests(self, array: NDArray[np.uint8], source: Source | None) -> dict[str, str]:
        """Return file name -> SHA-256, of the file and of what it holds."""
        known = {self.path.name: self.sha256}
        if self.path.suffix == ".gz":
            published = source and source.file(self.path.name).plain_sha256
            known[self.path.stem] = published or idx.digest(array)
        return known


@contextlib.contextmanager
def _opened(path: Path, dimensions: int, source: Source | None) -> Iterator[_File]:
    """Open an IDX file; with a source, verify its bytes before any of them is interpreted."""
    with contextlib.ExitStack() as stack:
        with readable(path):
            file = stack.enter_context(path.open("rb"))
            size = os.fstat(file.fileno()).st_size
            if size > (LARGEST_PUBLISHED if source else idx.LARGEST):
                what = f"not {source.title}'s file" if source else "too large for a dataset"
                raise DataError(f"{path}: {what}: it has {size:,} bytes; put the right file there")
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if source is not None:
                _verify(path, sha256, source)
            file.seek(0)
            stream: io.BufferedIOBase = file
            if path.suffix == ".gz":
                stream = stack.enter_context(gzip.GzipFile(fileobj=file))
                size = max(EXPANDED, EXPANSION * size)
            shape = idx.read_shape(stream, dimensions, str(path), size)
        yield _File(path, sha256, shape, stream)


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
