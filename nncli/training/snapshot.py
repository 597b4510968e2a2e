"""Snapshots: a training at one moment as named tensors and plain values, and the way back, bit for bit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy.typing as npt

from nncli.engine.graph import Array
from nncli.engine.parameters import check_fit
from nncli.training.loop import Progress, Training


@dataclass(frozen=True)
class Snapshot:
    """A training at one moment: tensors by name, and plain JSON values.

    Plain parameter names hold the network as it is evaluated. While weights are averaged those are the averages,
    and the weights that training continues from stand beside them under `training.weights`.
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
    """Take over a snapshot of a training of the same network and plan.

    Raises:
        GraphError: a tensor is missing or has another shape or type.
        KeyError, TypeError, ValueError: the state is not a training's.
    """
    progress = Progress(**{each.name: state["progress"][each.name] for each in fields(Progress)})
    steps = len(training.batches)
    if not (progress.epoch >= 0 and 0 <= progress.step - progress.epoch * steps <= steps):
        raise ValueError(f"step {progress.step} is not one of epoch {progress.epoch + 1}")
    vectors, parameters = _vectors(training, progress), training.network.parameters
    shapes = parameters.shapes | {name: vector.shape for name, vector in vectors.items()}
    check_fit(tensors, shapes, parameters.values.dtype)
    training.progress = progress
    training.evaluated.assign(tensors)
    for name, vector in vectors.items():
        vector[...] = tensors[name]
    training.optimizer.steps = progress.step
    training.noise.bit_generator.state = state["noise"]


def _vectors(training: Training, progress: Progress) -> dict[str, Array]:
    """Return what a training continues from beside the evaluated network, by name; each is (size,)."""
    vectors = {f"optimizer.{name}": slot for name, slot in training.optimizer.slots.items()}
    if training.averaged(progress):
        vectors["training.weights"] = training.network.parameters.values
    return vectors
