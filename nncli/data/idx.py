"""IDX, MNIST's file format: the header is checked against what a dataset can be before anything is allocated.

An IDX file is a magic number (two zero bytes, the element type, the number of dimensions), each dimension
as a big-endian 32-bit integer, and the elements in C order. See http://yann.lecun.com/exdb/mnist/.
"""

import hashlib
import io
import math
import struct

import numpy as np
from numpy.typing import NDArray

from nncli.data.dataset import CLASSES
from nncli.errors import IdxError

UNSIGNED_BYTE = 0x08
KINDS = {1: "labels", 3: "images"}  # by the number of dimensions
PIECE = 1 << 16  # bytes asked for at a time, which bounds what a decompressor keeps beside the array
LARGEST = 1 << 30  # bytes of a dataset that is kept in memory; MNIST has 47 million


def read_shape(stream: io.BufferedIOBase, dimensions: int, where: str, at_most: int) -> tuple[int, ...]:
    """Read the header of a file: (examples,) of labels, (examples, rows, columns) of images.

    Raises IdxError, which begins with `where`, for a header that is not one, or that says there is nothing, or
    more than `at_most` bytes in all or LARGEST.
    """
    magic, expected = stream.read(4), _header((0,) * dimensions)[:4]
    if magic != expected:
        raise IdxError(
            f"{where}: wrong magic number 0x{magic.hex()}: an IDX file of {KINDS[dimensions]} begins with "
            f"0x{expected.hex()}; put the right file there"
        )
    extents = stream.read(4 * dimensions)
    if len(extents) < 4 * dimensions:
        raise IdxError(f"{where}: truncated inside its header; fetch the file again")
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", extents)
    if 0 in shape:
        raise IdxError(f"{where}: holds no {KINDS[dimensions]}: its header says {_by(shape)}; fetch the file again")
    announced, most = 4 + 4 * dimensions + math.prod(shape), min(at_most, LARGEST)
    if announced > most:
        raise IdxError(
            f"{where}: truncated, or its header is wrong: it announces {announced:,} bytes ({_by(shape)}), and a file "
            f"of this size may hold {most:,}; fetch the file again"
        )
    return shape


def read_array(stream: io.BufferedIOBase, shape: tuple[int, ...], where: str) -> NDArray[np.uint8]:
    """Read the elements after a header, which are the rest of the stream; labels (examples,) are each below 10.

    Raises IdxError, which begins with `where`, for a stream that is shorter or longer, or another label.
    """
    values = np.empty(math.prod(shape), np.uint8)
    filled = _fill(stream, values)
    if filled < len(values):
        raise IdxError(
            f"{where}: truncated: its header says {_by(shape)} = {len(values):,} bytes, only {filled:,} follow; "
            "fetch the file again"
        )
    if stream.read(1):
        raise IdxError(f"{where}: bytes follow the {_by(shape)} that its header says; fetch the file again")
    if len(shape) == 1 and values.max() >= CLASSES:
        first = int(np.argmax(values >= CLASSES))
        raise IdxError(
            f"{where}: label {values[first]} of example {first} is not one of 0 to {CLASSES - 1}; use ten classes"
        )
    return values.reshape(shape)


def digest(array: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the uncompressed file that holds an array, which is C-contiguous."""
    sha256 = hashlib.sha256(_header(array.shape))
    sha256.update(array.data)
    return sha256.hexdigest()


def _header(shape: tuple[int, ...]) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, UNSIGNED_BYTE, len(shape), *shape)


def _fill(stream: io.BufferedIOBase, values: NDArray[np.uint8]) -> int:
    view = values.data
    filled = 0
    while filled < len(view):
        count = stream.readinto(view[filled : filled + PIECE])
        if not count:
            break
        filled += count
    return filled


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)
