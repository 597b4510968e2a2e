"""Published files into a folder: one process at a time, from the first mirror that gives the right bytes."""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import requests

from nncli.data.sources import Source, SourceFile
from nncli.data.transfer import Policy, RefusedError, Transfer
from nncli.errors import AbsentDataError, DownloadError

Progress = Callable[[int, int, str], None]  # (bytes done, bytes in all, file name)

LOCK_NAME = ".download.lock"


def fetch(
    source: Source,
    files: Sequence[SourceFile],
    folder: Path,
    *,
    policy: Policy | None = None,
    on_progress: Progress | None = None,
) -> None:
    """Put `files` of `source` into `folder`, each with its published size and SHA-256 or not at all.

    Files that are there and right are kept, wrong ones replaced. Processes that ask for the same folder take
    turns, so that one downloads and the others find its files. Proxies named in the environment are used.
    Raises DownloadError when no mirror gives a file, DataError when the folder cannot be written.
    """
    policy = policy or Policy()
    try:
        if all(is_published(folder / file.name, file) for file in files):
            return
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / LOCK_NAME, timeout=policy.total * len(files))
        with lock, requests.Session() as session:
            for file in files:
                if not is_published(folder / file.name, file):
                    _Download(source, file, folder, session, policy, on_progress).run()
    except filelock.Timeout as error:
        raise DownloadError(f"{folder}: another process holds {LOCK_NAME} for too long; end it") from error
    except OSError as error:
        reason = error.strerror or error
        raise AbsentDataError(f"{folder}: cannot be written: {reason}; mend that, or choose another folder") from error


def is_published(path: Path, file: SourceFile) -> bool:
    """Tell whether a file is there with its published size and SHA-256."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


@dataclass(frozen=True)
class _Download:
    """One file on its way from the mirrors to its final name."""

    source: Source
    file: SourceFile
    folder: Path
    session: requests.Session
    policy: Policy
    on_progress: Progress | None

    def run(self) -> None:
        """Try the mirrors in turn, round by round, leaving out those that refused."""
        deadline = time.monotonic() + self.policy.total
        said = dict.fromkeys(self.source.mirrors, "not tried")
        hopeful = list(self.source.mirrors)
        for pause in (0.0, *(self.policy.backoff * 2**k for k in range(self.policy.rounds - 1))):
            if not hopeful or time.monotonic() + pause > deadline:
                break
            time.sleep(pause)
            for mirror in list(hopeful):
                try:
                    self._attempt(mirror, deadline)
                except DownloadError as error:
                    said[mirror] = str(error)
                    if isinstance(error, RefusedError):
                        hopeful.remove(mirror)
                else:
                    self._rename()
                    return
        tried = "; ".join(f"{mirror} {reason}" for mirror, reason in said.items())
        failure = f"{self.file.name} of {self.source.title} could not be downloaded ({tried})"
        raise DownloadError(f"{failure}; try again online, or {self.source.placement(self.folder)}")

    def _attempt(self, mirror: str, deadline: float) -> None:
        """Complete the .part file from one mirror; discard it when its bytes are not the published ones."""
        part = self._part
        if is_published(part, self.file):
            return
        resumed = part.exists() and 0 < part.stat().st_size < self.file.size
        if not resumed:
            part.unlink(missing_ok=True)
        Transfer(self.file, part, self.session, self.policy, deadline, self._report).run(mirror + self.file.name)
        if is_published(part, self.file):
            return
        part.unlink()
        # after a resume the earlier bytes may be the wrong ones: the mirror deserves a request for all of them
        raise (DownloadError if resumed else RefusedError)("sends wrong bytes: their SHA-256 differs; discarded")

    def _rename(self) -> None:
        """Give the complete file its final name so that it survives a power cut, whole or not at all."""
        with self._part.open("rb") as stream:
            os.fsync(stream.fileno())
        self._part.replace(self.folder / self.file.name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @property
    def _part(self) -> Path:
        return self.folder / f"{self.file.name}.part"

    def _report(self, done: int) -> None:
        if self.on_progress is not None:
            self.on_progress(done, self.file.size, self.file.name)
