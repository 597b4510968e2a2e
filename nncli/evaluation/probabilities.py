"""The loss, error and probabilities of a network on a split, without dropout."""

import numpy as np
import numpy.typing as npt

from nncli.data.batches import Batches
from nncli.data.dataset import CLASSES
from nncli.nn.network import NetworkGraph


def evaluate(graph: NetworkGraph, batches: Batches) -> tuple[float, npt.NDArray[np.floating]]:
    """Return the mean data loss and the class probabilities (classes, examples) of a split, in its order."""
    probabilities = np.empty((CLASSES, batches.examples), graph.graph.dtype)
    loss_sum, done = 0.0, 0
    for x, targets in batches.epoch():
        n = x.shape[1]
        graph.forward(x, targets)
        loss_sum += float(graph.loss.value) * n
        probabilities[:, done : done + n] = graph.loss.predictions()
        done += n
    return loss_sum / batches.examples, probabilities


def loss_and_error(graph: NetworkGraph, batches: Batches) -> tuple[float, float]:
    """Return the mean data loss and the fraction of examples misclassified."""
    loss, probabilities = evaluate(graph, batches)
    return loss, float(np.mean(probabilities.argmax(axis=0) != batches.labels))
