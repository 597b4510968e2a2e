"""Resume a run from its last intact checkpoint; refuse if it could not continue exactly."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nncli import durable
from nncli.config.load import from_mapping, to_mapping
from nncli.config.locations import Location, dotted, shown
from nncli.data.sources import differing
from nncli.errors import CheckpointError, ConfigError, GraphError, RunError
from nncli.optim.schedules import SCHEDULES, spans_training
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.checkpoint import Checkpoint
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Data, Environment, Manifest
from nncli.training import snapshot
from nncli.training.loop import Training

_EPOCHS: Location = ("training", "epochs")  # may change unless the steps depend on it
_PATIENCE: Location = ("training", "early_stopping", "patience")  # may grow
OF_THE_MACHINE: set[Location] = {("data", "dir"), ("training", "loggers"), ("training", "threads")}
"""Settings of the place where a training runs, which leave its result unchanged."""

FREE: set[Location] = {*OF_THE_MACHINE, ("training", "checkpoint_every_steps"), ("name",)}
"""Settings that do not affect the steps of a training."""


def resume(
    folder: RunFolder, training: Training, data: Data, command: list[str], *, strict: bool = False
) -> tuple[Manifest, list[str]]:
    """Restore a training from the run's last checkpoint; leave it at its start if there is none yet.

    If the last checkpoint is damaged, the previous one replaces it, unless `strict`.

    Returns:
        The manifest to continue with, and remarks: anything that may change the rest of the run, and why nothing
        is left to train.

    Raises:
        RunError: the data or the configuration has changed, or more epochs are requested and cannot be trained.
        CheckpointError: no checkpoint is intact (`strict`: the last is not), or it is of another network.
    """
    before = manifest.read(folder.manifest)
    if changed := differing(before.data.sha256, data.sha256):
        raise RunError(
            f"{folder.path}: trained on different data ({before.data.name}, now {data.name}; changed: "
            f"{', '.join(changed)}); use --data-dir to specify the original files"
        )
    differences = Environment.current().differences(before.environment)
    remarks = [f"note: {line}; results may differ in the last bits" for line in differences]
    config = to_mapping(training.config)
    found = _newest(folder, strict=strict)
    if found is None:
        recorded = folder.read_config()
        if recorded is not None:
            compare(folder.path, to_mapping(recorded), config)
        return before.resumed(command), [*remarks, "note: the run has no checkpoint yet; it starts from the beginning"]
    path, kept, damage = found
    then = _settings(path, kept)
    compare(folder.path, then, config)
    _restore(folder, training, path, kept)
    remarks += [*damage, *_missing_metrics(folder, training.progress.epoch)]
    remarks += _nothing_left(folder, training, then, config)
    if path != folder.last:  # or else the damaged one becomes the previous one
        durable.move(path, folder.last)
    return before.resumed(command), remarks


def _newest(folder: RunFolder, *, strict: bool) -> tuple[Path, Checkpoint, list[str]] | None:
    """Return the last checkpoint, or the previous one with a remark why; None if there is none yet.

    A run that was killed while its first epoch was being recorded has one line of metrics and perhaps its best
    checkpoint, but no last one. If there is more, the last one has been removed.
    """
    places = (folder.last, folder.previous)
    if not any(path.exists() for path in places):
        epochs = sum(1 for _ in metrics.read(folder.metrics))
        if epochs > 1 or (strict and epochs) or (folder.best.exists() and not epochs):
            raise CheckpointError(f"{folder.last}: missing; restore it, or start a new run")
        return None
    damage: list[CheckpointError] = []
    for path in places:
        try:
            return path, checkpoint.load(path), [f"warning: {error}; resuming from {path}" for error in damage]
        except CheckpointError as error:
            if strict:
                raise
            damage.append(error)
    raise damage[0]


def _settings(path: Path, kept: Checkpoint) -> dict[str, Any]:
    """Return the configuration of a checkpoint, with the defaults of keys that are newer than it."""
    try:
        return to_mapping(from_mapping(kept.config))
    except ConfigError as error:
        raise CheckpointError(f"{path}: has no valid configuration ({error.problems[0]}); start a new run") from error


def _missing_metrics(folder: RunFolder, epoch: int) -> list[str]:
    """Return a warning if metrics of some epochs are missing."""
    lines = sum(line.epoch <= epoch for line in metrics.read(folder.metrics))
    return [f"warning: {folder.metrics}: metrics for only {lines} of {epoch} completed epochs"] if lines < epoch else []


def _nothing_left(folder: RunFolder, training: Training, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a note if nothing is left to train, with how to continue.

    Raises:
        RunError: `training.epochs` was changed, but early stopping has ended the run.
    """
    progress, epochs = training.progress, training.config.training.epochs
    if progress.epoch >= epochs:
        more = "" if _use_of_epochs(now) else "; to continue training, set a larger training.epochs"
        return [f"note: all epochs are complete ({epochs} of {epochs}){more}"]
    if not training.exhausted:
        return []
    stopped = f"stopped early after epoch {progress.epoch}, with no improvement since epoch {progress.best_epoch}"
    advice = "to continue training, set a larger training.early_stopping.patience"
    if then["training"]["epochs"] != epochs:
        raise RunError(f"{folder.path}: {stopped}; changing training.epochs has no effect; {advice}")
    return [f"note: {stopped}; {advice}"]


