"""What the first hidden layer learns, epoch by epoch, and which of its units detects a given stroke.

The lecture (slides "Feature Learning"): each first-layer hidden unit computes σ(w_i · x) and acts as a feature
detector; w_i can be visualized by reshaping it into an image, such as one that responds to a diagonal stroke. Here a
small network is trained, and its first layer's weights are kept from the start and after each epoch: noise turns into
strokes. Then the unit is found that responds most to strokes in one direction, relative to its mean response.
"""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from nncli import build
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.figures import sheet
from nncli.figures.units import UnitImages, choose
from nncli.lab.demonstration import DataDir, Illustrated, Images, Option, Part, Progress, Seed, Table, numbers
from nncli.lab.digits import load_digits, perceptron_config
from nncli.training.events import EpochFinished

EXAMPLES = 20_000  # at most; a sixth of them is held out
_COLUMNS = 16  # units in the figure, at most

OFFSETS = range(-8, 9, 2)  # of the strokes tried, in pixels from the centre
LENGTH = 14.0  # of a stroke, in pixels
_SOFTNESS = 1.2  # pixels from a stroke's axis at which its ink has faded to 1/e


def run(
    direction: Annotated[
        float,
        Option("Direction of the stroke in degrees: 0 is -, 45 is /, 90 is |.", minimum=0, maximum=180),
    ] = 45.0,
    units: Annotated[int, Option("Number of hidden units.", minimum=2, maximum=2000)] = 32,
    epochs: Annotated[int, Option("Number of epochs.", minimum=1, maximum=100)] = 8,
    data_dir: DataDir = None,
    seed: Seed = 1,
    progress: Progress = lambda _: None,
) -> Illustrated:
    """Train a network and find the detector of one direction.

    The figure has a row for each epoch, starting with the random weights, and a column for each unit.

    Example:
      nncli lab features --output features.png
      nncli lab features --direction 135 --units 64
    """
    train = load_digits("train", data_dir, EXAMPLES)
    shape = train.images.shape[1], train.images.shape[2]
    weights, errors = develop(train, configuration(len(train.labels), units, epochs, seed), progress)
    detector = best_detector(weights[-1], direction, shape)
    values = {
        "dataset": train.name,
        "units": units,
        "detector": detector,
        "stages": [
            {
                "epoch": epoch,
                "error": error,
                "mean_norm": float(np.linalg.norm(weights[epoch], axis=1).mean()),
                "preference": best_detector(weights[epoch, [detector["unit"]]], direction, shape)["preference"],
            }
            for epoch, error in enumerate(errors)
        ],
    }
    return Illustrated(_parts(values, weights, shape), values, draw=lambda: _draw(values, weights, shape))


def develop(train: Dataset, config: Config, progress: Progress) -> tuple[Array, list[float | None]]:
    """Train a network.

    Returns:
        The weights of its first layer at the start and after each epoch, (epochs + 1, units, pixels), and the errors on
        held-out digits, None at the start.
    """
    training = build.training(config, train)
    present = training.network.parameters.value("hidden1.weights")
    weights, errors = [present.copy()], list[float | None]([None])
    for event in training.run():
        if isinstance(event, EpochFinished):
            weights.append(present.copy())
            errors.append(event.validation_error)
            progress(f"epoch {event.epoch}/{config.training.epochs}, validation error {event.validation_error:.2%}")
    return np.array(weights), errors


