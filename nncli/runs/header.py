"""The safetensors header: written the same for the same tensors, and checked before any byte of it is used.

A safetensors file is the header's length (8 bytes, little-endian), the header (JSON) and the tensors' bytes.
The header maps each tensor's name to its dtype, shape and offsets, and `__metadata__` to a map of strings.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1 << 20  # a thousand layers need less; what is longer is forged
MAX_DIMENSIONS = 8
LENGTH = struct.Struct("<Q")
DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "I64": np.dtype("<i8")}
_CODES = {dtype: code for code, dtype in DTYPES.items()}


class HeaderError(ValueError):
    """A header that does not describe the file it stands in."""


@dataclass(frozen=True)
class Header:
    """What a header says: the metadata, and each tensor's dtype and shape in the order of their bytes."""

    metadata: dict[str, str]
    tensors: dict[str, tuple[np.dtype[Any], tuple[int, ...]]]


def encode(metadata: Mapping[str, str], tensors: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Write the length and the header, padded with spaces to a multiple of eight bytes.

    Raises:
        HeaderError: a tensor's name or dtype cannot be stored, or there are too many of them.

    """
    table: dict[str, object] = {"__metadata__": dict(metadata)}
    end = 0
    for name, tensor in tensors.items():
        if name in table or tensor.dtype.newbyteorder("<") not in _CODES:
            raise HeaderError(f"tensor {name!r} of type {tensor.dtype} cannot be stored")
        begin, end = end, end + tensor.nbytes
        code = _CODES[tensor.dtype.newbyteorder("<")]
        table[name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(table, separators=(",", ":"), allow_nan=False).encode("ascii")
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_BYTES:
        raise HeaderError(f"the header of {len(text):,} bytes is longer than {MAX_BYTES:,}")
    return LENGTH.pack(len(text)) + text


def decode(text: bytes, data_bytes: int) -> Header:
    """Read a header that must describe exactly `data_bytes` bytes of tensors, without gap or overlap.

    Raises:
        HeaderError: with what is wrong.

    """
    table = parse(text)
    metadata = table.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise HeaderError("it has no metadata")
    tensors = {}
    position = 0
    for name, entry in table.items():
        dtype, shape, position = _check_entry(name, entry, position)
        tensors[name] = dtype, shape
    if position != data_bytes:
        raise HeaderError(f"it describes {position:,} bytes of tensors where {data_bytes:,} follow")
    return Header(metadata, tensors)


def parse(text: bytes | str) -> dict[str, Any]:
    """Read a JSON object as strictly as it is written: no name twice, no NaN, no deep nesting.

    Raises:
        HeaderError: the text is anything else.

    """
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    except RecursionError:
        raise HeaderError("it is nested too deeply") from None
    except HeaderError:
        raise
    except ValueError:
        raise HeaderError("it is not JSON") from None
    if not isinstance(value, dict):
        raise HeaderError("it is not a JSON object")
    return value


def _check_entry(name: str, entry: object, begin: int) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Return a tensor's dtype and shape, and where its bytes end, given that they must begin at `begin`."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise HeaderError(f"tensor {name!r:.100} lacks dtype, shape or offsets")
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(code, str) or code not in DTYPES:
        raise HeaderError(f"tensor {name!r:.100} has the unknown type {code!r:.100}")
    if not _are_counts(shape) or len(shape) > MAX_DIMENSIONS:
        raise HeaderError(f"tensor {name!r:.100} has an impossible shape")
    end = begin + math.prod(shape) * DTYPES[code].itemsize
    if not _are_counts(offsets) or offsets != [begin, end]:
        raise HeaderError(f"tensor {name!r:.100} has offsets that do not follow from its shape")
    return DTYPES[code], tuple(shape), end


def _are_counts(value: object) -> bool:
    """Whether a value is a list of numbers that a file of this world can have."""
    return isinstance(value, list) and all(type(count) is int and 0 <= count < 1 << 48 for count in value)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise HeaderError("it holds a name twice")
    return table


def _refuse(constant: str) -> object:
    raise HeaderError(f"it holds {constant}, which is not a number")
