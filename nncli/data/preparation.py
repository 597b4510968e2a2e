"""Fixed changes of images before a network reads them: deskewing, and a larger frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nncli.data.augment import Floats, warp

Images = npt.NDArray[np.uint8]

BLOCK = 1000
"""Images to deskew at a time, which bounds the memory."""


@dataclass(frozen=True)
class Preparation:
    """The preparation of all images, in training and afterwards.

    Attributes:
        deskew: whether to shear each digit until its axis is vertical (LeCun et al., 1998).
        size: rows and columns of the frame that images are centred in; None for their own.
    """

    deskew: bool = False
    size: int | None = None

    def apply(self, images: Images) -> Images:
        """Return prepared images, (n, size, size), of images (n, rows, columns)."""
        if self.deskew:
            parts = [deskewed(images[start : start + BLOCK]) for start in range(0, len(images), BLOCK)]
            images = np.concatenate(parts) if parts else images
        if self.size is None:
            return images
        return framed(images, self.size)


def deskewed(images: Images) -> Images:
    """Return images (n, rows, columns) whose ink has no covariance of row and column, by a shear along the rows.

    The slope is that of the regression of the column on the row, weighted by the ink; the centre of mass stays.
    """
    count, rows, columns = images.shape
    ink = images.astype(np.float32)
    y, x = np.indices((rows, columns), np.float32)
    mass = np.maximum(ink.sum(axis=(1, 2)), 1)
    dy = y - (np.einsum("nij,ij->n", ink, y) / mass)[:, np.newaxis, np.newaxis]
    dx = x - (np.einsum("nij,ij->n", ink, x) / mass)[:, np.newaxis, np.newaxis]
    covariance, variance = (np.einsum("nij,nij,nij->n", ink, dy, each) for each in (dx, dy))
    slope = np.where(variance > 0, covariance / np.maximum(variance, 1e-6), 0).astype(np.float32)
    sources: Floats = np.empty((2, count, rows, columns), np.float32)
    sources[0] = y
    sources[1] = x + slope[:, np.newaxis, np.newaxis] * dy
    return np.rint(warp(images, sources)).astype(np.uint8)


def framed(images: Images, size: int) -> Images:
    """Return images (n, size, size) with the given ones in the middle; an odd row or column is added last."""
    _, rows, columns = images.shape
    frames = np.zeros((len(images), size, size), np.uint8)
    top, left = (size - rows) // 2, (size - columns) // 2
    frames[:, top : top + rows, left : left + columns] = images
    return frames
