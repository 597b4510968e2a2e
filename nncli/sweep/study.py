"""The study of a sweep: which point each of Optuna's trials is, and what is left to do.

A trial without a predecessor is the next point: its index is its number, less the number of retries before it. Optuna
numbers trials under a lock, so each point is given to one worker, however many there are, and it depends on the index
alone. A trial that is retried, because its worker was killed or stopped, keeps the index of the first attempt.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.storages import BaseStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial, Trial, TrialState

from nncli.config.load import to_mapping
from nncli.config.locations import dotted
from nncli.config.overrides import location_of
from nncli.errors import RunError
from nncli.sweep import space
from nncli.sweep.file import Sweep
from nncli.sweep.space import Dimension, Point

DESCRIPTION = "nncli"
"""Attribute of the study with `Sweep.described`."""

TRIALS = "trials"
"""Attribute of the study with the number of points."""

RESULT, HOST = "result", "host"
"""Attributes of a trial: what came out of it, and where it runs."""

STARTING_POINTS = 5
"""Points before TPE chooses: the base's own, if it lies in the space, and the first ones of the Sobol sequence."""

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


class Attempts:
    """The trials of a study by the index of their point."""

    def __init__(self, trials: Iterable[FrozenTrial]) -> None:
        self.trials = sorted(trials, key=lambda each: each.number)
        self._retries = [each.number for each in self.trials if _first(each) != each.number]
        self.by_index: dict[int, list[FrozenTrial]] = defaultdict(list)
        for each in self.trials:
            self.by_index[self.index(each)].append(each)

    def index(self, trial: FrozenTrial) -> int:
        """Return the index of a trial's point."""
        number = _first(trial)
        return number - bisect_left(self._retries, number)

    def is_redundant(self, trial: FrozenTrial, total: int) -> bool:
        """Whether the point of a trial is not one of the sweep, or belongs to an earlier trial.

        Workers that ask for a trial at the same time may get one more than there are points.
        """
        index = self.index(trial)
        earlier = [each for each in self.by_index[index] if each.number < trial.number]
        return index >= total or any(each.state != TrialState.FAIL for each in earlier)

    def finished(self, total: int) -> dict[int, FrozenTrial]:
        """Return the trial with the result of each point that has one."""
        return {
            index: each
            for index, attempts in sorted(self.by_index.items())
            for each in attempts
            if index < total and each.state in FINISHED
        }

    def lost(self, total: int) -> list[FrozenTrial]:
        """Return the last attempt of each point that nobody works on, and that has no result."""
        return [
            attempts[-1]
            for index, attempts in sorted(self.by_index.items())
            if index < total and all(each.state == TrialState.FAIL for each in attempts)
        ]

    def has_more(self, total: int) -> bool:
        """Whether there are points that no worker has begun, or that wait for another attempt."""
        begun = sum(index < total for index in self.by_index)
        return begun < total or any(
            each.state == TrialState.WAITING and not self.is_redundant(each, total) for each in self.trials
        )


def _first(trial: FrozenTrial) -> int:
    """Return the number of the first attempt."""
    first = trial.system_attrs.get("failed_trial")
    return trial.number if first is None else int(first)


def dimensions_of(description: Mapping[str, Any]) -> tuple[Dimension, ...]:
    """Return the space of a study from its description."""
    found = []
    for key, each in description["space"].items():
        kind = next(name for name in each if name != "points")
        found.append(Dimension(key, location_of(key), kind, tuple(each[kind]), each["points"]))
    return tuple(found)


