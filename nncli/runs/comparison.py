"""The comparison of several runs: groups of seeds, differing settings, and a test of each pair."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.build import Trained
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.data.sources import differing
from nncli.evaluation.comparison import LEVEL, McNemar, holm, mcnemar
from nncli.evaluation.metrics import Summary
from nncli.runs import manifest, metrics
from nncli.runs.checkpoint import Context
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest
from nncli.runs.settings import differences, identity
from nncli.training.events import EpochFinished


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a network predicts on a test split; probabilities (classes, examples)."""

    data: Dataset
    loss: float
    probabilities: NDArray[np.floating]
    summary: Summary

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which examples are misclassified: (examples,)."""
        wrong: NDArray[np.bool_] = self.probabilities.argmax(axis=0) != self.data.labels
        return wrong


@dataclass(frozen=True, eq=False)
class Run:
    """A run to compare; `tested` is None if its test images are not available."""

    label: str
    path: Path
    config: Config
    inputs: Context
    record: Manifest
    epochs: Sequence[EpochFinished]
    tested: Outcome | None

    @property
    def validation_error(self) -> float | None:
        """The validation error of the best epoch."""
        return self.record.best["validation_error"] if self.record.best else None

    @property
    def test_error(self) -> float | None:
        """The error on the test split."""
        return self.tested.summary.error if self.tested else None


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one configuration on the same data, which differ in nothing but the seed."""

    label: str
    runs: Sequence[Run]

    @property
    def training_curves(self) -> list[dict[int, float]]:
        """The training error of each run by epoch."""
        return [{line.epoch: line.train_error for line in run.epochs} for run in self.runs]

    @property
    def validation_curves(self) -> list[dict[int, float]]:
        """The validation error of each run by epoch; empty unless all of them have some."""
        curves = [
            {line.epoch: line.validation_error for line in run.epochs if line.validation_error is not None}
            for run in self.runs
        ]
        return curves if all(curves) else []


@dataclass(frozen=True, eq=False)
class Pair:
    """The test of two runs; `adjusted` is the p-value adjusted for the number of tests."""

    first: Run
    second: Run
    result: McNemar
    adjusted: float

    @property
    def differ(self) -> bool:
        """Whether the two can be told apart."""
        return self.adjusted < LEVEL

    @property
    def sentence(self) -> str:
        """The result in words."""
        a, b, found = self.first.label, self.second.label, self.result
        if not found.only_first + found.only_second:
            return f"{a} and {b} cannot be told apart: they misclassify the same {_images(found.both)}."
        better = a if found.only_first < found.only_second else b
        verdict = f"so {better} is better" if self.differ else "so the difference may be chance"
        return (
            f"{a} and {b} {'can' if self.differ else 'cannot'} be told apart: of {_images(found.examples)}, only {a} "
            f"misclassifies {found.only_first:,} and only {b} {found.only_second:,}. If both were equally good, a "
            f"split at least as uneven would have probability {probability(found.p_value)}, {verdict}."
        )


class Comparison:
    """Several runs in groups, with what differs in their configurations and a test of each pair of runs."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.groups = _groups(runs)

    @cached_property
    def differences(self) -> dict[str, list[Any]]:
        """Map each setting that differs to its value in each group."""
        return differences([group.runs[0].config for group in self.groups])

    @cached_property
    def pairs(self) -> list[Pair]:
        """Test each pair of runs that were tested on the same images."""
        found = [
            (first, second, mcnemar(first.tested.wrong, second.tested.wrong))
            for first, second in combinations(self.runs, 2)
            if first.tested and second.tested and same_images(first.tested.data, second.tested.data)
        ]
        adjusted = holm([result.p_value for _, _, result in found])
        return [Pair(*each, p_value) for each, p_value in zip(found, adjusted, strict=True)]

    @property
    def untested(self) -> int:
        """The number of pairs without a test, because the test images differ or are not available."""
        return len(self.runs) * (len(self.runs) - 1) // 2 - len(self.pairs)

    def conclusions(self) -> Iterator[str]:
        """Yield a sentence for each pair of runs, or for each group and pair of groups that have several."""
        groups = {id(run): group for group in self.groups for run in group.runs}
        cases: dict[tuple[str, str], list[Pair]] = {}
        for pair in self.pairs:
            case = (groups[id(pair.first)].label, groups[id(pair.second)].label)
            cases.setdefault(case, []).append(pair)
        for (first, second), pairs in cases.items():
            yield pairs[0].sentence if len(pairs) == 1 else _summarized(first, second, pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        return {
            "groups": [_group_to_dict(group) for group in self.groups],
            "differences": self.differences,
            "pairs": [
                {
                    "first": str(pair.first.path),
                    "second": str(pair.second.path),
                    "examples": pair.result.examples,
                    "only_first_wrong": pair.result.only_first,
                    "only_second_wrong": pair.result.only_second,
                    "both_wrong": pair.result.both,
                    "test": "exact binomial" if pair.result.exact else "chi-squared with continuity correction",
                    "p_value": pair.result.p_value,
                    "adjusted_p_value": pair.adjusted,
                    "differ": pair.differ,
                    "sentence": pair.sentence,
                }
                for pair in self.pairs
            ],
        }


def load(label: str, path: Path, trained: Trained, tested: Outcome | None) -> Run:
    """Return a run from its folder, its network and its predictions.

    Raises:
        RunError: its manifest or metrics cannot be read.
    """
    folder = RunFolder(path)
    record, epochs = manifest.read(folder.manifest), list(metrics.read(folder.metrics))
    return Run(label, path, trained.config, trained.inputs, record, epochs, tested)


def labels(paths: Sequence[Path]) -> list[str]:
    """Return a short name for each path: the last parts of it, as many as make all of them different."""
    parts = [path.absolute().parts for path in paths]
    for count in range(1, max(map(len, parts)) + 1):
        names = [str(Path(*each[-count:])) for each in parts]
        if len(set(names)) == len(set(parts)):
            break
    return names


def mean_and_deviation(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the mean and the standard deviation of a sample of two or more values; None if one is not known."""
    known = [value for value in values if value is not None]
    return (statistics.mean(known), statistics.stdev(known)) if len(known) == len(values) > 1 else None


