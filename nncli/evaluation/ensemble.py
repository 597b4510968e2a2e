"""The average of several networks' probabilities: what an ensemble predicts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array


def average(members: Sequence[Array]) -> Array:
    """Return the mean of the members' probabilities, each with the same weight (Meier et al., ICDAR 2011).

    Args:
        members: (classes, examples) from each network, for the same examples in the same order; at least one.
    """
    mean: Array = np.mean(members, axis=0)
    return mean


def cross_entropy(probabilities: Array, labels: npt.NDArray[np.integer]) -> float:
    """Return the mean of -log p over the examples, with p the probability of the true class.

    A probability of 0 counts as the smallest normal number of its dtype, which keeps the mean finite.

    Args:
        probabilities: (classes, examples).
        labels: (examples,), the true classes.
    """
    correct = probabilities[labels, np.arange(len(labels))]
    return float(-np.log(np.maximum(correct, np.finfo(correct.dtype).tiny)).mean())
