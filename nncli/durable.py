"""Atomic, durable files: after a crash, either the complete old version or the complete new one exists.

Every function raises WriteError, with the path and what to do next, if the operating system reports an error.
"""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from nncli.errors import WriteError

_NO_HARD_LINKS = {errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)


def write(path: Path, pieces: Iterable[bytes | memoryview], *, previous: Path | None = None) -> None:
    """Replace the file at `path` with the concatenated pieces; durable when this returns.

    The pieces are written to a temporary file in the same folder, which is flushed, synced and renamed; then the
    folder is synced. If `path` is a symbolic link, the file that it points to is replaced. With `previous`, the
    replaced version is kept under that name, in the same folder; so a link itself is replaced.
    """
    with reported(path):
        target = _target(path) if previous is None else path
        with _temporary(target) as temporary:
            with temporary.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            with _kept(target, previous):
                temporary.replace(target)
        sync_folder(target.parent)


def expect_writable(path: Path) -> None:
    """Raise the error that `write` would raise, without writing to `path`."""
    with reported(path), _temporary(_target(path)) as temporary:
        temporary.touch(exist_ok=False)


def _target(path: Path) -> Path:
    """Return the file to replace, behind any symbolic links; refuse a folder, a device such as /dev/null, or a pipe."""
    if path.is_dir():
        raise WriteError(f"{path}: cannot be written: it is a folder; choose a file in it")
    if path.exists() and not path.is_file():
        raise WriteError(f"{path}: cannot be written: it is a device or a pipe; choose another path")
    return Path(os.path.realpath(path)) if path.is_symlink() else path  # Path.resolve raises RuntimeError for a loop


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Yield the name of a temporary file in the folder of `path`; remove the file if it remains."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _kept(path: Path, previous: Path | None) -> Iterator[None]:
    """Let the block replace the file at `path`, and keep the old version as `previous`.

    The old version gets a second name first, which replaces `previous` last: `path` always exists, and a crash in
    between leaves two different versions. Without hard links, it is renamed first.
    """
    if previous is None or not path.exists():
        yield
        return
    with _temporary(previous) as link:
        try:
            link.hardlink_to(path)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            path.replace(previous)
        yield
        if link.exists():
            link.replace(previous)


def move(path: Path, target: Path) -> None:
    """Rename a file to another name in the same folder, replacing the file there; durable when this returns."""
    with reported(target):
        path.replace(target)
        sync_folder(target.parent)


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, each durable in its own parent."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    with reported(path):
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable after files were created, renamed or removed."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Remove temporary files of killed processes; the caller must hold the folder's lock."""
    with reported(folder):
        for entry in filter(is_temporary, folder.iterdir()):
            entry.unlink(missing_ok=True)


def is_temporary(path: Path) -> bool:
    """Whether a file has the name of a temporary file of `write`."""
    return _TEMPORARY.fullmatch(path.name) is not None


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into a WriteError that names `path`."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {_explained(path, error)}") from error


def _explained(path: Path, error: OSError) -> str:
    """Return why a file could not be written, and what to do about it."""
    if isinstance(error, NotADirectoryError | FileExistsError):
        for above in (path, *path.parents):
            if (above.exists() or above.is_symlink()) and not above.is_dir():
                kind = "file" if above.exists() else "broken link"
                return f"{above} is a {kind}, not a folder; choose another path"
    if isinstance(error, FileNotFoundError):
        folder = Path(error.filename or path).parent  # not the folder of `path` if that is a symbolic link
        return f"the folder {folder} does not exist; create it, or choose another path"
    advice = "nothing was overwritten. Free up disk space or fix the permissions, and try again"
    if error.errno in _FORBIDDEN:
        advice = "choose another path, or fix the permissions"
    return f"{error.strerror or error}; {advice}"
