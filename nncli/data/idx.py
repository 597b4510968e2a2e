"""IDX bytes to arrays: MNIST's file format, checked against its own header before anything is allocated.

An IDX file is a magic number (two zero bytes, the element type, the number of dimensions), each dimension
as a big-endian 32-bit integer, and the elements in C order. See http://yann.lecun.com/exdb/mnist/.
"""

import io
import math
import struct

import numpy as np
from numpy.typing import NDArray

from nncli.data.dataset import CLASSES
from nncli.errors import IdxError

UNSIGNED_BYTE = 0x08
PIECE = 1 << 16  # bytes asked for at a time, which bounds what a decompressor keeps beside the array
LARGEST = 4 << 30  # bytes; a dataset beyond this is a forged header or not for a trainer that works in memory


def parse(data: bytes, where: str = "IDX data") -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes with 1 to 3 dimensions; IdxError names `where`."""
    if len(data) < 4:
        raise IdxError(f"{where}: {len(data)} bytes are too few for an IDX magic number; fetch the file again")
    dimensions = data[3]
    if dimensions not in (1, 2, 3):
        raise IdxError(
            f"{where}: wrong magic number 0x{data[:4].hex()}: not an IDX file of images or labels; fetch it again"
        )
    return read(io.BytesIO(data), dimensions, where, at_most=len(data))


def parse_images(data: bytes, where: str = "IDX data") -> NDArray[np.uint8]:
    """Return images (examples, rows, columns) from the bytes of an IDX file; IdxError names `where`."""
    return read_images(io.BytesIO(data), where, at_most=len(data))


def parse_labels(data: bytes, where: str = "IDX data") -> NDArray[np.uint8]:
    """Return labels (examples,) from the bytes of an IDX file; IdxError names `where`."""
    return read_labels(io.BytesIO(data), where, at_most=len(data))


def read_images(stream: io.BufferedIOBase, where: str, at_most: int) -> NDArray[np.uint8]:
    """Return images (examples, rows, columns) from a stream that holds no more than `at_most` bytes."""
    images = read(stream, 3, where, at_most)
    if images.size == 0:
        raise IdxError(f"{where}: holds no images: its header says {_by(images.shape)}; fetch the file again")
    return images


def read_labels(stream: io.BufferedIOBase, where: str, at_most: int) -> NDArray[np.uint8]:
    """Return labels (examples,), each below 10, from a stream that holds no more than `at_most` bytes."""
    labels = read(stream, 1, where, at_most)
    if labels.size == 0:
        raise IdxError(f"{where}: holds no labels; fetch the file again")
    if labels.max() >= CLASSES:
        first = int(np.argmax(labels >= CLASSES))
        raise IdxError(
            f"{where}: label {labels[first]} of example {first} is not one of 0 to {CLASSES - 1}; use ten classes"
        )
    return labels


def read(stream: io.BufferedIOBase, dimensions: int, where: str, at_most: int) -> NDArray[np.uint8]:
    """Return an array of unsigned bytes, using no more memory than the header promises."""
    shape = _read_shape(stream, dimensions, where)
    header = 4 + 4 * dimensions
    promised = math.prod(shape)
    if header + promised > min(at_most, LARGEST):
        raise IdxError(
            f"{where}: cut short, or its header is wrong: {_by(shape)} needs {header + promised:,} bytes and "
            f"the file cannot hold more than {min(at_most, LARGEST):,}; fetch the file again"
        )
    if math.prod(extent or 1 for extent in shape) > LARGEST:  # empty, and yet beyond what an array can be
        raise IdxError(f"{where}: its header is wrong: it says {_by(shape)}; fetch the file again")
    values = np.empty(promised, np.uint8)
    filled = _fill(stream, values)
    if filled < promised:
        raise IdxError(
            f"{where}: cut short: its header says {_by(shape)} = {promised:,} bytes, only {filled:,} follow; "
            "fetch the file again"
        )
    if stream.read(1):
        raise IdxError(f"{where}: bytes follow the {_by(shape)} that its header says; fetch the file again")
    return values.reshape(shape)


def _read_shape(stream: io.BufferedIOBase, dimensions: int, where: str) -> tuple[int, ...]:
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    magic = stream.read(4)
    if magic != expected:
        kind = {1: "labels", 3: "images"}.get(dimensions, "this array")
        raise IdxError(
            f"{where}: wrong magic number 0x{magic.hex()}: an IDX file of {kind} begins with 0x{expected.hex()}; "
            "put the right file there"
        )
    lengths = stream.read(4 * dimensions)
    if len(lengths) < 4 * dimensions:
        raise IdxError(f"{where}: cut short inside its header; fetch the file again")
    return struct.unpack(f">{dimensions}I", lengths)


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
