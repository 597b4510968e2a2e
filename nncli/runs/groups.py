"""Runs to compare, in groups that differ in nothing but the seed."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nncli.build import Trained
from nncli.config.schema import Config
from nncli.data.sources import differing
from nncli.evaluation.spread import Spread
from nncli.runs import manifest, metrics
from nncli.runs.checkpoint import Context
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest
from nncli.runs.outcome import Outcome
from nncli.runs.settings import identity
from nncli.training.events import EpochFinished

Curve = Mapping[int, float]
"""Epoch -> error."""


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
    def best_epoch(self) -> float | None:
        """The epoch of the best checkpoint."""
        return self.record.best["epoch"] if self.record.best else None

    @property
    def validation_error(self) -> float | None:
        """The validation error of the best epoch."""
        return self.record.best["validation_error"] if self.record.best else None

    @property
    def test_error(self) -> float | None:
        """The error on the test split."""
        return self.tested.summary.error if self.tested else None

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain JSON values."""
        return {
            "path": str(self.path),
            "seed": self.config.seed,
            "dataset": self.inputs.dataset,
            "status": self.record.status,
            "seconds": self.record.seconds,
            "best_epoch": self.best_epoch,
            "validation_error": self.validation_error,
            "test_error": self.test_error,
            "test_interval": list(self.tested.summary.interval) if self.tested else None,
            "test_loss": self.tested.loss if self.tested else None,
            "curve": [
                {"epoch": line.epoch, "train_error": line.train_error, "validation_error": line.validation_error}
                for line in self.epochs
            ],
        }


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one configuration on the same data, which differ in nothing but the seed."""

    label: str
    runs: Sequence[Run]

    @property
    def training_curves(self) -> list[Curve]:
        """The training error of each run."""
        return [{line.epoch: line.train_error for line in run.epochs} for run in self.runs]

    @property
    def validation_curves(self) -> list[Curve]:
        """The validation error of each run; empty unless all of them have some."""
        curves: list[Curve] = [
            {line.epoch: line.validation_error for line in run.epochs if line.validation_error is not None}
            for run in self.runs
        ]
        return curves if all(curves) else []

    @property
    def spreads(self) -> dict[str, Spread | None]:
        """The validation and test errors over the seeds; None for one seed, or if one of the errors is not known."""
        errors = {name: [getattr(run, name) for run in self.runs] for name in ("validation_error", "test_error")}
        return {name: Spread(each) if len(each) > 1 and None not in each else None for name, each in errors.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the group as plain JSON values."""
        spreads = {
            name: {"mean": each.mean, "standard_deviation": each.deviation} if each else None
            for name, each in self.spreads.items()
        }
        return {"label": self.label, "runs": [run.to_dict() for run in self.runs], **spreads}


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


def grouped(runs: Sequence[Run]) -> list[Group]:
    """Return the groups of runs, named after their configuration if no other group has its name."""
    groups: list[list[Run]] = []
    for run in runs:
        group = next((group for group in groups if _same_setting(group[0], run)), None)
        if group is None:
            groups.append([run])
        else:
            group.append(run)
    names = [group[0].config.name for group in groups]
    return [
        Group(name if len(group) > 1 and names.count(name) == 1 else group[0].label, group)
        for name, group in zip(names, groups, strict=True)
    ]


def _same_setting(first: Run, second: Run) -> bool:
    """Whether two runs have the same configuration but for the ignored settings, and the same data."""
    same_data = first.inputs.dataset == second.inputs.dataset and not differing(
        first.inputs.sha256, second.inputs.sha256
    )
    return same_data and identity(first.config) == identity(second.config)


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean of the curves of several seeds, for the epochs that all of them have."""
    common = [epoch for epoch in curves[0] if all(epoch in curve for curve in curves)] if curves else []
    return {epoch: statistics.mean(curve[epoch] for curve in curves) for epoch in common}
