"""The run folder: its files, one training at a time in it, and nothing replaced that nncli did not make."""

import contextlib
import itertools
import shlex
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from nncli import durable
from nncli.config.load import load, to_yaml
from nncli.config.schema import Config
from nncli.errors import ConfigError, RunError
from nncli.runs import manifest
from nncli.runs.lock import Lock, TakenError, is_trace

Mode = Literal["new", "unique", "resume", "force"]
"""What a training does with a folder: it needs an empty one; the first empty one of `path`, `path`-2, `path`-3, …;
it resumes the run in it; it replaces the run in it."""

T = TypeVar("T")


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
        self._lock = Lock(path)

    @classmethod
    def check(cls, path: Path, mode: Mode = "new", reading: Path | None = None) -> Path:
        """Return the folder that `create` would take, before work that takes long; nothing is left behind.

        Raises:
            RunError: as `create` does.

        """
        if mode == "unique":
            return _first_free(path, cls.check)
        with durable.reported(path), cls(path) as folder:
            if folder._lock.exists():
                folder._lock.acquire()
            folder._check_contents(mode, reading)
        return path

    @classmethod
    def create(cls, path: Path, mode: Mode = "new", reading: Path | None = None) -> Self:
        """Make the folder for a new training, or take over that of an earlier one, and lock it.

        What a killed training left half-written is cleaned up. The manifest of a run to replace stays until that of
        the new run takes its place: it says that nncli made the folder.

        Args:
            path: of the folder.
            mode: what to do with what is in it.
            reading: the configuration file in use, which is never removed.

        Raises:
            TakenError: a new run finds something in the folder, or another training uses it.
            RunError: the run to resume or to replace is none of nncli's; the folder cannot be written.

        """
        if mode == "unique":
            return _first_free(path, cls.create)
        folder = cls(path)
        try:
            with durable.reported(path):
                folder._take(mode, reading)
        except BaseException:
            folder.close()
            raise
        return folder

    def own_config(self) -> Path:
        """Return the file with the configuration of a run to resume.

        Raises:
            RunError: there is no run, or it was stopped before it recorded its configuration.
        """
        with durable.reported(self.path):
            self._check_contents("resume", None)
            if self.config.exists():
                return self.config
        how = shlex.join(["nncli", "train", "CONFIG", "--resume", "--run-dir", str(self.path)])
        raise RunError(f"{self.config}: is missing; resume with the file that the run was started with: {how}")

    def read_config(self) -> Config | None:
        """Return the configuration that the run recorded; None where there is none to read."""
        with contextlib.suppress(ConfigError):
            return load(self.config).config
        return None

    def write_config(self, config: Config) -> None:
        """Record the configuration, unless the file says the same: its comments may be a person's.

        Raises:
            WriteError: the file cannot be written.
        """
        if self.read_config() != config:
            durable.write(self.config, [to_yaml(config).encode()])

    def close(self) -> None:
        """Let other trainings use the folder; harmless when done twice."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, mode: Mode, reading: Path | None) -> None:
        if not self._lock.exists():
            self._check_contents(mode, reading)  # before a trace is left in somebody's folder
        durable.make_folder(self.path)
        self._lock.acquire()
        self._check_contents(mode, reading)
        durable.make_folder(self.checkpoints)
        for place in (self.path, self.checkpoints):
            durable.remove_stale(place)
        if mode == "force":
            self._remove_run()

    def _remove_run(self) -> None:
        """Remove all but the manifest, checkpoints first: what is left of the others resumes nothing."""
        for folder, files in (
            (self.checkpoints, (self.previous, self.last, self.best)),
            (self.path, (self.metrics, self.config)),
        ):
            for file in files:
                file.unlink(missing_ok=True)
            durable.sync_folder(folder)

    def _check_contents(self, mode: Mode, reading: Path | None) -> None:
        if mode == "resume":
            if not self.manifest.exists():
                raise RunError(f"{self.path}: there is no run to resume here; start one with: nncli train CONFIG")
            manifest.read(self.manifest)
        elif self._is_empty():
            return
        elif not self._is_run():
            raise TakenError(f"{self.path}: is not empty and not a run of nncli's; choose another --run-dir")
        elif mode == "new":
            replace = "" if self._is_read(reading) else "replace it with --force, "
            raise TakenError(
                f"{self.path}: is not empty; resume the run in it with --resume, {replace}"
                "or choose another --run-dir (--unique numbers it)"
            )
        elif self._is_read(reading):
            raise RunError(
                f"{self.path}: --force would remove {reading}, which is being read; choose another --run-dir"
            )

    def _is_empty(self) -> bool:
        """Whether there are at most the traces of a training that was killed before it wrote anything."""
        folders = [folder for folder in (self.path, self.checkpoints) if folder.exists()]
        found = {entry for folder in folders for entry in folder.iterdir()} - {self.checkpoints}
        return all(durable.is_temporary(entry) or is_trace(entry) for entry in found)

    def _is_run(self) -> bool:
        """Whether nncli made the folder: its manifest is the first file of a run, and the last to be replaced."""
        with contextlib.suppress(RunError):
            return bool(manifest.read(self.manifest))
        return False

    def _is_read(self, reading: Path | None) -> bool:
        """Whether the file being read is one of the run's own."""
        files = (self.last, self.previous, self.best, self.metrics, self.config, self.manifest)
        return reading is not None and any(file.exists() and file.samefile(reading) for file in files)


def _first_free(path: Path, attempt: Callable[[Path], T]) -> T:
    """Return what an attempt makes of `path`, or of `path`-2, `path`-3, …: the first that is not taken.

    Two processes cannot get the same: an attempt ends with the folder's lock held, or finds what the other wrote.
    """
    base = path.resolve() if path.name in ("", "..") else path
    for number in itertools.count(1):
        with contextlib.suppress(TakenError):
            return attempt(path if number == 1 else Path(f"{base}-{number}"))
    raise AssertionError  # the numbers do not end


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
