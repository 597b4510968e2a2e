"""Mini-batches: scaled examples as columns, in a given order."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from nncli.data.augment import Augmentation
from nncli.data.dataset import CLASSES, Indices
from nncli.data.scaling import Scaling
from nncli.engine.graph import Array

FETCHED = 1024
"""Examples to fetch and scale at a time, if a mini-batch has fewer."""


class Batches:
    """The mini-batches of one split, in arrays that are reused.

    Pixels are stored as bytes until they are used: a quarter of the memory and traffic of float32.

    Args:
        images: uint8 (all examples, rows, columns).
        labels: uint8 (all examples,).
        indices: the examples of this split.
        batch_size: examples per mini-batch; the last one of an epoch may be shorter.
        scaling: the map from pixels to inputs.
        dtype: the dtype of the inputs.
        augment: distortions of the images, different in every epoch; None for none.
        smoothing: share of each target that is spread evenly over the classes.
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
        augment: Augmentation | None = None,
        smoothing: float = 0.0,
    ) -> None:
        self.indices = indices
        self.labels = labels[indices]
        self.batch_size = min(batch_size, len(indices))
        self.scaling = scaling
        self.augment = augment
        self.shape: tuple[int, int] = images.shape[1:]
        self._images = images.reshape(len(images), -1)  # (all examples, pixels)
        self._all_labels = labels
        self._target_of = (np.eye(CLASSES) * (1 - smoothing) + smoothing / CLASSES).astype(dtype)  # (classes, classes)
        self._fetched = min(max(1, FETCHED // self.batch_size) * self.batch_size, len(indices))
        pixels = self._images.shape[1]
        self._bytes = np.empty((self._fetched, pixels), np.uint8)
        self._x = np.empty((self._fetched, pixels), dtype)
        self._targets = np.empty(CLASSES * self.batch_size, dtype)

    def __len__(self) -> int:
        """The number of mini-batches in an epoch."""
        return -(-len(self.indices) // self.batch_size)

    @property
    def examples(self) -> int:
        """The number of examples in an epoch."""
        return len(self.indices)

    def epoch(
        self,
        rng: np.random.Generator | None = None,
        *,
        start: int = 0,
        noise: Callable[[int], np.random.Generator] | None = None,
    ) -> Iterator[tuple[Array, Array]]:
        """Yield the mini-batches of an epoch from number `start` on, shuffled by `rng` or in the split's order.

        `noise(k)` is the generator for the distortions of the k-th part of the epoch, with FETCHED examples or one
        mini-batch; only needed with `augment`.

        Yields:
            x (pixels, batch) and targets (classes, batch), smoothed or one-hot; the next mini-batch overwrites both.
        """
        order = self.indices if rng is None else rng.permutation(self.indices)
        size, done = self.batch_size, start * self.batch_size
        for part in range(done // self._fetched, -(-len(order) // self._fetched)):
            first = part * self._fetched
            chosen = order[first : first + self._fetched]
            x, labels = self._fetch(chosen, noise(part) if noise else None), self._all_labels[chosen]
            for begin in range(max(0, done - first), len(chosen), size):
                yield x[begin : begin + size].T, self._target_columns(labels[begin : begin + size])

    def _fetch(self, chosen: Indices, noise: np.random.Generator | None) -> Array:
        """Return scaled examples (n, pixels); `mode="clip"` lets `take` write directly to its output."""
        pixels, x = self._bytes[: len(chosen)], self._x[: len(chosen)]
        self._images.take(chosen, axis=0, out=pixels, mode="clip")
        if self.augment is None or noise is None:
            self.scaling.apply(pixels, x)
        else:
            distorted = self.augment.apply(pixels.reshape(-1, *self.shape), noise)
            self.scaling.apply(distorted.reshape(pixels.shape), x)
        return x

    def _target_columns(self, labels: npt.NDArray[np.uint8]) -> Array:
        """Return the targets (classes, n) of some labels."""
        targets = self._targets[: CLASSES * len(labels)].reshape(CLASSES, len(labels))
        self._target_of.take(labels, axis=1, out=targets, mode="clip")
        return targets
