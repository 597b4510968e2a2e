"""The lock of a run folder: it admits one training at a time, and names the process that has it."""

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

from nncli.errors import RunError

LOCK, OWNER = ".lock", ".owner"  # an empty file; the process id of the training that holds it


class TakenError(RunError):
    """A new run needs another folder: a training is using this one, or it is not empty."""


class Lock:
    """The lock of an existing folder; the end of the process releases it, and the same process cannot take it twice."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._owner = folder, folder / OWNER
        self._lock = FileLock(folder / LOCK, thread_local=False)

    def exists(self) -> bool:
        """Whether there is a lock file; that of a training is empty."""
        file = self.folder / LOCK
        return file.exists() and not file.stat().st_size

    def acquire(self) -> None:
        """Take the lock, and record this process as its owner.

        Raises:
            TakenError: another training has it.
            OSError: the folder cannot be written.
        """
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise TakenError(
                f"{self.folder}: in use by {self._name_owner()}; stop it, wait for it, or choose another --run-dir"
            ) from None
        self._owner.write_text(f"{os.getpid()}\n", encoding="ascii")

    def is_held(self) -> bool:
        """Whether a process has the lock; true as well if this user may not try."""
        try:
            if self.exists():
                with FileLock(self.folder / LOCK, blocking=False):
                    return False
        except (OSError, Timeout):
            return True
        return False

    def release(self) -> None:
        """Release the lock, if this process has it."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):  # the folder is missing or may no longer be written
                self._owner.unlink(missing_ok=True)
            self._lock.release()

    def _name_owner(self) -> str:
        try:
            return f"process {int(self._owner.read_text(encoding='ascii'))}"
        except (OSError, ValueError):  # the owner has not recorded its number yet
            return "another process"


def is_trace(file: Path) -> bool:
    """Whether a file is one that every training leaves: the empty lock, or a process id."""
    return file.name in (LOCK, OWNER) and not file.read_bytes().strip(b"0123456789\n")
