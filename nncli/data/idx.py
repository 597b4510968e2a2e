"""IDX, the file format of MNIST, with a header that is checked before anything is allocated.

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
PIECE = 1 << 16  # bytes to read at a time, which bounds the memory of the decompressor
LARGEST = 1 << 30  # bytes of a dataset in memory; MNIST has 47 million


def read_shape(stream: io.BufferedIOBase, dimensions: int, where: str, at_most: int) -> tuple[int, ...]:
    """Return the shape in the header of a file: (examples,) of labels, (examples, rows, columns) of images.

    Raises IdxError, which begins with `where`, if the header is invalid, or announces an empty file or one of more
    than `at_most` or LARGEST bytes.
    """
    magic, expected = stream.read(4), _header((0,) * dimensions)[:4]
    if magic != expected:
        raise IdxError(
            f"{where}: wrong magic number 0x{magic.hex()}; an IDX file of {KINDS[dimensions]} begins with "
            f"0x{expected.hex()}; replace the file"
        )
    extents = stream.read(4 * dimensions)
    if len(extents) < 4 * dimensions:
        raise IdxError(f"{where}: truncated in the header; replace the file")
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", extents)
    if 0 in shape:
        raise IdxError(f"{where}: contains no {KINDS[dimensions]} ({_by(shape)}); replace the file")
    announced, most = 4 + 4 * dimensions + math.prod(shape), min(at_most, LARGEST)
    if announced > most:
        raise IdxError(
            f"{where}: truncated, or its header is wrong: it declares {announced:,} bytes ({_by(shape)}), but a "
            f"file of this size contains at most {most:,}; replace the file"
        )
    return shape


def read_array(stream: io.BufferedIOBase, shape: tuple[int, ...], where: str) -> NDArray[np.uint8]:
    """Return the elements after the header, an array of the shape in the header.

    Raises IdxError, which begins with `where`, if the stream is shorter or longer, or a label is not below 10.
    """
    values, filled = np.empty(math.prod(shape), np.uint8), 0
    while count := stream.readinto(values.data[filled : filled + PIECE]):
        filled += count
    if filled < len(values):
        raise IdxError(
            f"{where}: truncated: its header declares {_by(shape)} = {len(values):,} bytes, but {filled:,} follow; "
            "replace the file"
        )
    if stream.read(1):
        raise IdxError(f"{where}: contains more bytes than the {_by(shape)} in its header; replace the file")
    if len(shape) == 1 and values.max() >= CLASSES:
        first = int(np.argmax(values >= CLASSES))
        raise IdxError(
            f"{where}: label {values[first]} of example {first} is not between 0 and {CLASSES - 1}; "
            "only ten classes are supported"
        )
    return values.reshape(shape)


def digest(array: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the uncompressed IDX file of a C-contiguous array."""
    sha256 = hashlib.sha256(_header(array.shape))
    sha256.update(array.data)
    return sha256.hexdigest()


def _header(shape: tuple[int, ...]) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, UNSIGNED_BYTE, len(shape), *shape)


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)
