"""Locally connected layers: each unit reads a window of the plane below, with weights of its own (LeCun, 1989)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nncli.engine.blas import matmul, matvec
from nncli.engine.graph import Array, Node
from nncli.nn.affine import Affine


class Windows(NamedTuple):
    """The windows of a locally connected layer: `grid` x `grid` of them, each `window` x `window` positions large."""

    grid: int
    window: int


@dataclass(frozen=True)
class Plane:
    """What a locally connected layer reads: side x side positions with some units each, ordered by position.

    Attributes:
        side: positions in a row or column.
        depth: units at each position; 1 for an image.
    """

    side: int
    depth: int

    def places(self, windows: Windows) -> list[tuple[slice, slice]]:
        """Return the rows and columns of each window, spread evenly from border to border, row by row."""
        starts = np.linspace(0, self.side - windows.window, windows.grid).round().astype(int).tolist()
        spans = [slice(start, start + windows.window) for start in starts]
        return [(rows, columns) for rows in spans for columns in spans]

    def inputs(self, windows: Windows) -> int:
        """Return the number of inputs of each unit."""
        return windows.window**2 * self.depth

    def matrix(self, weights: Array, windows: Windows) -> Array:
        """Return the weights (units, inputs of a unit) as those of a fully connected layer: (units, side² depth)."""
        full = np.zeros((len(weights), self.side, self.side, self.depth), weights.dtype)
        places = self.places(windows)
        shape = (len(places), -1, windows.window, windows.window, self.depth)
        for part, own, (rows, columns) in zip(np.split(full, len(places)), weights.reshape(shape), places, strict=True):
            part[:, rows, columns] = own
        return full.reshape(len(weights), -1)


class Local(Affine):
    """z = W x + b, where each unit reads one window of x; those at the same window are a small affine map.

    Unlike a convolution, no two windows share weights.

    Args:
        weights: a parameter, (units, inputs of a unit); the units are ordered by window.
        x: the plane below, (side² depth, batch).
        bias: a parameter, (units,).
        feedback: as in `Affine`, with the shape of the weights.
        plane: the shape of x.
        windows: the windows, of which each has as many units as any other.
    """

    formula = "W x + b, each unit in its window"

    def __init__(
        self, weights: Node, x: Node, bias: Node, feedback: Node | None = None, *, plane: Plane, windows: Windows
    ) -> None:
        super().__init__(weights, x, bias, feedback)
        self.plane, self.windows = plane, windows
        self.places = plane.places(windows)

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a copy of each window, and an error signal for one."""
        super().bind(batch_size, dtype)
        shape = (self.windows.window, self.windows.window, self.plane.depth, batch_size)
        self.copies = self.buffer("copies", (len(self.places), *shape), dtype)
        self.d_copy = self.buffer("d_copy", shape, dtype)

    def forward(self) -> None:
        """z = b + W x, window by window."""
        self.value[...] = self.bias.value[:, np.newaxis]
        x = self._in_plane(self.x.value)
        for copy, (rows, columns), W, z in zip(
            self.copies, self.places, self._parts(self.weights.value), self._parts(self.value), strict=True
        ):
            copy[...] = x[rows, columns]
            matmul(W, self._flat(copy), z, keep=1.0)

    def backward(self) -> None:
        """x̄ = Wᵀ z̄, where contributions of overlapping windows add up; W̄ = z̄ xᵀ; b̄ as in `Affine`."""
        weights, bias = self.weights, self.bias
        d_weights, d_x, d_bias = self.d_parents
        if self.x.needs_error:
            d_x[...] = 0
            d_plane = self._in_plane(d_x)
            for B, error, (rows, columns) in zip(
                self._parts(self.feedback.value), self._parts(self.error), self.places, strict=True
            ):
                matmul(B.T, error, self._flat(self.d_copy))
                d_plane[rows, columns] += self.d_copy
        if weights.needs_error:
            for copy, error, d_W in zip(self.copies, self._parts(self.error), self._parts(d_weights), strict=True):
                matmul(error, self._flat(copy).T, d_W, weights.keep, weights.scale)
            matvec(self.error, self.ones, d_bias, bias.keep, bias.scale)

    def matrix(self) -> Array:
        """Return the weights as those of a fully connected layer, (units, side² depth)."""
        return self.plane.matrix(self.weights.value, self.windows)

    def _in_plane(self, x: Array) -> Array:
        return x.reshape(self.plane.side, self.plane.side, self.plane.depth, -1)

    def _parts(self, array: Array) -> Array:
        """Return an array (units, n) by window: (windows, units of a window, n)."""
        return array.reshape(len(self.places), -1, array.shape[1])

    @staticmethod
    def _flat(copy: Array) -> Array:
        return copy.reshape(-1, copy.shape[-1])
