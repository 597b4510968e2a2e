"""Scaling of pixels from bytes to the inputs of a network: x = (pixel - mean) / deviation."""

from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt, Le

from nncli.engine.graph import Array
from nncli.errors import DataError
from nncli.records import Number, Record


class Scaling(Record):
    """An affine map, the same for all pixels; saved in checkpoints.

    Attributes:
        mean: the pixel value, 0 to 255, that is mapped to 0.
        deviation: the difference of pixel values that is mapped to 1; 0 would make every pixel infinite.
    """

    mean: Annotated[Number, Ge(0), Le(255)]
    deviation: Annotated[Number, Gt(1e-6), Le(255)]

    @classmethod
    def standardize(cls, images: npt.NDArray[np.uint8], indices: npt.NDArray[np.int64] | None = None) -> Self:
        """Return the map to zero mean and unit variance over all pixels of the images at `indices`, or of all images.

        Raises:
            DataError: all pixels are equal.
        """
        chosen = np.arange(len(images)) if indices is None else indices
        blocks = (images[chosen[start : start + 1000]].reshape(-1) for start in range(0, len(chosen), 1000))
        histogram = sum((np.bincount(block, minlength=256) for block in blocks), np.zeros(256, np.int64))
        levels, pixels = np.arange(256), histogram.sum()
        mean = float(histogram @ levels / pixels)
        deviation = float(np.sqrt(histogram @ (levels - mean) ** 2 / pixels))
        if deviation == 0:
            raise DataError(
                "all pixels of the training images are equal and cannot be standardized; use data.scale: unit"
            )
        return cls(mean=mean, deviation=deviation)

    def apply(self, pixels: npt.NDArray[Any], out: Array) -> None:
        """Write (pixels - mean) / deviation to `out`, of the same shape."""
        factor = out.dtype.type(1 / self.deviation)
        np.multiply(pixels, factor, out=out)
        if self.mean:
            np.subtract(out, out.dtype.type(self.mean / self.deviation), out=out)


UNIT = Scaling(mean=0.0, deviation=255.0)
"""The map to the numbers from 0 to 1."""
