"""The contents of a report, computed from the checkpoint and the files of a run and the test split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nncli.build import Trained
from nncli.data.dataset import Dataset, Indices
from nncli.figures.units import choose
from nncli.nn.network import INPUT, Layer
from nncli.nn.summary import LayerSummary, summarize
from nncli.runs import manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest
from nncli.runs.outcome import Outcome, measure
from nncli.training.events import EpochFinished

PIXELS = 8_000_000  # in the images of a page: all of MNIST's test split
WORST = 40  # misclassified examples
EXCITING = 24  # images for each unit


@dataclass(frozen=True, eq=False)
class Features:
    """The units of a first layer and the images that excite them.

    Attributes:
        layer: the layer.
        units: (units,), by decreasing norm of their weights.
        images: (units, images), for each unit in order of index, the positions of images by decreasing excitation.
    """

    layer: Layer
    units: npt.NDArray[np.intp]
    images: Indices


@dataclass(frozen=True, eq=False)
class Findings:
    """A trained network and its results on the test split.

    Attributes:
        run: the run folder or the checkpoint file, as shown to the reader.
        checkpoint: the checkpoint file.
        tested: its predictions on the test split.
        shown: the indices of the images on the page: all, or all misclassified ones and some others.
        worst: positions, among those shown, of the misclassified images with the highest probability.
        epochs: the metrics of each epoch; none if the run has no such file.
        manifest: None if the run has none.
    """

    run: str
    checkpoint: str
    trained: Trained
    tested: Outcome
    shown: Indices
    worst: Indices
    features: Features
    layers: list[LayerSummary]
    epochs: list[EpochFinished]
    manifest: Manifest | None


def gather(run: Path, checkpoint: Path, trained: Trained, data: Dataset) -> Findings:
    """Evaluate a network on a test split, and read the files of its run.

    Raises:
        DataError: the images do not have the shape that the network was trained on.
        DivergedError: the loss is not finite.
        RunError: a file of the run is damaged.
    """
    tested = measure(checkpoint, trained, data)
    confidences, wrong = tested.confidences, tested.wrong
    shown = _shown(wrong, data.images[0].size)
    order = np.argsort(-confidences[shown], kind="stable")
    folder = RunFolder(checkpoint.parent.parent)
    return Findings(
        run=str(run),
        checkpoint=str(checkpoint),
        trained=trained,
        tested=tested,
        shown=shown,
        worst=order[wrong[shown][order]][:WORST],
        features=_features(trained, data, shown),
        layers=summarize(trained.network, trained.config.loss, trained.config.data.batch_size),
        epochs=list(metrics.read(folder.metrics)),
        manifest=manifest.read(folder.manifest) if folder.manifest.is_file() else None,
    )


def _shown(wrong: npt.NDArray[np.bool_], pixels: int) -> Indices:
    """Return the indices of as many images as fit on a page, in order; misclassified ones take precedence."""
    first = np.argsort(~wrong, kind="stable")[: max(1, PIXELS // pixels)]
    return np.sort(first)


def _features(trained: Trained, data: Dataset, shown: Indices) -> Features:
    """Rank the images by W x for each unit of the first layer; the bias does not change the order."""
    network = trained.network
    layer = next(layer for layer in network.layers if layer.inputs == (INPUT,))
    weights = network.matrix(layer)
    batches = trained.batches(data.images, data.labels, shown)
    z = np.concatenate([weights @ x for x, _ in batches.epoch()], axis=1)  # (units, shown)
    if layer.batch_norm:  # a negative gain reverses the order
        z *= np.sign(network.parameters.value(layer.gain_and_shift[0]))[:, np.newaxis]
    count = min(EXCITING, len(shown))
    highest = np.argpartition(-z, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(z, highest, axis=1), axis=1, kind="stable")
    return Features(layer, choose(weights, None, "norm"), np.take_along_axis(highest, order, axis=1))
