"""Going on with a run: find its newest whole checkpoint, and refuse where it could not go on exactly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nncli import durable
from nncli.config.load import load, to_mapping
from nncli.data.sources import differing
from nncli.errors import CheckpointError, GraphError, RunError
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.checkpoint import Checkpoint
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Data, Environment, Manifest
from nncli.training import snapshot
from nncli.training.loop import Training

FREE = {("training", "epochs"), ("training", "checkpoint_every_steps"), ("data", "dir"), ("name",)}
"""The keys of a configuration that may change when a run goes on."""


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
        The manifest to go on with, and remarks on what could make the rest of the run differ.

    Raises:
        RunError: the data or the configuration is another.
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
        if folder.config.exists():
            _refuse_other_settings(folder, config, to_mapping(load(folder.config).config))
        return before.resumed(command), [*remarks, "note: the run has no checkpoint yet; it starts from the beginning"]
    path, kept, damage = found
    _refuse_other_settings(folder, config, kept.config)
    _restore(folder, training, path, kept)
    missing = _missing_metrics(folder, training.progress.epoch)
    if path != folder.last:  # or the next checkpoint would make the damaged one the one before
        durable.move(path, folder.last)
    return before.resumed(command), [*remarks, *damage, *missing]


def _newest(folder: RunFolder, *, strict: bool) -> tuple[Path, Checkpoint, list[str]] | None:
    """Give the last checkpoint; where that is damaged or gone, the one before it and a remark; None before the first.

    A run killed while it writes down its first epoch has a line of metrics, and perhaps its best checkpoint, and no
    last one yet. More than that without a last one means that somebody took it away.
    """
    places = (folder.last, folder.previous)
    if not any(path.exists() for path in places):
        epochs = sum(1 for _ in metrics.read(folder.metrics))
        if epochs > 1 or (strict and epochs) or (folder.best.exists() and not epochs):
            raise CheckpointError(f"{folder.last}: is gone; put it back, or start over with --force")
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


def _refuse_other_settings(folder: RunFolder, now: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    changed = [".".join(key) for key in _differences(now, then) if key not in _free(now)]
    if changed:
        raise RunError(
            f"{folder.path}: was trained with another {', '.join(changed)}; resume with {folder.config}, "
            "or start over with --force"
        )


def _free(config: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Give the keys that may change: not the epochs, where they decide about steps that are done already."""
    depends = config["schedule"]["name"] == "cosine" or config["training"]["average_weights"] > 0
    return FREE - {("training", "epochs")} if depends else FREE


def _differences(a: object, b: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return [each for key in {**a, **b} for each in _differences(a.get(key), b.get(key), (*path, key))]
    return [] if a == b else [path]


def _missing_metrics(folder: RunFolder, epoch: int) -> list[str]:
    """Remark on epochs that are trained and have no line."""
    lines = sum(line.epoch <= epoch for line in metrics.read(folder.metrics))
    return [f"warning: {folder.metrics}: has lines for {lines} of the {epoch} epochs done"] if lines < epoch else []


def _restore(folder: RunFolder, training: Training, path: Path, kept: Checkpoint) -> None:
    try:
        snapshot.restore(training, kept.tensors, kept.state)
    except (GraphError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: does not fit this configuration ({error}); resume with {folder.config}"
        ) from error
