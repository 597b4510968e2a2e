"""Atomic, durable files: after a crash either the old or the new version is there, whole."""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from nncli.errors import WriteError

_NO_HARD_LINKS = {errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)


def write(path: Path, pieces: Iterable[bytes | memoryview], *, previous: Path | None = None) -> None:
    """Replace the file at `path` by the concatenated pieces; durable when this returns.

    The pieces go to a temporary file in the same folder, which is flushed, synced and renamed; then the
    folder is synced. With `previous`, the version replaced stays behind under that name.

    Raises:
        WriteError: the disk is full, the folder is read-only or missing, …; an earlier version is unchanged.

    """
    temporary = _temporary_for(path)
    with reported(path):
        _refuse_other_than_files(path)
        try:
            with temporary.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            with _kept(path, previous):
                temporary.replace(path)
        except BaseException:
            _discard(temporary)
            raise
        sync_folder(path.parent)


def expect_writable(path: Path) -> None:
    """Raise what `write` would raise, before the work whose result goes to `path`; write nothing.

    Raises:
        WriteError: the folder is read-only or missing, or `path` is a folder or a device.

    """
    temporary = _temporary_for(path)
    with reported(path):
        _refuse_other_than_files(path)
        try:
            temporary.touch(exist_ok=False)
        finally:
            _discard(temporary)


def _refuse_other_than_files(path: Path) -> None:
    """Keep a folder, a device such as /dev/null or a pipe from being replaced by a file."""
    if path.is_dir():
        raise WriteError(f"{path}: cannot be written: it is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise WriteError(f"{path}: cannot be written: it is a device or a pipe; choose another path")


@contextlib.contextmanager
def _kept(path: Path, previous: Path | None) -> Iterator[None]:
    """Let the block replace the file at `path`, then call what it was `previous`.

    It gets a second name before and takes the place of an older version after: `path` never goes missing, and
    a crash in between leaves two different versions. Without hard links it is renamed before.
    """
    link = _temporary_for(previous or path)
    try:
        if previous is not None and path.exists():
            try:
                link.hardlink_to(path)
            except OSError as error:
                if error.errno not in _NO_HARD_LINKS:
                    raise
                path.replace(previous)
        yield
        if previous is not None and link.exists():
            link.replace(previous)
    finally:
        _discard(link)


def move(path: Path, target: Path) -> None:
    """Put a file in another's place, in the same folder; durable when this returns.

    Raises:
        WriteError: the folder may not be written.

    """
    with reported(target):
        path.replace(target)
        sync_folder(target.parent)


def _discard(temporary: Path) -> None:
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and the missing ones above it, each durable in its parent.

    Raises:
        WriteError: a part of the path is a file, or may not be written.

    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    with reported(path):
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries (names given, renamed or removed in it) durable."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Remove what writers that were killed left behind; only for the process that holds the folder's lock.

    Raises:
        WriteError: a file cannot be removed.

    """
    with reported(folder):
        for entry in folder.iterdir():
            if is_temporary(entry):
                entry.unlink(missing_ok=True)


def is_temporary(path: Path) -> bool:
    """Whether a file has the name of one that is being written."""
    return _TEMPORARY.fullmatch(path.name) is not None


def _temporary_for(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into a WriteError that names `path` and what to do next."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {_explained(path, error)}") from error


def _explained(path: Path, error: OSError) -> str:
    """Say what kept a file from being written, and what to do about it."""
    if isinstance(error, NotADirectoryError | FileExistsError):
        for above in (path, *path.parents):
            if above.exists() and not above.is_dir():
                return f"{above} is a file, not a folder; choose another path"
    if isinstance(error, FileNotFoundError):
        return f"the folder {path.parent} does not exist; create it, or choose another path"
    return f"{error.strerror or error}; nothing was overwritten. Free space or fix the permissions, then run again"
