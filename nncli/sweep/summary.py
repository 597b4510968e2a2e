"""The results of a sweep: points ranked by their mean over the seeds, the importance of each key, and the time."""

import math
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from nncli.errors import RunError
from nncli.evaluation.spread import Spread
from nncli.sweep.space import Dimension, decoded
from nncli.sweep.study import DESCRIPTION, HOST, RESULT, TRIALS, Attempts, dimensions_of

_ENOUGH = 4  # finished trials, for an importance


@dataclass(frozen=True)
class Entry:
    """A point, with the results of its seeds.

    Attributes:
        params: key -> value, without the seed.
        trials: indices of the trials.
        values: the objective for each seed.
        mean: their mean; None if a run diverged, failed or was pruned.
        deviation: their standard deviation; None without a mean, or for one seed.
        interval: 95% confidence interval of the mean, by Student's t distribution; None as for the deviation.
        status: `completed`, or how the first incomplete run ended.
        seconds: training time.
        hosts: hosts on which the trials ran.
        folders: folders of the trials.
    """

    params: Mapping[str, Any]
    trials: Sequence[int]
    values: Sequence[float]
    mean: float | None
    deviation: float | None
    interval: tuple[float, float] | None
    status: str
    seconds: float
    hosts: Sequence[str]
    folders: Sequence[str]


@dataclass(frozen=True)
class Summary:
    """The results of a sweep.

    Attributes:
        name: name of the sweep.
        objective: metric that is minimized.
        sampler: how points were chosen.
        trials: number of trials in all.
        done: number of trials with a result.
        running: index and host of each running trial.
        entries: points, the best first.
        importance: key -> share of the variation that it explains (Watanabe et al., PED-ANOVA, 2023).
        seconds: training time so far, summed over the trials.
        seconds_left: estimate of the training time of the remaining trials; None without a result.
    """

    name: str
    objective: str
    sampler: str
    trials: int
    done: int
    running: Sequence[tuple[int, str]]
    entries: Sequence[Entry]
    importance: Mapping[str, float]
    seconds: float
    seconds_left: float | None
    space: Sequence[Dimension] = field(repr=False, default=())

    @property
    def settings(self) -> list[Dimension]:
        """The dimensions of the space other than the seed."""
        return [each for each in self.space if each.key != "seed"]

    @property
    def completed(self) -> list[Entry]:
        """The points whose runs are all complete, the best first."""
        return [each for each in self.entries if each.mean is not None]

    def expect_best(self) -> Entry:
        """Return the point with the lowest mean.

        Raises:
            RunError: no point is complete.
        """
        if not self.completed:
            raise RunError(f"the sweep {self.name!r} has no completed trial yet")
        return self.completed[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain JSON values."""
        return asdict(self) | {"space": {each.key: {each.kind: list(each.values)} for each in self.space}}


def load(storage: BaseStorage, name: str | None = None) -> optuna.Study:
    """Return the study of a sweep; the name may be omitted if there is only one.

    Raises:
        RunError: there is no such sweep, or more than one.
    """
    found = [each.study_name for each in storage.get_all_studies() if DESCRIPTION in each.user_attrs]
    if name is None and len(found) == 1:
        name = found[0]
    if not found:
        raise RunError("this database has no sweeps; start one with: nncli sweep SWEEP")
    if name not in found:
        raise RunError(f"use --name to choose one of the sweeps in this database: {', '.join(found)}")
    return optuna.load_study(study_name=name, storage=storage)


def summarize(study: optuna.Study) -> Summary:
    """Return the results of a study so far."""
    about, total = study.user_attrs[DESCRIPTION], study.user_attrs[TRIALS]
    space = dimensions_of(about)
    attempts = Attempts(study.get_trials(deepcopy=False))
    finished = list(attempts.finished(total).values())
    results = [each.user_attrs[RESULT] for each in finished]
    seconds = sum(each["seconds"] for each in results)
    running = [each for each in attempts.trials if each.state == TrialState.RUNNING]
    return Summary(
        name=study.study_name,
        objective=about["objective"],
        sampler=about["sampler"],
        trials=total,
        done=len(finished),
        running=[(attempts.index(each), each.user_attrs.get(HOST, "")) for each in running],
        entries=sorted(_entries(finished, space), key=_rank),
        importance=importance(study, [each.key for each in space]),
        seconds=seconds,
        seconds_left=seconds / len(finished) * (total - len(finished)) if finished else None,
        space=space,
    )


def _rank(entry: Entry) -> tuple[bool, float, int]:
    return entry.mean is None, entry.mean or 0.0, entry.trials[0]


def _entries(finished: Iterable[FrozenTrial], space: Sequence[Dimension]) -> list[Entry]:
    """Return an entry for each point; trials that differ in nothing but their seed are one point."""
    groups: dict[str, list[FrozenTrial]] = defaultdict(list)
    for each in finished:
        groups[repr({key: value for key, value in sorted(each.params.items()) if key != "seed"})].append(each)
    return [_entry(each, space) for each in groups.values()]


def _entry(trials: Sequence[FrozenTrial], space: Sequence[Dimension]) -> Entry:
    results = [each.user_attrs[RESULT] for each in trials]
    values = [value for each in results for value in each["values"]]
    status = next((each["status"] for each in results if each["status"] != "completed"), "completed")
    spread = Spread(values) if status == "completed" else None
    return Entry(
        params={key: value for key, value in decoded(space, trials[0].params).items() if key != "seed"},
        trials=[each["index"] for each in results],
        values=values,
        mean=spread.mean if spread else None,
        deviation=spread.deviation if spread else None,
        interval=spread.interval if spread else None,
        status=status,
        seconds=sum(each["seconds"] for each in results),
        hosts=sorted({each["host"] for each in results}),
        folders=[each["folder"] for each in results],
    )


def importance(study: optuna.Study, keys: Sequence[str]) -> dict[str, float]:
    """Return the importance of each key, the most important first; empty if too few trials are complete."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    values = {each.value for each in complete if each.value is not None and math.isfinite(each.value)}
    varied = [key for key in keys if len({each.params.get(key) for each in complete}) > 1]
    if len(complete) < _ENOUGH or len(values) < 2 or not varied:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(), params=varied)
    return {key: float(value) for key, value in found.items() if math.isfinite(value)}
