"""Mini-batches: examples gathered in a given order, scaled, and handed out as columns."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nncli.data.dataset import CLASSES
from nncli.data.scaling import Scaling

Array: TypeAlias = npt.NDArray[np.floating[Any]]
Indices: TypeAlias = npt.NDArray[np.int64]


TOGETHER = 1024
"""Examples fetched and scaled at a time, where a mini-batch has fewer."""


class Batches:
    """The examples of one split, a mini-batch at a time, in arrays that are used again for the next.

    Pixels stay bytes until their batch is drawn: a quarter of the memory, and of the traffic, of float32.

    Args:
        images: uint8 (all examples, rows, columns) or (all examples, pixels).
        labels: uint8 (all examples,).
        indices: which of them belong to this split.
        batch_size: examples in a mini-batch; the last one of an epoch may be shorter.
        scaling: from bytes to numbers.
        dtype: of the numbers.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.uint8],
        indices: Indices,
        *,
        batch_size: int,
        scaling: Scaling,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.indices = indices
        self.labels = labels[indices]
        self.batch_size = min(batch_size, len(indices))
        self.scaling = scaling
        self._images = images.reshape(len(images), -1)  # (all examples, pixels)
        self._all_labels = labels
        self._one_hot = np.eye(CLASSES, dtype=dtype)  # (classes, classes)
        self._gathered = min(max(1, TOGETHER // self.batch_size) * self.batch_size, len(indices))
        pixels = self._images.shape[1]
        self._bytes = np.empty((self._gathered, pixels), np.uint8)
        self._x = np.empty((self._gathered, pixels), dtype)
        self._targets = np.empty(CLASSES * self.batch_size, dtype)

    def __len__(self) -> int:
        """The number of mini-batches in an epoch."""
        return -(-len(self.indices) // self.batch_size)

    @property
    def examples(self) -> int:
        """The number of examples in an epoch."""
        return len(self.indices)

    def epoch(self, rng: np.random.Generator | None = None, *, start: int = 0) -> Iterator[tuple[Array, Array]]:
        """Give the mini-batches of an epoch from number `start` on, shuffled by `rng` or in the split's own order.

        Yields:
            x (pixels, batch) and one-hot targets (classes, batch); both are overwritten by the next.
        """
        order = self.indices if rng is None else rng.permutation(self.indices)
        size = self.batch_size
        for first in range(start * size, len(order), self._gathered):
            chosen = order[first : first + self._gathered]
            x, labels = self._gather(chosen), self._all_labels[chosen]
            for begin in range(0, len(chosen), size):
                yield x[begin : begin + size].T, self._one_hot_columns(labels[begin : begin + size])

    def _gather(self, chosen: Indices) -> Array:
        """Fetch and scale some examples (n, pixels); `mode="clip"` is what lets `take` write to its output directly."""
        pixels, x = self._bytes[: len(chosen)], self._x[: len(chosen)]
        self._images.take(chosen, axis=0, out=pixels, mode="clip")
        self.scaling.apply(pixels, x)
        return x

    def _one_hot_columns(self, labels: npt.NDArray[np.uint8]) -> Array:
        """Return the targets (classes, n) of some examples."""
        targets = self._targets[: CLASSES * len(labels)].reshape(CLASSES, len(labels))
        self._one_hot.take(labels, axis=1, out=targets, mode="clip")
        return targets