def configuration(examples: int, units: int, epochs: int, seed: int) -> Config:
    """Return the configuration of the training; the penalty makes weights fade where the digits leave no ink."""
    return perceptron_config(
        [units],
        activation="logistic",
        seed=seed,
        data={"validation": examples // 6, "batch_size": 64},
        optimizer={"name": "momentum", "learning_rate": 0.2, "momentum": 0.9},
        regularization={"l2": 3e-4},
        training={"epochs": epochs},
    )


def stroke(direction: float, offset: float, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return a stroke with ink from 0 to 1, (rows, columns).

    Its direction is in degrees counterclockwise from the horizontal: 0 is -, 45 is /, 90 is |, 135 is the other
    diagonal. Its offset from the centre is in pixels, at right angles to the direction.
    """
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns]
    x, y = x - (columns - 1) / 2, (rows - 1) / 2 - y  # from the centre, y upwards
    angle = np.radians(direction)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle) - offset
    beyond = np.maximum(np.abs(along) - LENGTH / 2, 0)
    ink: npt.NDArray[np.float64] = np.exp(-(across**2 + beyond**2) / _SOFTNESS**2)
    return ink


def responses(weights: Array, directions: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the cosine of the angle between each unit's weights and the best-placed stroke in each direction.

    Weights are (units, rows * columns), and directions are in degrees; the result is (units, directions).
    """
    detectors = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    found = []
    for direction in np.atleast_1d(directions):
        strokes = np.array([stroke(direction, offset, shape).reshape(-1) for offset in OFFSETS])
        strokes /= np.linalg.norm(strokes, axis=1, keepdims=True)
        found.append((detectors @ strokes.T).max(axis=1))
    return np.array(found).T


def best_detector(weights: Array, direction: float, shape: tuple[int, int]) -> dict[str, Any]:
    """Find the unit with the highest response to a direction, relative to its mean response.

    Returns:
        Plain values: the unit, the direction, the unit's preference (its response to that direction minus its mean
        response to all), and its `answers` to the directions `tested`, every 15 degrees.
    """
    tested = (direction + np.arange(0, 180, 15)) % 180
    answers = responses(weights, tested, shape)
    preferences = answers[:, 0] - answers.mean(axis=1)
    unit, order = int(preferences.argmax()), np.argsort(tested)
    return {
        "unit": unit,
        "direction": direction,
        "preference": float(preferences[unit]),
        "tested": tested[order].tolist(),
        "answers": answers[unit, order].tolist(),
    }


def _parts(values: dict[str, Any], weights: Array, shape: tuple[int, int]) -> list[Part]:
    found = values["detector"]
    development = [
        (str(stage["epoch"]), "" if stage["error"] is None else f"{stage['error']:.2%}", f"{stage['mean_norm']:.2f}")
        for stage in values["stages"]
    ]
    answers = [
        (f"{degrees:g}", f"{answer:+.2f}", "#" * round(40 * max(answer, 0)))
        for degrees, answer in zip(found["tested"], found["answers"], strict=True)
    ]
    unit = found["unit"]
    title = f"hidden1: weights of unit {unit} at the start and after training"
    return [
        f"{values['dataset']}, {values['units']} hidden units",
        Table(numbers("epoch", "validation error", "mean norm of w"), development),
        Table(
            [*numbers("stroke", "response"), "cosine between w and the best-placed stroke"],
            answers,
            f"Relative to its mean response, unit {unit} has the highest response of all units to strokes at "
            f"{found['direction']:g} degrees:",
        ),
        Images(UnitImages(title, np.array([unit, unit]), weights[[0, -1], unit], "weight"), shape),
    ]


def _draw(values: dict[str, Any], weights: Array, shape: tuple[int, int]) -> Figure:
    unit, direction = values["detector"]["unit"], values["detector"]["direction"]
    others = [each for each in choose(weights[-1], None, "norm").tolist() if each != unit]
    shown = [unit, *others][:_COLUMNS]
    labels = ["epoch 0", *(f"unit {each}" for each in shown[1:])]
    for epoch in range(1, len(weights)):
        labels += [f"epoch {epoch}"] + [""] * (len(shown) - 1)
    return sheet.features(
        np.concatenate(weights[:, shown]),
        shape,
        title="What the first hidden layer learns",
        caption=f"{values['dataset']}; a row per epoch, starting with the random weights; "
        f"first column: unit {unit}, which responds to strokes at {direction:g} degrees",
        labels=labels,
        columns=len(shown),
    )
