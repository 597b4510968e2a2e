"""Random distortions of digits: displacements of pixels that add up, and a single interpolation for all of them.

The pixel at p of a distorted image is the original's value at p + d(p). An affine distortion has d(p) = (A - I) p + b,
with p measured from the centre of the image; an elastic one is a smoothed field of random displacements (Simard,
Steinkraus & Platt, ICDAR 2003).
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt, Le, Lt

Floats: TypeAlias = npt.NDArray[Any]  # float32

BLOCK = 128
"""Images to distort at a time, so that their displacements stay in the processor's cache."""


@dataclass(frozen=True)
class Elastic:
    """Elastic distortion: random displacements, smoothed and scaled (Simard et al., 2003).

    The displacements are uniform from -1 to 1 before they are smoothed. The configuration takes its keys from the
    annotated attributes, here and in `Augmentation`.
    """

    alpha: Annotated[float, Ge(0), Le(1000), "Factor that multiplies the smoothed displacements, in pixels."] = 36.0
    sigma: Annotated[float, Gt(0), "Standard deviation of the smoothing Gaussian, in pixels."] = 5.0

    def displacements(self, count: int, rows: int, columns: int, rng: np.random.Generator) -> Floats:
        """Return random displacements (2, count, rows, columns) along rows and columns."""
        field = rng.random((2, count, rows, columns), dtype=np.float32)
        np.subtract(field, 0.5, out=field)
        vertical, horizontal = _gaussian(rows, self.sigma), _gaussian(columns, self.sigma)
        smooth: Floats = np.matmul(np.matmul(vertical * np.float32(2 * self.alpha), field), horizontal)
        return smooth


@dataclass(frozen=True)
class Augmentation:
    """Random distortions of the training images, different in every epoch, drawn uniformly up to each maximum.

    Both directions are equally likely; rotation and shear are about the centre of the image.
    """

    shift: Annotated[float, Ge(0), Le(28), "Maximum translation along each axis, in pixels."] = 0.0
    rotate: Annotated[float, Ge(0), Le(180), "Maximum rotation, in degrees."] = 0.0
    scale: Annotated[float, Ge(0), Lt(1), "Maximum relative scaling along each axis."] = 0.0
    shear: Annotated[float, Ge(0), Le(60), "Maximum slant of vertical lines, in degrees."] = 0.0
    elastic: Elastic | None = None

    def apply(self, images: npt.NDArray[Any], rng: np.random.Generator) -> Floats:
        """Return distorted images (n, rows, columns), as float32 on the scale of the originals."""
        _, rows, columns = images.shape
        distorted = np.empty(images.shape, np.float32)
        for start in range(0, len(images), BLOCK):
            block = images[start : start + BLOCK]
            distorted[start : start + BLOCK] = warp(block, self.sources(len(block), rows, columns, rng))
        return distorted

    def weaker(self, factor: float) -> "Augmentation":
        """Return the same distortions with every maximum multiplied by a factor from 0 to 1."""
        elastic = self.elastic and replace(self.elastic, alpha=factor * self.elastic.alpha)
        maxima = {name: factor * getattr(self, name) for name in ("shift", "rotate", "scale", "shear")}
        return Augmentation(**maxima, elastic=elastic)

    def sources(self, count: int, rows: int, columns: int, rng: np.random.Generator) -> Floats:
        """Return where each pixel of distorted images is read from, (2, count, rows, columns): row, column."""
        centre = np.array([[(rows - 1) / 2], [(columns - 1) / 2]], np.float32)  # (2, 1)
        grid = np.indices((rows, columns), np.float32).reshape(2, -1) - centre
        A, b = self._affine(count, rng)
        placed = np.matmul(A, grid) + (b[:, :, np.newaxis] + centre)  # (count, 2, pixels)
        points: Floats = np.moveaxis(placed.reshape(count, 2, rows, columns), 1, 0)
        if self.elastic is not None:
            points += self.elastic.displacements(count, rows, columns, rng)
        return points

    def _affine(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return random matrices (count, 2, 2) and translations (count, 2), each first along rows."""
        angle, slant, *scales, down, right = rng.uniform(-1, 1, (6, count)).astype(np.float32)
        angle, slope = np.radians(self.rotate * angle), np.tan(np.radians(self.shear * slant))
        vertical, horizontal = (1 / (1 + self.scale * each) for each in scales)
        cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
        rotation = np.array([[cos, -sin], [sin, cos]])
        shear = np.array([[one, zero], [slope, one]])
        scaling = np.array([[vertical, zero], [zero, horizontal]])
        A = np.einsum("ijn,jkn,kln->nil", scaling, shear, rotation)
        return A, self.shift * np.stack([down, right], axis=1)


def warp(images: npt.NDArray[Any], sources: Floats) -> Floats:
    """Return images whose pixels are interpolated bilinearly at other places of the originals, which are 0 outside.

    Args:
        images: (n, rows, columns).
        sources: (2, n, rows, columns), the row and the column to read each pixel from.
    """
    count, rows, columns = images.shape
    padded = np.zeros((count, rows + 3, columns + 3), np.float32)
    padded[:, 1 : rows + 1, 1 : columns + 1] = images
    pixels, width = padded.reshape(-1), columns + 3
    y = np.clip(sources[0], -1, rows) + 1
    x = np.clip(sources[1], -1, columns) + 1
    row, column = y.astype(np.int32), x.astype(np.int32)
    y -= row
    x -= column
    first = (np.arange(count, dtype=np.int32) * (padded.size // count))[:, np.newaxis, np.newaxis]
    corner = first + row * width + column
    upper = pixels[corner]
    upper += x * (pixels[corner + 1] - upper)
    lower: Floats = pixels[corner + width]
    lower += x * (pixels[corner + width + 1] - lower)
    lower -= upper
    lower *= y
    lower += upper
    return lower


@cache  # the same for every block of images
def _gaussian(length: int, sigma: float) -> Floats:
    """Return the matrix (length, length) that smooths a row; beyond the borders there are no displacements."""
    distance = np.subtract.outer(np.arange(length), np.arange(length))
    reach = np.arange(-4 * length, 4 * length + 1)
    total = np.exp(-0.5 * (reach / sigma) ** 2).sum()
    weights: Floats = (np.exp(-0.5 * (distance / sigma) ** 2) / total).astype(np.float32)
    return weights