def _restore(folder: RunFolder, training: Training, path: Path, kept: Checkpoint) -> None:
    try:
        steps, epochs = kept.state["progress"]["step"], training.config.training.epochs
        if (begun := -(-steps // len(training.batches))) > epochs:
            raise RunError(
                f"{folder.path}: already at epoch {begun}, but training.epochs is {epochs}; set it to {begun} or more"
            )
        snapshot.restore(training, kept.tensors, kept.state)
    except (GraphError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: does not match this configuration ({error}); resume with the run's own configuration, or start "
            "a new run"
        ) from error


def compare(run: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise RunError, with both values, if settings differ that affected the steps so far."""
    differences = dict(_differences(then, now))
    refused = [key for key, values in differences.items() if not _may_change(key, *values, now)]
    if refused:
        described = " and a different ".join(_describe(key, *differences[key]) for key in refused)
        why = f", on which {_use_of_epochs(now)}" if refused == [_EPOCHS] else ""
        values = "value" if len(refused) == 1 else "values"
        raise RunError(
            f"{run}: trained with a different {described}{why}; keep the original {values}, or start a new run"
        )


def _use_of_epochs(config: Mapping[str, Any]) -> str:
    """Return the part of a run that depends on its number of epochs, as a clause; empty if none does."""
    schedule = config["schedule"]["name"]
    if spans_training(SCHEDULES[schedule]):
        return f"its {schedule} schedule depends"
    return "its weight averaging depends" if config["training"]["average_weights"] else ""


def _may_change(key: Location, then: object, now: object, config: Mapping[str, Any]) -> bool:
    if key == _PATIENCE:
        return isinstance(then, int) and isinstance(now, int) and now > then
    free = any(key[: len(each)] == each for each in FREE)
    return free or (key == _EPOCHS and not _use_of_epochs(config))


def _describe(key: Location, then: object, now: object) -> str:
    before, after = shown(then), shown(now)
    return dotted(key) + (f" ({before}, not {after})" if before != after else "")


def _differences(then: object, now: object, key: Location = ()) -> Iterator[tuple[Location, tuple[object, object]]]:
    """Yield each key whose values differ, with both values; only the name of a section of another variant."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        renamed = key and then.get("name") != now.get("name")
        for step in ["name"] if renamed else {**now, **then}:
            yield from _differences(then.get(step), now.get(step), (*key, step))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, pair in enumerate(zip(then, now, strict=True)):
            yield from _differences(*pair, (*key, index))
    elif then != now:
        yield key, (then, now)
