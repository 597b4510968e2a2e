"""The run folder: its files, one training at a time in it, and no run overwritten by accident."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from filelock import FileLock, Timeout

from nncli import durable
from nncli.errors import RunError

_LOCK = ".lock"
_OWNER = ".owner"  # the process id of the training that holds the lock


class RunFolder:
    """The paths of one run. A folder from `create` is locked until `close` or the end of the `with` block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.manifest = path / "manifest.json"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"
        self.last = self.checkpoints / "last.safetensors"
        self.previous = self.checkpoints / "previous.safetensors"  # what `last` was before
        self.best = self.checkpoints / "best.safetensors"
        self._lock = FileLock(path / _LOCK, thread_local=False)

    @classmethod
    def check(cls, path: Path, *, resume: bool = False, force: bool = False) -> None:
        """Refuse what `create` would refuse, before work that takes long; nothing is left behind.

        Raises:
            RunError: as `create` does.

        """
        folder = cls(path)
        with durable.reported(path):
            may_be_in_use = (path / _LOCK).exists()
        if may_be_in_use:
            with folder:
                folder._acquire()
        folder._check_contents(resume=resume, force=force)

    @classmethod
    def create(cls, path: Path, *, resume: bool = False, force: bool = False) -> Self:
        """Make the folder for a new training, or take over that of an earlier one, and lock it.

        `resume` goes on with the run in the folder; `force` removes it first (only the files of a run).
        What a killed training left half-written is cleaned up.

        Raises:
            RunError: the folder is not empty, has nothing to resume, is in use by another training, or cannot
                be written.

        """
        folder = cls(path)
        with durable.reported(path):
            is_new = not (path / _LOCK).exists()
        if is_new:
            folder._check_contents(resume=resume, force=force)  # before a trace is left in somebody's folder
        durable.make_folder(path)
        try:
            folder._acquire()
            folder._check_contents(resume=resume, force=force)
            durable.make_folder(folder.checkpoints)
            for place in (path, folder.checkpoints):
                durable.remove_stale(place)
            if force and not resume:
                folder._remove_run()
        except BaseException:
            folder.close()
            raise
        return folder

    def close(self) -> None:
        """Let other trainings use the folder; harmless when done twice."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):  # the folder is gone or may no longer be written
                (self.path / _OWNER).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _acquire(self) -> None:
        with durable.reported(self.path):
            try:
                self._lock.acquire(blocking=False)
            except Timeout:
                raise RunError(
                    f"{self.path}: is in use by {self._name_owner()}; wait for it, stop it, or choose another --run-dir"
                ) from None
            (self.path / _OWNER).write_text(f"{os.getpid()}\n", encoding="ascii")

    def _name_owner(self) -> str:
        try:
            return f"process {int((self.path / _OWNER).read_text(encoding='ascii'))}"
        except (OSError, ValueError):  # it has the lock and has not yet said who it is
            return "another process"

    def _check_contents(self, *, resume: bool, force: bool) -> None:
        present = self._list_contents()
        if resume and not present & {self.config, self.manifest}:
            raise RunError(f"{self.path}: there is no run to resume here; leave out --resume to start one")
        if present and not (resume or force):
            raise RunError(
                f"{self.path}: is not empty; go on with --resume, start over with --force, or choose another --run-dir"
            )

    def _list_contents(self) -> set[Path]:
        """List what is more than the traces of a training that was killed before it wrote anything."""
        traces = {self.path / _LOCK, self.path / _OWNER, self.checkpoints}
        with durable.reported(self.path):
            folders = [folder for folder in (self.path, self.checkpoints) if folder.exists()]
            found = {entry for folder in folders for entry in folder.iterdir()}
        return {entry for entry in found - traces if not durable.is_temporary(entry)}

    def _remove_run(self) -> None:
        with durable.reported(self.path):
            for file in (self.last, self.previous, self.best, self.metrics, self.manifest, self.config):
                file.unlink(missing_ok=True)
            durable.sync_folder(self.checkpoints)
            durable.sync_folder(self.path)


def resolve(run_or_checkpoint: Path, which: Literal["best", "last"] = "best") -> Path:
    """Find the checkpoint file that a person means by a run folder or a file.

    Raises:
        RunError: there is no such file or folder, or the folder has no such checkpoint.

    """
    path = run_or_checkpoint
    folder = RunFolder(path)
    wanted, other = (folder.best, folder.last) if which == "best" else (folder.last, folder.best)
    try:
        if path.is_file():
            return path
        if wanted.is_file():
            return wanted
        advice = f"has no {which} checkpoint, but has {other}; use that" if other.is_file() else ""
        exists = path.exists()
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    if not exists:
        raise RunError(f"{path}: there is no such run or checkpoint; make one with: nncli train CONFIG")
    raise RunError(f"{path}: {advice or 'holds no checkpoint; train a run with: nncli train CONFIG'}")
