"""Snapshots: the state of a training as named tensors and plain values, from which it resumes bit for bit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy.typing as npt

from nncli.engine.graph import Array
from nncli.engine.parameters import check_fit
from nncli.records import read
from nncli.training.loop import Progress, Training

_OPTIMIZER, _WEIGHTS = "state/optimizer.", "state/weights"  # no parameter has a slash in its name


@dataclass(frozen=True)
class Snapshot:
    """The state of a training: tensors by name, and plain JSON values.

    Tensors such as `hidden1.weights` are the parameters to evaluate. Those named `state/…` are the slots of the
    optimizer and, if the parameters are averages, the weights (size,) of the last step.
    """

    tensors: dict[str, Array]
    state: dict[str, Any] = field(default_factory=dict)


def take(training: Training) -> Snapshot:
    """Return a snapshot of a training; its arrays are views, not copies.

    Raises:
        DivergedError: a weight or a number of the optimizer's state is not finite.
    """
    training.check_finite()
    tensors = training.evaluated.named_values() | _vectors(training, training.progress)
    return Snapshot(tensors, {"progress": asdict(training.progress), "noise": training.noise.bit_generator.state})


def restore(training: Training, tensors: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Restore a training from a snapshot of the same network and configuration.

    Raises:
        GraphError: a tensor is missing or has the wrong shape or type.
        KeyError, TypeError, ValueError: the state is invalid; the training is unchanged.
    """
    progress = progress_of(state)
    steps = len(training.batches)
    if not 0 <= progress.step - progress.epoch * steps <= steps:
        raise ValueError(f"step {progress.step} is not in epoch {progress.epoch + 1}")
    vectors, parameters = _vectors(training, progress), training.network.parameters
    shapes = {name: array.shape for name, array in (parameters.named_values() | vectors).items()}
    check_fit(tensors, shapes, parameters.values.dtype)
    training.noise.bit_generator.state = state["noise"]
    training.progress = progress
    training.evaluated.assign(tensors)
    for name, vector in vectors.items():
        vector[...] = tensors[name]
    training.optimizer.steps = progress.step


def progress_of(state: Mapping[str, Any]) -> Progress:
    """Return the progress of a snapshot's training.

    Raises:
        ValueError: it is missing or invalid.
    """
    return read(Progress, state.get("progress"), "state", "progress")


def from_version_1(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return the tensors of format version 1 under their present names.

    Version 1 named the slots `optimizer.…` and the vector of weights `training.weights`; a layer named `training`
    has a matrix of that name.
    """
    present = {name: f"state/{name}" for name in tensors if name.startswith("optimizer.")}
    if "training.weights" in tensors and tensors["training.weights"].ndim == 1:
        present["training.weights"] = _WEIGHTS
    return {present.get(name, name): tensor for name, tensor in tensors.items()}


def _vectors(training: Training, progress: Progress) -> dict[str, Array]:
    """Return the vectors (size,) by name that resuming needs in addition to the evaluated parameters."""
    vectors = {f"{_OPTIMIZER}{name}": slot for name, slot in training.optimizer.slots.items()}
    if training.averages(progress):
        vectors[_WEIGHTS] = training.network.parameters.values
    return vectors
