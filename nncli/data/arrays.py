"""Images and labels from Python: arrays of several shapes and dtypes become the bytes of a dataset."""

import numpy as np
import numpy.typing as npt

from nncli.data.dataset import CLASSES
from nncli.errors import DataError


def as_pixels(images: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return images as uint8 (n, rows, columns); 0 is background and 255 is ink.

    Args:
        images: (n, rows, columns) or (n, rows * columns), uint8 from 0 to 255, or floats from 0 to 1, which are rounded
            to the nearest byte.
        shape: (rows, columns).

    Raises:
        DataError: the shape, the dtype or a value is different.
    """
    array, (rows, columns) = np.asarray(images), shape
    if array.shape[1:] not in (shape, (rows * columns,)) or not array.ndim:
        hint = "; use images[np.newaxis] for a single image" if array.shape in (shape, (rows * columns,)) else ""
        raise DataError(
            f"images: expected the shape (n, {rows}, {columns}) or (n, {rows * columns}), not {array.shape}{hint}"
        )
    if array.dtype.kind == "f":
        if not ((array >= 0) & (array <= 1)).all():
            raise DataError("images: floats must be from 0 (background) to 1 (ink); divide by 255, or use uint8")
        array = np.rint(array * 255).astype(np.uint8)
    if array.dtype != np.uint8:
        raise DataError(
            f"images: expected uint8 from 0 to 255 or floats from 0 to 1, not {array.dtype}; "
            "convert integers with images.astype(np.uint8)"
        )
    return np.ascontiguousarray(array.reshape(-1, rows, columns))


def as_labels(labels: npt.ArrayLike, count: int) -> npt.NDArray[np.uint8]:
    """Return the labels of `count` images as uint8 (n,).

    Raises:
        DataError: there is another number of them, or they are not integers from 0 to 9.
    """
    array = np.asarray(labels)
    if array.shape != (count,):
        raise DataError(f"labels: expected the shape ({count},), one label per image, not {array.shape}")
    if array.dtype.kind not in "iu" or not ((array >= 0) & (array < CLASSES)).all():
        raise DataError(f"labels: expected integers from 0 to {CLASSES - 1}")
    return array.astype(np.uint8)
