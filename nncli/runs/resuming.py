"""Resume a run: find its newest whole checkpoint, and refuse where it could not continue exactly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nncli import durable
from nncli.config.load import to_mapping
from nncli.data.sources import differing
from nncli.errors import CheckpointError, GraphError, RunError
from nncli.runs import checkpoint, manifest, metrics, settings
from nncli.runs.checkpoint import Checkpoint
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Data, Environment, Manifest
from nncli.training import snapshot
from nncli.training.loop import Training


def resume(
    folder: RunFolder,
    training: Training,
    config: Mapping[str, Any],
    data: Data,
    command: list[str],
    *,
    strict: bool = False,
) -> tuple[Manifest, list[str]]:
    """Put a training where the run's last checkpoint left it; at its start, if the run has none yet.

    Where the last checkpoint is damaged, the one before it serves and takes its place, unless `strict`.

    Returns:
        The manifest to continue with, and remarks: what could make the rest of the run differ, and why nothing is
        left to train.

    Raises:
        RunError: the data or the configuration is another, or more epochs are wanted and cannot be trained.
        CheckpointError: no checkpoint of the run is whole (strict: the last is not), or it is of another network.
    """
    before = manifest.read(folder.manifest)
    if changed := differing(before.data.sha256, data.sha256):
        raise RunError(
            f"{folder.path}: was trained on other data ({before.data.name}) than there is now ({data.name}), changed: "
            f"{', '.join(changed)}; give --data-dir with the same files"
        )
    remarks = [
        f"note: {line}; the last bits may differ" for line in Environment.current().differences(before.environment)
    ]
    found = _newest(folder, strict=strict)
    if found is None:
        recorded = folder.read_config()
        if recorded is not None:
            settings.compare(folder.path, to_mapping(recorded), config)
        return before.resumed(command), [*remarks, "note: the run has no checkpoint yet; it starts from the beginning"]
    path, kept, damage = found
    other = settings.compare(folder.path, kept.config, config)
    _restore(folder, training, path, kept)
    remarks += [*damage, *_missing_metrics(folder, training.progress.epoch)]
    remarks += _nothing_left(folder, training, config, other_epochs=settings.EPOCHS in other)
    if path != folder.last:  # or the next checkpoint would make the damaged one the one before
        durable.move(path, folder.last)
    return before.resumed(command), remarks


def _newest(folder: RunFolder, *, strict: bool) -> tuple[Path, Checkpoint, list[str]] | None:
    """Return the last checkpoint, or the one before it and a remark why; None before the first.

    A run killed while it writes down its first epoch has a line of metrics, and perhaps its best checkpoint, and no
    last one yet. More than that without a last one means that somebody took it away.
    """
    places = (folder.last, folder.previous)
    if not any(path.exists() for path in places):
        epochs = sum(1 for _ in metrics.read(folder.metrics))
        if epochs > 1 or (strict and epochs) or (folder.best.exists() and not epochs):
            raise CheckpointError(f"{folder.last}: is missing; put it back, or start a new run")
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


def _missing_metrics(folder: RunFolder, epoch: int) -> list[str]:
    """Remark on epochs that are trained and have no line."""
    lines = sum(line.epoch <= epoch for line in metrics.read(folder.metrics))
    return [f"warning: {folder.metrics}: has lines for {lines} of the {epoch} epochs done"] if lines < epoch else []


def _nothing_left(folder: RunFolder, training: Training, config: Mapping[str, Any], *, other_epochs: bool) -> list[str]:
    """Remark that nothing is left to train, and how to train on.

    Raises:
        RunError: other epochs are asked for, and early stopping leaves none.
    """
    progress, epochs = training.progress, training.config.training.epochs
    if progress.epoch >= epochs:
        more = "" if settings.use_of_epochs(config) else "; to train on, set a larger training.epochs"
        return [f"note: all {epochs} epochs are done{more}"]
    if not training.exhausted:
        return []
    stopped = f"stopped early after epoch {progress.epoch}, with no improvement since epoch {progress.best_epoch}"
    advice = "to train on, set a larger training.early_stopping.patience"
    if other_epochs:
        raise RunError(f"{folder.path}: {stopped}: training.epochs does not matter; {advice}")
    return [f"note: {stopped}; {advice}"]


def _restore(folder: RunFolder, training: Training, path: Path, kept: Checkpoint) -> None:
    try:
        _refuse_fewer_epochs(folder, training, kept.state["progress"]["step"])
        snapshot.restore(training, kept.tensors, kept.state)
    except (GraphError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: does not fit this configuration ({error}); resume with that of the run, or start a new run"
        ) from error


def _refuse_fewer_epochs(folder: RunFolder, training: Training, steps: int) -> None:
    begun, epochs = -(-steps // len(training.batches)), training.config.training.epochs
    if begun > epochs:
        raise RunError(
            f"{folder.path}: has come to epoch {begun} already, and training.epochs is {epochs}; give {begun} or more"
        )
