"""A worker: takes trials from a study, trains them, and reports the results, until nothing is left to do."""

import json
import platform
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import fail_stale_trials
from optuna.trial import Trial, TrialState

from nncli.errors import NncliError
from nncli.sweep.file import Sweep
from nncli.sweep.space import decoded
from nncli.sweep.storage import MISSED, Storage
from nncli.sweep.study import HOST, RESULT, Attempts, open_study, retry, suggest
from nncli.sweep.trial import Interrupted, Outcome, Process, train

_POLL = 1.0  # seconds between two looks at the trials of other workers
_PATIENCE = 10  # looks before the user is told

Runner = Callable[[Path, int, Mapping[str, Any], Callable[[Mapping[str, Any]], bool]], Outcome]
"""Trains one run; the arguments are its folder, its seed, the values of the point, and a function for each epoch."""


class _RedundantError(Exception):
    """The trial's point is done by another trial, or there are no more points."""


@dataclass(frozen=True)
class Ended:
    """A trial has ended: the index of its point, its values, and its result."""

    index: int
    params: Mapping[str, Any]
    result: Mapping[str, Any]


class Worker:
    """Runs the trials of a sweep, one at a time.

    Args:
        sweep: the sweep.
        storage: storage of its study, which several workers share.
        folder: folder of the trials' run folders.
        stopped: event that ends the current training, which saves a checkpoint, and stops the worker.
        options: options of every training, such as --data-dir.
        tell: receives `Ended`.
        say: receives a line if the worker has to wait for others.
        runner: trains a run; by default, in a process of its own.
    """

    def __init__(
        self,
        sweep: Sweep,
        storage: Storage,
        folder: Path,
        stopped: threading.Event,
        *,
        options: Sequence[str] = (),
        tell: Callable[[Ended], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
        runner: Runner | None = None,
    ) -> None:
        self.sweep, self.storage, self.folder, self.stopped = sweep, storage, folder, stopped
        self.options, self.tell, self.say = options, tell, say
        self.process = Process(stopped)
        self.study = open_study(storage, sweep)
        self._runner = runner or self._train
        self._current: int | None = None
        self._noted: set[int] = set()
        self._polls = 0

    def run(self) -> None:
        """Run trials until all points have a result, or until `stopped` is set.

        Raises:
            NncliError: the sweep cannot continue.
        """
        while not self.stopped.is_set():
            attempts = self._attempts()
            if len(attempts.finished(self.sweep.trials)) >= self.sweep.trials:
                return
            if attempts.has_more(self.sweep.trials):
                self._do_one()
            elif lost := attempts.lost(self.sweep.trials):
                for trial in lost:
                    retry(self.study, trial)
            else:
                self._wait(attempts)

    def _attempts(self) -> Attempts:
        return Attempts(self.study.get_trials(deepcopy=False))

    def _do_one(self) -> None:
        self._current, self._polls = None, 0
        try:
            self.study.optimize(self._objective, n_trials=1, catch=(_RedundantError,))
        except Interrupted:
            self._give_back()
        except (UpdateFinishedTrialError, ValueError):
            if not self._was_overtaken():
                raise

    def _give_back(self) -> None:
        """Put the interrupted trial back in the queue."""
        if self._current is not None:
            with suppress(NncliError, UpdateFinishedTrialError):
                self.storage.set_trial_state_values(self._current, TrialState.FAIL)
                retry(self.study, self.storage.get_trial(self._current))

    def _was_overtaken(self) -> bool:
        """Whether another worker has taken over the current trial, because this one sent no heartbeat for too long."""
        return self._current is not None and self.storage.get_trial(self._current).state == TrialState.FAIL

    def _wait(self, attempts: Attempts) -> None:
        """Wait for the trials of other workers, and check that these workers are alive.

        Optuna ignores a trial whose worker was killed before the first heartbeat, so it gets one here.
        """
        for each in attempts.trials:
            if each.state == TrialState.RUNNING and each._trial_id not in self._noted:
                self._noted.add(each._trial_id)
                self.storage.record_heartbeat(each._trial_id)
        self._polls += 1
        if self._polls == _PATIENCE:
            grace = self.storage.get_heartbeat_interval() or 0
            self.say(f"waiting for the last trials; those of a killed worker are resumed after {MISSED * grace} s")
        self.stopped.wait(_POLL)
        fail_stale_trials(self.study)

    def _objective(self, trial: Trial) -> float:
        """Train the runs of a trial, and return the mean of their results."""
        self._current = trial._trial_id
        attempts, frozen = self._attempts(), self.storage.get_trial(trial._trial_id)
        if attempts.is_redundant(frozen, self.sweep.trials):
            raise _RedundantError
        index = attempts.index(frozen)
        point = decoded(self.sweep.space, suggest(trial, self.sweep.space))
        trial.set_user_attr(HOST, platform.node())
        outcomes: list[Outcome] = []
        for seed in range(self.sweep.seeds):
            outcomes.append(self._runner(self._place(index, seed), seed, point, self._reporter(trial, outcomes)))
            if outcomes[-1].status != "completed":
                break
        return self._result(trial, index, outcomes)

    def _folder(self, index: int) -> Path:
        return self.folder / f"trial-{index:04d}"

    def _place(self, index: int, seed: int) -> Path:
        """Return the run folder of a point and a seed."""
        folder = self._folder(index)
        return folder / f"seed-{seed + 1}" if self.sweep.seeds > 1 else folder

    def _reporter(self, trial: Trial, before: Sequence[Outcome]) -> Callable[[Mapping[str, Any]], bool]:
        """Return a function that reports the mean over the seeds so far to the pruner, and returns its verdict."""
        finished = [each.value for each in before if each.value is not None]
        epochs = len(finished) * self.sweep.base.config.training.epochs

        def report(epoch: Mapping[str, Any]) -> bool:
            value = epoch[self.sweep.objective]
            if value is None or self.sweep.pruner == "none":
                return False
            trial.report(mean([*finished, value]), epochs + epoch["epoch"])
            return trial.should_prune()

        return report

    def _result(self, trial: Trial, index: int, outcomes: Sequence[Outcome]) -> float:
        values = [each.value for each in outcomes if each.value is not None]
        status = outcomes[-1].status
        result = {
            "index": index,
            "status": status,
            "values": values,
            "seconds": round(sum(each.seconds for each in outcomes), 3),
            "host": platform.node(),
            "folder": str(self._folder(index)),
        }
        trial.set_user_attr(RESULT, result)
        self.tell(Ended(index, decoded(self.sweep.space, trial.params), result))
        if status == "pruned":
            raise optuna.TrialPruned
        return mean(values) if status == "completed" else float("inf")

    def _train(
        self, folder: Path, seed: int, point: Mapping[str, Any], after_epoch: Callable[[Mapping[str, Any]], bool]
    ) -> Outcome:
        settings = [f"{key}={json.dumps(value)}" for key, value in point.items()]
        if self.sweep.seeds > 1:
            settings.append(f"seed={self.sweep.base.config.seed + seed}")
        return train(
            self.process, folder, self.sweep.base_path, settings, self.options, self.sweep.objective, after_epoch
        )


def run(workers: Sequence[Worker], stopped: threading.Event, timeout: float | None = None) -> bool:
    """Run workers in threads until all have ended; return whether the time ran out first.

    A signal in the main thread stops them, as does an error in one of them; both are raised again when all have ended.
    """
    errors: list[BaseException] = []

    def work(worker: Worker) -> None:
        try:
            worker.run()
        except BaseException as error:
            errors.append(error)
            stop(workers, stopped)

    threads = [threading.Thread(target=work, args=(each,)) for each in workers]
    ends, is_over = time.monotonic() + (timeout or 0), False
    try:
        for each in threads:
            each.start()
        while any(each.is_alive() for each in threads):
            next(each for each in threads if each.is_alive()).join(0.2)
            if timeout and time.monotonic() > ends and not stopped.is_set():
                is_over = True
                stop(workers, stopped)
    except KeyboardInterrupt:
        stop(workers, stopped)
        for each in threads:
            each.join()
        raise
    if errors and not is_over:
        raise errors[0]
    return is_over


def stop(workers: Sequence[Worker], stopped: threading.Event) -> None:
    """End every training, which saves a checkpoint."""
    stopped.set()
    for each in workers:
        each.process.interrupt()
