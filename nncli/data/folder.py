"""A folder of IDX files, compressed or plain: find, verify and read them."""

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

LARGEST_PUBLISHED = 64 << 20  # bytes; no published file is larger, so there is no need to hash one that is
EXPANDED, EXPANSION = 128 << 20, 32  # a compressed file may expand to this many bytes, or by this factor


def read_split(folder: Path, name: str, split: Split, source: Source | None) -> Dataset:
    """Return one split from a folder of files with MNIST's names, compressed or plain.

    With a source, every file must have its published SHA-256.

    Raises:
        AbsentDataError: a file is missing or cannot be read.
        DataError: a file is not the published one.
        IdxError: a file is invalid, or the images and labels do not match.
    """
    paths = [find(folder, plain) for plain in PLAIN_NAMES[split]]
    absent = [f"{plain}[.gz]" for plain, path in zip(PLAIN_NAMES[split], paths, strict=True) if path is None]
    if absent:
        missing = f"no {' and no '.join(absent)} in this folder" if folder.is_dir() else "there is no such folder"
        raise AbsentDataError(f"{folder}: {missing}; use --data-dir to specify the folder that contains the files")
    images_path, labels_path = (path for path in paths if path is not None)
    with _opened(images_path, 3, source) as images, _opened(labels_path, 1, source) as labels:
        if images.shape[0] != labels.shape[0]:
            raise IdxError(
                f"{folder}: {images_path.name} has {images.shape[0]:,} images, but {labels_path.name} has "
                f"{labels.shape[0]:,} labels; use matching files"
            )
        labels_array, images_array = labels.read(), images.read()
    digests = images.digests(images_array, source) | labels.digests(labels_array, source)
    return Dataset(name, split, images_array, labels_array, digests, str(folder))


def is_complete(folder: Path, split: Split) -> bool:
    """Return whether a folder has both files of a split, compressed or plain."""
    return all(find(folder, plain) for plain in PLAIN_NAMES[split])


def find(folder: Path, plain_name: str) -> Path | None:
    """Return the path of an IDX file in a folder, the compressed one if both exist; None if neither does."""
    candidates = (folder / f"{plain_name}.gz", folder / plain_name)
    with readable(folder):
        return next((path for path in candidates if path.is_file()), None)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn an error in reading a file or folder into a DataError that names it."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IdxError(f"{path}: corrupt gzip data ({error}); replace the file") from error
    except OSError as error:
        reason = error.strerror or error
        advice = "check the permissions, or choose another folder with --data-dir"
        raise AbsentDataError(f"{path}: cannot be read: {reason}; {advice}") from error


@dataclass(frozen=True)
class _File:
    """An open IDX file, read up to the end of the header."""

    path: Path
    sha256: str
    shape: tuple[int, ...]
    stream: io.BufferedIOBase

    def read(self) -> NDArray[np.uint8]:
        with readable(self.path):
            return idx.read_array(self.stream, self.shape, str(self.path))

    def digests(self, array: NDArray[np.uint8], source: Source | None) -> dict[str, str]:
        """Return file name -> SHA-256, for the file and its contents."""
        known = {self.path.name: self.sha256}
        if self.path.suffix == ".gz":
            published = source and source.file(self.path.name).plain_sha256
            known[self.path.stem] = published or idx.digest(array)
        return known


@contextlib.contextmanager
def _opened(path: Path, dimensions: int, source: Source | None) -> Iterator[_File]:
    """Open an IDX file and read its header; with a source, verify its SHA-256 first."""
    with contextlib.ExitStack() as stack:
        with readable(path):
            file = stack.enter_context(path.open("rb"))
            size = os.fstat(file.fileno()).st_size
            if size > (LARGEST_PUBLISHED if source else idx.LARGEST):
                what = f"not part of {source.title}" if source else "too large for a dataset"
                raise DataError(f"{path}: {what}: it has {size:,} bytes; replace the file")
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
        raise DataError(
            f"{path}: part of {other.title}; use --data-dir to specify the folder that contains {source.title}"
        )
    if expected is None:
        raise DataError(f"{path}: only compressed {source.title} files can be verified; replace it with {file.name}")
    raise DataError(
        f"{path}: corrupt, or not part of {source.title}: its SHA-256 is {sha256}, but the published one "
        f"is {expected}; replace the file, or use data.name: idx for your own files"
    )
