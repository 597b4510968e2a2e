"""The loss, error and probabilities of a network on a split, without dropout, and a file of its predictions."""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nncli.data.batches import Batches
from nncli.nn.network import NetworkGraph

FORMATS = (".npz", ".csv")
"""The suffixes of the formats of a file of predictions."""


@np.errstate(all="ignore")  # overflow shows in the results as numbers that are not finite
def evaluate(
    graph: NetworkGraph, batches: Batches, noise: Callable[[int], np.random.Generator] | None = None
) -> tuple[float, npt.NDArray[np.floating]]:
    """Return the mean data loss and the class probabilities (classes, examples) of a split, in its order.

    `noise` is for distortions, as in `Batches.epoch`.
    """
    loss_sum, probabilities = 0.0, []
    for x, targets in batches.epoch(noise=noise):
        graph.forward(x, targets)
        loss_sum += float(graph.loss.value) * x.shape[1]
        probabilities.append(graph.loss.predictions().copy())
    return loss_sum / batches.examples, np.concatenate(probabilities, axis=1)


def loss_and_error(graph: NetworkGraph, batches: Batches) -> tuple[float, float]:
    """Return the mean data loss and the fraction of examples misclassified."""
    loss, probabilities = evaluate(graph, batches)
    return loss, float(np.mean(probabilities.argmax(axis=0) != batches.labels))


def encode(
    suffix: str,
    indices: npt.NDArray[np.integer],
    labels: npt.NDArray[np.integer],
    probabilities: npt.NDArray[np.floating],
) -> bytes:
    """Return predictions as a file in the format of a suffix, one of `FORMATS`; every number is exact.

    npz: arrays `indices`, `labels`, `predictions` (examples,) and `probabilities` (examples, classes).
    csv: columns `index`, `label`, `prediction`, and `p0`, `p1`, … with the probability of each class.

    Args:
        suffix: the format.
        indices: (examples,), the position of each example in the dataset's file, counted from 0.
        labels: (examples,), the true classes.
        probabilities: (classes, examples); the prediction is the most probable class, or the first of equal ones.
    """
    file = io.BytesIO()
    rows, predictions = probabilities.T, probabilities.argmax(axis=0)
    if suffix == ".npz":
        np.savez(file, indices=indices, labels=labels, predictions=predictions, probabilities=rows)
        return file.getvalue()
    names = ["index", "label", "prediction", *(f"p{label}" for label in range(rows.shape[1]))]
    formats = ["%d"] * 3 + [f"%.{np.finfo(rows.dtype).precision + 3}g"] * rows.shape[1]
    columns = np.column_stack((indices, labels, predictions, rows))
    np.savetxt(file, columns, fmt=formats, delimiter=",", header=",".join(names), comments="")
    return file.getvalue()