def retry(study: optuna.Study, trial: FrozenTrial) -> None:
    """Put a stopped trial back in the queue."""
    RetryHeartbeatStaleTrialCallback(inherit_intermediate_values=True)(study, trial)


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return a dimension as Optuna describes it."""
    if dimension.kind == "choices":
        return CategoricalDistribution(dimension.stored)
    low, high = dimension.values
    if "integers" in dimension.kind:
        return IntDistribution(low, high, log="log" in dimension.kind)
    return FloatDistribution(low, high, log=dimension.kind == "log")


def suggest(trial: Trial, dimensions: Sequence[Dimension]) -> Point:
    """Return the point of a trial, as chosen by the sampler."""
    point: dict[str, Any] = {}
    for each in dimensions:
        if each.kind == "choices":
            point[each.key] = trial.suggest_categorical(each.key, each.stored)
        elif "integers" in each.kind:
            point[each.key] = trial.suggest_int(each.key, *each.values, log="log" in each.kind)
        else:
            point[each.key] = trial.suggest_float(each.key, *each.values, log=each.kind == "log")
    return point


class Points(BaseSampler):
    """Gives each trial the point of its index; with TPE, it makes a sampler with a seed of its own for each trial."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep, self.seed = sweep, sweep.base.config.seed
        self.attempts: Callable[[], Attempts] = lambda: Attempts(())
        self._tpe = TPESampler(seed=0)
        self._space = {each.key: distribution(each) for each in sweep.space}
        self._base = space.encoded(sweep.space, to_mapping(sweep.base.config))

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Choose the seed of the trial's TPE sampler."""
        if self.sweep.sampler == "tpe":
            seed = (self.seed * 1_000_003 + self.attempts().index(trial)) % 2**32
            self._tpe = TPESampler(seed=seed, n_startup_trials=STARTING_POINTS)
            self._tpe.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the space, without keys that have a single value."""
        return {key: each for key, each in self._space.items() if not each.single()}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the point of a trial."""
        dimensions, index = self.sweep.space, self.attempts().index(trial)
        match self.sweep.sampler:
            case "grid":
                return space.grid_point(dimensions, index % space.size_of_grid(dimensions))
            case "random":
                return space.random_point(dimensions, self.seed, index)
            case "tpe" if index >= STARTING_POINTS:
                return self._tpe.sample_relative(study, trial, search_space)
            case "tpe" if index == 0 and self._base:
                return self._base
        return space.sobol_point(dimensions, self.seed, index)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:  # noqa: ANN401 - a value of any distribution
        """Return the value of one key."""
        return self._tpe.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Let TPE see the result."""
        self._tpe.after_trial(study, trial, state, values)


def pruner(sweep: Sweep) -> BasePruner:
    """Return Optuna's pruner of a sweep; a step is an epoch."""
    match sweep.pruner:
        case "median":
            return MedianPruner(n_startup_trials=1, n_warmup_steps=1)
        case "hyperband":
            return HyperbandPruner(min_resource=1, max_resource=sweep.base.config.training.epochs * sweep.seeds)
    return NopPruner()


def open_study(storage: BaseStorage, sweep: Sweep) -> optuna.Study:
    """Return the study of a sweep, or create it.

    Raises:
        RunError: the storage has a study of this name for another sweep.
    """
    sampler = Points(sweep)
    study = optuna.create_study(
        storage=storage, study_name=sweep.name, sampler=sampler, pruner=pruner(sweep), load_if_exists=True
    )
    sampler.attempts = lambda: Attempts(study.get_trials(deepcopy=False))
    recorded, wanted = study.user_attrs.get(DESCRIPTION), sweep.described()
    if recorded is None:
        study.set_user_attr(DESCRIPTION, wanted)
    elif differences := list(_differences(recorded, wanted)):
        raise RunError(
            f"the study {sweep.name!r} was started with a different {', '.join(differences[:3])}; restore the original "
            "files, or give the sweep a new `name`"
        )
    if study.user_attrs.get(TRIALS) != sweep.trials:
        study.set_user_attr(TRIALS, sweep.trials)
    return study


def _differences(then: object, now: object, key: tuple[int | str, ...] = ()) -> Iterable[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for step in {**then, **now}:
            yield from _differences(then.get(step), now.get(step), (*key, step))
    elif then != now:
        yield dotted(key)