def mean_curve(curves: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return the mean of the curves of several seeds, for the epochs that all of them have."""
    common = [epoch for epoch in curves[0] if all(epoch in curve for curve in curves)] if curves else []
    return {epoch: statistics.mean(curve[epoch] for curve in curves) for epoch in common}


def same_images(first: Dataset, second: Dataset) -> bool:
    """Whether two test splits have the same files."""
    return first is second or not differing(first.sha256, second.sha256)


def probability(p_value: float) -> str:
    """Return a p-value with two significant digits, such as 0.034."""
    return f"{p_value:.2g}" if p_value >= 1e-4 else f"{p_value:.1e}" if p_value >= 1e-99 else "< 1e-99"


def _groups(runs: Sequence[Run]) -> list[Group]:
    grouped: list[list[Run]] = []
    for run in runs:
        group = next((group for group in grouped if _same_setting(group[0], run)), None)
        if group is None:
            grouped.append([run])
        else:
            group.append(run)
    named = [group[0].config.name for group in grouped]
    return [
        Group(name if len(group) > 1 and named.count(name) == 1 else group[0].label, group)
        for name, group in zip(named, grouped, strict=True)
    ]


def _same_setting(first: Run, second: Run) -> bool:
    """Whether two runs have the same configuration but for the ignored settings, and the same data."""
    same_data = first.inputs.dataset == second.inputs.dataset and not differing(
        first.inputs.sha256, second.inputs.sha256
    )
    return same_data and identity(first.config) == identity(second.config)


def _summarized(first: str, second: str, pairs: Sequence[Pair]) -> str:
    """Return the tests of several pairs of runs, of one group or of two, in one sentence."""
    apart, total = sum(pair.differ for pair in pairs), len(pairs)
    smallest = min(pair.result.p_value for pair in pairs)
    if first == second:
        what = f"Of the {total} pairs of seeds of {first}, {apart or 'none'} can be told apart"
        return f"{what} (the smallest p-value is {probability(smallest)})."
    if not apart:
        return f"{first} and {second} cannot be told apart in any of {total} pairs of runs."
    wins = sum(pair.result.only_first < pair.result.only_second for pair in pairs if pair.differ)
    better, times = (first, wins) if wins * 2 >= apart else (second, apart - wins)
    what = f"{first} and {second} can be told apart in {apart} of {total} pairs of runs"
    return f"{what}; {better} is better in {times} of them."


def _group_to_dict(group: Group) -> dict[str, Any]:
    statistics_of = {
        name: mean_and_deviation([getattr(run, name) for run in group.runs])
        for name in ("validation_error", "test_error")
    }
    return {
        "label": group.label,
        "runs": [_run_to_dict(run) for run in group.runs],
        **{
            name: {"mean": found[0], "standard_deviation": found[1]} if found else None
            for name, found in statistics_of.items()
        },
    }


def _run_to_dict(run: Run) -> dict[str, Any]:
    tested = run.tested
    return {
        "path": str(run.path),
        "seed": run.config.seed,
        "dataset": run.inputs.dataset,
        "status": run.record.status,
        "seconds": run.record.seconds,
        "best_epoch": run.record.best["epoch"] if run.record.best else None,
        "validation_error": run.validation_error,
        "test_error": run.test_error,
        "test_interval": list(tested.summary.interval) if tested else None,
        "test_loss": tested.loss if tested else None,
        "curve": [
            {"epoch": line.epoch, "train_error": line.train_error, "validation_error": line.validation_error}
            for line in run.epochs
        ],
    }


def _images(count: int) -> str:
    return f"{count:,} test image" + "s"[: count != 1]
