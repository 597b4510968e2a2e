"""The training of a trial's run in a process of its own, which reports after each epoch."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nncli.config.load import load
from nncli.config.schema import Config
from nncli.errors import DivergedError, NncliError, RunError
from nncli.runs import manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.runs.lock import TakenError
from nncli.runs.settings import differences, identity

STORAGE = "NNCLI_SWEEP_STORAGE"
"""Variable with the URL of the database, which may contain a password."""

_ATTEMPTS = 3
_FATAL = range(2, 6)  # exit codes of errors that other trials share: usage, configuration, data, run folder


class Interrupted(BaseException):
    """The trial was stopped, and can be resumed."""


class FatalError(NncliError):
    """A training that failed for a reason that ends the sweep; it has the exit code of the training."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass
class Process:
    """The training processes of a worker, one at a time; `interrupt` may be called from another thread."""

    stopped: threading.Event
    _running: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def interrupt(self) -> None:
        """End the current training, which saves a checkpoint."""
        with self._lock, suppress(ProcessLookupError):
            if self._running and self._running.poll() is None:
                self._running.terminate()  # SIGINT is ignored in the background of a script

    def run(self, arguments: Sequence[str], after_epoch: Callable[[Mapping[str, Any]], bool]) -> tuple[int, str]:
        """Run nncli, answer its report of each epoch, and return its exit code and last error message."""
        environment = {name: value for name, value in os.environ.items() if name != STORAGE}
        command = [sys.executable, "-m", "nncli", *arguments]
        with self._lock:
            if self.stopped.is_set():
                raise Interrupted
            self._running = process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                start_new_session=True,  # Ctrl-C is passed on by `interrupt`
            )
        answers, reports, messages = process.stdin, process.stdout, process.stderr
        assert answers and reports and messages  # noqa: PT018 - pipes, as asked above
        errors: list[str] = []
        reader = threading.Thread(target=errors.extend, args=(messages,), daemon=True)
        reader.start()
        try:
            _answer(reports, answers, after_epoch)
            code = process.wait()
        finally:
            with suppress(OSError):
                answers.close()  # ends a training that waits for an answer
            if process.poll() is None:
                process.terminate()
                process.wait()
            reader.join()
            reports.close()
            messages.close()
        return code, next((each.strip() for each in reversed(errors) if each.startswith("error:")), "")


def _answer(reports: IO[str], answers: IO[str], after_epoch: Callable[[Mapping[str, Any]], bool]) -> None:
    """Answer each epoch that a training reports, until it ends."""
    for line in reports:
        if line.startswith('{"epoch"'):
            answer = "prune" if after_epoch(json.loads(line)) else "continue"
            with suppress(BrokenPipeError):
                answers.write(f"{answer}\n")
                answers.flush()


@dataclass(frozen=True)
class Outcome:
    """The result of a run: its status, the objective (None unless completed) and the training time in seconds."""

    status: str
    value: float | None
    seconds: float


def train(
    process: Process,
    folder: Path,
    config: Path,
    settings: Sequence[str],
    common: Sequence[str],
    objective: str,
    after_epoch: Callable[[Mapping[str, Any]], bool],
) -> Outcome:
    """Train a run to its end; an earlier attempt is resumed.

    Args:
        process: runs the training.
        folder: run folder.
        config: base configuration of a new run.
        settings: values of the point, as for --set.
        common: options of a new or resumed run.
        objective: metric of the result, the lowest over the epochs.
        after_epoch: receives the metrics of each new epoch; returns whether to prune the run.

    Raises:
        Interrupted: the process was stopped.
        FatalError: the training failed for a reason that other trials share.
        RunError: the folder has a run with other settings.
    """
    run, failures = RunFolder(folder), 0
    _expect_same(run, load(config, settings).config)
    options = [option for each in settings for option in ("--set", each)]
    while True:
        if outcome := _ended(run, objective):
            return outcome
        begun = run.manifest.exists()
        if begun and _is_taken(folder):  # by an earlier attempt that has not noticed that its worker ended
            if process.stopped.wait(0.2):
                raise Interrupted
            continue
        what = [str(folder), "--resume"] if begun else [str(config), "--run-dir", str(folder), *options]
        code, error = process.run(["train", *what, *common, "--supervised", "-q"], after_epoch)
        if process.stopped.is_set() and code in (130, 143, -signal.SIGINT, -signal.SIGTERM):
            raise Interrupted
        if code in _FATAL and not _is_taken(folder):
            message = error.removeprefix("error: ") or "the training failed"
            raise FatalError(message if str(folder) in message else f"{folder}: {message}", code)
        if code not in (0, DivergedError.exit_code):
            failures += 1
            if failures == _ATTEMPTS:
                return Outcome("failed", None, _seconds(run))
            time.sleep(0.1)


def _expect_same(run: RunFolder, config: Config) -> None:
    """Raise RunError if the folder has the run of another configuration, such as that of an earlier sweep."""
    recorded = run.read_config()
    if recorded and (identity(recorded), recorded.seed) != (identity(config), config.seed):
        names = ["seed"] * (recorded.seed != config.seed) + list(differences([recorded, config]))
        raise RunError(
            f"{run.path}: a run with a different {', '.join(names)}, of another sweep; choose another --sweep-dir, or "
            "remove the folder"
        )


def _ended(run: RunFolder, objective: str) -> Outcome | None:
    """Return the outcome of a run that needs no more training, or None."""
    if not run.manifest.exists():
        return None
    record = manifest.read(run.manifest)
    if record.status == "completed":
        values = [getattr(each, objective) for each in metrics.read(run.metrics)]
        return Outcome("completed", min(each for each in values if each is not None), record.seconds)
    if record.status in ("diverged", "pruned"):
        return Outcome(record.status, None, record.seconds)
    return None


def _seconds(run: RunFolder) -> float:
    with suppress(RunError):
        return manifest.read(run.manifest).seconds
    return 0.0


def _is_taken(folder: Path) -> bool:
    """Whether another process trains the run."""
    try:
        RunFolder.check(folder, "resume")
    except NncliError as error:
        return isinstance(error, TakenError)
    return False
