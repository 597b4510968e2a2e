"""What the first hidden layer learns, epoch by epoch, and which of its units answers to a stroke.

The lecture (slides "Feature Learning") says that each first-layer hidden unit computes σ(w_i · x) and acts as a feature
detector, that w_i can be seen by reshaping it into an image, and shows one that responds to a diagonal stroke. Here a
small network is trained by the loop that trains all others, and its first layer's weights are kept as they start and
after each epoch: from noise to strokes. Then strokes of every direction are drawn, and the unit is found that prefers
the one asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nncli import build
from nncli.config.load import from_mapping
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.lab.strokes import Detector, best_detector
from nncli.training import events

EXAMPLES = 20_000
"""Training examples used, at most; a sixth of them is held out."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The first layer after some epochs: its weights (units, pixels), and the error on examples held out."""

    epoch: int
    weights: Array
    error: float | None


@dataclass(frozen=True, eq=False)
class Development:
    """The first layer from its random start to the trained network, and the detector of one direction."""

    dataset: str
    shape: tuple[int, int]
    stages: list[Stage]
    detector: Detector

    def to_dict(self) -> dict[str, Any]:
        """Give plain values: how far weights moved, not the weights."""
        start = self.stages[0].weights
        return {
            "dataset": self.dataset,
            "units": len(start),
            "detector": self.detector.__dict__,
            "stages": [
                {
                    "epoch": stage.epoch,
                    "error": stage.error,
                    "mean_norm": float(np.linalg.norm(stage.weights, axis=1).mean()),
                    "preference": self.preference(stage),
                }
                for stage in self.stages
            ],
        }

    def preference(self, stage: Stage) -> float:
        """Say how much the detector's unit preferred its direction at a stage."""
        unit = stage.weights[[self.detector.unit]]
        return best_detector(unit, self.detector.direction, self.shape).preference


def develop(
    train: Dataset,
    *,
    units: int = 32,
    epochs: int = 8,
    direction: float = 45.0,
    seed: int = 1,
    on_epoch: Callable[[int, float], None] = lambda *_: None,
) -> Development:
    """Train a network with one hidden layer and keep its first layer after each epoch.

    Args:
        train: of which the first EXAMPLES are used.
        units: in the hidden layer.
        epochs: of training.
        direction: of the stroke to find a detector for, in degrees counterclockwise from the horizontal.
        seed: of everything random.
        on_epoch: told the epoch and the error after each.
    """
    train = replace(train, images=train.images[:EXAMPLES], labels=train.labels[:EXAMPLES])
    shape = train.images.shape[1], train.images.shape[2]
    training, _ = build.training(configuration(len(train.labels), units, epochs, seed), train)
    weights = training.network.parameters.value("hidden1.weights")
    stages = [Stage(0, weights.copy(), None)]
    with threadpool_limits(limits=1):  # products this small gain nothing from more threads
        for event in training.run():
            if isinstance(event, events.EpochFinished) and event.validation_error is not None:
                stages.append(Stage(event.epoch, weights.copy(), event.validation_error))
                on_epoch(event.epoch, event.validation_error)
    return Development(train.name, shape, stages, best_detector(weights, direction, shape))


def configuration(examples: int, units: int, epochs: int, seed: int) -> Config:
    """Give the network and its training; the penalty lets weights fade where the digits leave no ink."""
    return from_mapping(
        {
            "seed": seed,
            "data": {"validation": examples // 6, "batch_size": 64},
            "model": {"layers": [{"units": units, "activation": "logistic"}, {"units": 10}]},
            "optimizer": {"name": "momentum", "learning_rate": 0.2, "momentum": 0.9},
            "schedule": {"name": "cosine"},
            "regularization": {"l2": 3e-4},
            "training": {"epochs": epochs},
        }
    )
