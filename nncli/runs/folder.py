"""The run folder: its files, locked for one training; only files that nncli made are ever replaced."""

import contextlib
import itertools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self, TypeVar

from nncli import durable
from nncli.config.load import load, to_yaml
from nncli.config.schema import Config
from nncli.errors import ConfigError, RunError
from nncli.runs import manifest
from nncli.runs.lock import Lock, TakenError, is_trace

Mode = Literal["new", "unique", "resume", "force"]
"""How a training uses a folder: an empty one; the first empty one of `path`, `path`-2, `path`-3, …; resume its run;
replace its run."""

Which = Literal["best", "last"]
"""The checkpoint of a run to use."""

T = TypeVar("T")

_MANIFEST = "manifest.json"


class RunFolder:
    """The paths of one run; a folder from `create` is locked until `close` or the end of the `with` block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.manifest = path / _MANIFEST
        self.metrics = path / "metrics.jsonl"
        self.csv = path / "metrics.csv"
        self.measurement = path / "test.json"
        self.checkpoints = path / "checkpoints"
        self.last = self.checkpoints / "last.safetensors"
        self.previous = self.checkpoints / "previous.safetensors"  # the one before `last`
        self.best = self.checkpoints / "best.safetensors"
        self._lock = Lock(path)

    @classmethod
    def check(cls, path: Path, mode: Mode = "new", reading: Path | None = None) -> Path:
        """Return the folder that `create` would return, or raise its errors, without writing anything."""
        if mode == "unique":
            return _first_free(path, cls.check)
        with durable.reported(path), cls(path) as folder:
            if folder._lock.exists():
                folder._lock.acquire()
            folder._check_contents(mode, reading)
        return path

    @classmethod
    def create(cls, path: Path, mode: Mode = "new", reading: Path | None = None) -> Self:
        """Create and lock the folder of a new training, or lock that of an earlier one.

        Temporary files of a killed training are removed. The manifest of a run to replace stays until that of the
        new run replaces it, as a sign that nncli made the folder.

        Args:
            path: path of the folder.
            mode: what to do with its contents.
            reading: configuration file in use, which is never removed.

        Raises:
            TakenError: another training is using the folder, or it is not empty and the run is new.
            RunError: the folder has no run of nncli's to resume or replace.
            WriteError: the folder cannot be written.
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

    @property
    def in_use(self) -> bool:
        """Whether a process is training in the folder, as far as this user can tell."""
        return self._lock.is_held()

    def event_files(self) -> list[Path]:
        """Return the files that were written for TensorBoard."""
        return sorted(self.path.glob("events.out.tfevents.*"))

    def own_config(self) -> Path:
        """Return the configuration file of a run to resume; RunError if there is none."""
        with durable.reported(self.path):
            self._check_contents("resume", None)
            if self.config.exists():
                return self.config
        how = shlex.join(["nncli", "train", "CONFIG", "--resume", "--run-dir", str(self.path)])
        raise RunError(f"{self.config}: missing; resume with the configuration file that started the run: {how}")

    def read_config(self) -> Config | None:
        """Return the recorded configuration, or None if it is missing or invalid."""
        with contextlib.suppress(ConfigError):
            return load(self.config).config
        return None

    def write_config(self, config: Config) -> None:
        """Record the configuration; an equivalent file is kept, with its comments."""
        if self.read_config() != config:
            durable.write(self.config, [to_yaml(config).encode()])

    def close(self) -> None:
        """Release the lock; calling it twice does no harm."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, mode: Mode, reading: Path | None) -> None:
        if not self._lock.exists():
            self._check_contents(mode, reading)  # before a lock is left in a user's folder
        durable.make_folder(self.path)
        self._lock.acquire()
        self._check_contents(mode, reading)
        durable.make_folder(self.checkpoints)
        for place in (self.path, self.checkpoints):
            durable.remove_stale(place)
        if mode == "force":
            self._remove_run()

    def _remove_run(self) -> None:
        """Remove everything but the manifest, checkpoints first: no run can be resumed from the others."""
        logged = (self.csv, *self.event_files())
        for file in (self.previous, self.last, self.best, self.metrics, *logged, self.measurement, self.config):
            file.unlink(missing_ok=True)
            durable.sync_folder(file.parent)

    def _check_contents(self, mode: Mode, reading: Path | None) -> None:
        if mode == "resume":
            if not self.manifest.exists():
                raise RunError(f"{self.path}: no run to resume in this folder; start one with: nncli train CONFIG")
            manifest.read(self.manifest)
        elif self._is_empty():
            return
        elif not self._is_run():
            raise TakenError(f"{self.path}: not empty, and not an nncli run; choose another --run-dir")
        elif mode == "new":
            replace = "" if self._is_read(reading) else "replace it with --force, "
            raise TakenError(
                f"{self.path}: not empty; continue its run with --resume, {replace}"
                "or choose another --run-dir (--unique picks a numbered one)"
            )
        elif self._is_read(reading):
            raise RunError(
                f"{self.path}: --force would remove {reading}, which is being read; choose another --run-dir"
            )

    def _is_empty(self) -> bool:
        """Whether the folder has only the traces of a training that was killed before it wrote anything."""
        folders = [folder for folder in (self.path, self.checkpoints) if folder.exists()]
        found = {entry for folder in folders for entry in folder.iterdir()} - {self.checkpoints}
        return all(durable.is_temporary(entry) or is_trace(entry) for entry in found)

    def _is_run(self) -> bool:
        """Whether nncli made the folder: the manifest is the first file of a run, and the last to be replaced."""
        with contextlib.suppress(RunError):
            return bool(manifest.read(self.manifest))
        return False

    def _is_read(self, reading: Path | None) -> bool:
        """Whether the file being read is one of the run's own."""
        files = (self.last, self.previous, self.best, self.metrics, self.config, self.manifest)
        return reading is not None and any(file.exists() and file.samefile(reading) for file in files)


def _first_free(path: Path, attempt: Callable[[Path], T]) -> T:
    """Return the result of an attempt for the first of `path`, `path`-2, `path`-3, … that is not taken.

    Two processes cannot get the same one: an attempt locks the folder, or finds what the other process wrote.
    """
    base = path.resolve() if path.name in ("", "..") else path
    for number in itertools.count(1):
        with contextlib.suppress(TakenError):
            return attempt(path if number == 1 else Path(f"{base}-{number}"))
    raise AssertionError  # unreachable


def resolve(path: Path, which: Which = "best") -> Path:
    """Return the checkpoint file of a run folder, or the path itself if it is a file.

    Raises:
        RunError: the path does not exist, or the folder has no such checkpoint.
    """
    folder = RunFolder(path)
    wanted, other = (folder.best, folder.last) if which == "best" else (folder.last, folder.best)
    try:
        for file in (path, wanted):
            if file.is_file():
                return file
        if other.is_file():
            raise RunError(f"{path}: no {which} checkpoint, but there is {other}; use that")
        run = next(itertools.chain(path.glob(f"*/{_MANIFEST}"), path.glob(f"*/*/{_MANIFEST}")), None)
        if run:
            raise RunError(f"{path}: a folder of runs, such as {run.parent}; list them with: nncli runs {path}")
        if path.exists():
            raise RunError(f"{path}: no checkpoint in this folder; train a run with: nncli train CONFIG")
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    raise RunError(f"{path}: no such run or checkpoint; train one with: nncli train CONFIG")
