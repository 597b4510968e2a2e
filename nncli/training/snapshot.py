"""Snapshots: a training at one moment as named tensors and plain values, and the way back, bit for bit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy.typing as npt

from nncli.engine.graph import Array
from nncli.engine.parameters import check_fit
from nncli.records import read
from nncli.training.loop import Progress, Training

_OPTIMIZER, _WEIGHTS = "state/optimizer.", "state/weights"  # the name of a layer has no slash, so no parameter's has


@dataclass(frozen=True)
class Snapshot:
    """A training at one moment: tensors by name, and plain JSON values.

    Parameters, under their plain names such as `hidden1.weights`, are those of the network as it is evaluated. What
    else training continues from is named `state/…`: each slot of the optimizer and, while the parameters are averages,
    the weights.
    """

    tensors: dict[str, Array]
    state: dict[str, Any] = field(default_factory=dict)


def take(training: Training) -> Snapshot:
    """Return everything that `restore` needs to continue from here; arrays are views, not copies.

    Raises:
        DivergedError: a weight is not finite, or a number of the optimizer's.
    """
    training.check_finite()
    tensors = training.evaluated.named_values() | _vectors(training, training.progress)
    return Snapshot(tensors, {"progress": asdict(training.progress), "noise": training.noise.bit_generator.state})


def restore(training: Training, tensors: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Take over a snapshot of a training of the same network and configuration.

    Raises:
        GraphError: a tensor is missing or has another shape or type.
        KeyError, TypeError, ValueError: the state is not a training's; nothing of the training has changed.
    """
    progress = progress_of(state)
    steps = len(training.batches)
    if not 0 <= progress.step - progress.epoch * steps <= steps:
        raise ValueError(f"step {progress.step} is not one of epoch {progress.epoch + 1}")
    vectors, parameters = _vectors(training, progress), training.network.parameters
    shapes = parameters.shapes | {name: vector.shape for name, vector in vectors.items()}
    check_fit(tensors, shapes, parameters.values.dtype)
    training.noise.bit_generator.state = state["noise"]
    training.progress = progress
    training.evaluated.assign(tensors)
    for name, vector in vectors.items():
        vector[...] = tensors[name]
    training.optimizer.steps = progress.step


def progress_of(state: Mapping[str, Any]) -> Progress:
    """Return how far the training of a snapshot has come.

    Raises:
        ValueError: the state does not say so.
    """
    return read(Progress, state.get("progress"), "state", "progress")


def from_version_1(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return the tensors of format version 1 under their present names.

    It had the optimizer's slots under `optimizer.` and the weights, as a vector, under `training.weights`; a layer
    called `training` has a matrix of that name.
    """
    present = {name: f"state/{name}" for name in tensors if name.startswith("optimizer.")}
    if "training.weights" in tensors and tensors["training.weights"].ndim == 1:
        present["training.weights"] = _WEIGHTS
    return {present.get(name, name): tensor for name, tensor in tensors.items()}


def _vectors(training: Training, progress: Progress) -> dict[str, Array]:
    """Return what a training continues from beside the evaluated network, by name; each is (size,)."""
    vectors = {f"{_OPTIMIZER}{name}": slot for name, slot in training.optimizer.slots.items()}
    if training.averaged(progress):
        vectors[_WEIGHTS] = training.network.parameters.values
    return vectors
