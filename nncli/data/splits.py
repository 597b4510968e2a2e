"""The seeded, stratified split of the training examples into training and validation."""

import numpy as np
from numpy.typing import NDArray

from nncli.data.dataset import Indices
from nncli.errors import DataError
from nncli.randomness import generator


def stratified(labels: NDArray[np.uint8], validation: int, seed: int) -> tuple[Indices, Indices]:
    """Return sorted (training, validation) indices, with every class in the same proportion in both.

    The `validation` examples are divided among the classes by largest remainders; `seed` decides which examples of a
    class are held out. Raises DataError if no training example is left.
    """
    examples = len(labels)
    if not 0 <= validation < examples:
        raise DataError(
            f"data.validation: cannot hold out {validation:,} of {examples:,} examples; choose at most "
            f"{max(examples - 1, 0):,}"
        )
    rng = generator(seed, "validation")
    held_out = np.zeros(examples, bool)
    classes, counts = np.unique(labels, return_counts=True)
    for label, share in zip(classes, _apportion(counts, validation), strict=True):
        held_out[rng.permutation(np.flatnonzero(labels == label))[:share]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _apportion(counts: NDArray[np.int64], seats: int) -> NDArray[np.int64]:
    """Divide `seats` in proportion to `counts` by largest remainders, in integer arithmetic."""
    shares, remainders = np.divmod(counts * seats, counts.sum())
    left = seats - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:left]] += 1
    return shares
