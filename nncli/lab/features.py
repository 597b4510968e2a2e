"""What the first hidden layer learns, epoch by epoch, and which of its units answers to a stroke.

The lecture (slides "Feature Learning") says that each first-layer hidden unit computes σ(w_i · x) and acts as a feature
detector, that w_i can be seen by reshaping it into an image, and shows one that responds to a diagonal stroke. Here a
small network is trained by the loop that trains all others, and its first layer's weights are kept as they start and
after each epoch: from noise to strokes. Then the unit is found that prefers strokes in one direction the most.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nncli import build
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.figures import sheet
from nncli.figures.units import UnitImages, choose
from nncli.lab.demonstration import DataDir, Option, Progress, Seed
from nncli.lab.digits import load_digits, perceptron_config
from nncli.lab.report import Illustrated, Images, Part, Table
from nncli.lab.strokes import best_detector
from nncli.training import events

EXAMPLES = 20_000
"""Training examples used, at most; a sixth of them is held out."""

_COLUMNS = 16  # units in the figure, at most


class Stage(NamedTuple):
    """The first layer's weights (units, pixels) after some epochs, and the error on held-out digits."""

    epoch: int
    weights: Array
    error: float | None


def run(
    direction: Annotated[
        float,
        Option(
            "The stroke to find a unit for, in degrees: 0 is -, 45 is /, 90 is |, 135 the other diagonal.",
            minimum=0,
            maximum=180,
        ),
    ] = 45.0,
    units: Annotated[int, Option("The number of hidden units.", minimum=2, maximum=2000)] = 32,
    epochs: Annotated[int, Option("The number of epochs.", minimum=1, maximum=100)] = 8,
    data_dir: DataDir = None,
    seed: Seed = 1,
    progress: Progress = lambda _: None,
) -> Illustrated:
    """Train a network and find the detector of one direction.

    The figure has a row an epoch, the first one the random start, and a column a unit.

    Example:
      nncli lab features --output features.png
      nncli lab features --direction 135 --units 64
    """
    train = load_digits("train", data_dir, EXAMPLES)
    shape = train.images.shape[1], train.images.shape[2]
    stages = develop(train, configuration(len(train.labels), units, epochs, seed), progress)
    detector = best_detector(stages[-1].weights, direction, shape)
    values = {
        "dataset": train.name,
        "units": units,
        "detector": asdict(detector),
        "stages": [
            {
                "epoch": stage.epoch,
                "error": stage.error,
                "mean_norm": float(np.linalg.norm(stage.weights, axis=1).mean()),
                "preference": best_detector(stage.weights[[detector.unit]], direction, shape).preference,
            }
            for stage in stages
        ],
    }
    return Illustrated(_parts(values, stages, shape), values, draw=lambda: _draw(values, stages, shape))


def develop(train: Dataset, config: Config, progress: Progress) -> list[Stage]:
    """Train a network and keep its first layer as it starts and after each epoch."""
    training, _ = build.training(config, train)
    weights = training.network.parameters.value("hidden1.weights")
    stages = [Stage(0, weights.copy(), None)]
    for event in training.run():
        if isinstance(event, events.EpochFinished) and event.validation_error is not None:
            stages.append(Stage(event.epoch, weights.copy(), event.validation_error))
            progress(
                f"epoch {event.epoch}/{config.training.epochs}, error on held-out digits {event.validation_error:.2%}"
            )
    return stages


def configuration(examples: int, units: int, epochs: int, seed: int) -> Config:
    """Return the network and its training; the penalty lets weights fade where the digits leave no ink."""
    return perceptron_config(
        [units],
        activation="logistic",
        seed=seed,
        data={"validation": examples // 6, "batch_size": 64},
        optimizer={"name": "momentum", "learning_rate": 0.2, "momentum": 0.9},
        regularization={"l2": 3e-4},
        training={"epochs": epochs},
    )


def _parts(values: dict[str, Any], stages: Sequence[Stage], shape: tuple[int, int]) -> list[Part]:
    found = values["detector"]
    development = [
        (str(stage["epoch"]), "" if stage["error"] is None else f"{stage['error']:.2%}", f"{stage['mean_norm']:.2f}")
        for stage in values["stages"]
    ]
    answers = [
        (f"{degrees:g}", f"{answer:+.2f}", "#" * round(40 * max(answer, 0)))
        for degrees, answer in zip(found["tested"], found["answers"], strict=True)
    ]
    unit, start, end = found["unit"], stages[0].weights, stages[-1].weights
    what, images = "weights at the start and after training", np.array([start[unit], end[unit]])
    return [
        f"{values['dataset']}, {values['units']} hidden units",
        Table(["epoch ", "error ", "mean norm of w "], development),
        Table(
            ["stroke ", "answer ", "w·x of the best placed stroke, over the norms of both"],
            answers,
            f"Unit {unit} prefers strokes at {found['direction']:g} degrees the most:",
        ),
        Images(UnitImages("hidden1", len(start), np.array([unit, unit]), images, what, "weight"), shape),
    ]


def _draw(values: dict[str, Any], stages: Sequence[Stage], shape: tuple[int, int]) -> Figure:
    unit, direction = values["detector"]["unit"], values["detector"]["direction"]
    others = [each for each in choose(stages[-1].weights, None, "norm").tolist() if each != unit]
    shown = [unit, *others][:_COLUMNS]
    labels = [
        f"epoch {stage.epoch}" if column == 0 else f"unit {each}" if stage.epoch == 0 else ""
        for stage in stages
        for column, each in enumerate(shown)
    ]
    caption = (
        f"{values['dataset']}; a row an epoch, from the random start; first column: unit {unit}, which answers "
        f"to strokes at {direction:g} degrees"
    )
    return sheet.features(
        np.concatenate([stage.weights[shown] for stage in stages]),
        shape,
        title="What the first hidden layer learns",
        caption=caption,
        labels=labels,
        columns=len(shown),
    )
