"""Checkpoints: weights, training state and configuration in one safetensors file that detects any damage.

The metadata has the SHA-256 of the whole file, computed with zeros in place of its 64 digits. It covers every bit of
the tensors, the metadata and the header. Any safetensors reader opens the file.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import Field

from nncli import durable
from nncli.data.scaling import Scaling
from nncli.errors import CheckpointError, listed
from nncli.records import Record
from nncli.training.snapshot import from_version_1

FORMAT_VERSION = 2  # version 1 is still read: its state had other names, and its metadata four keys
MAX_BYTES = 1 << 32  # half a billion float64 weights
MAX_HEADER = 1 << 20  # a thousand layers need less

_KEY = "nncli"  # the only metadata key, as safetensors writes several in random order
_BLANK = "0" * 64
_LENGTH = 8  # bytes of the header's length, little-endian
_ENTRY = {"dtype", "shape", "data_offsets"}
_TYPES = ("F32", "F64", "I64")

_Extent = Annotated[int, Field(strict=True, ge=1, le=65_535)]


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a checkpoint file.

    `tensors` are those of a snapshot, by name: float32, float64 or int64. `config` and `state` (progress, random
    state, inputs) are plain JSON values.
    """

    tensors: dict[str, NDArray[Any]]
    config: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


class Context(Record, extra="ignore"):
    """The inputs of a trained network, as part of a checkpoint's state.

    Attributes:
        dataset: name of the training data, which may be the fallback.
        sha256: training file -> its digest; empty if not recorded.
        fallback: whether the data is the fallback.
        shape: (rows, columns) of an image.
    """

    dataset: str
    sha256: dict[str, str] = Field(default_factory=dict)
    fallback: bool = False
    shape: tuple[_Extent, _Extent]
    scaling: Scaling


def save(path: Path, checkpoint: Checkpoint, *, previous: Path | None = None) -> None:
    """Write a checkpoint atomically; the same checkpoint gives the same bytes.

    With `previous`, the replaced checkpoint is kept under that name.

    Raises:
        CheckpointError: a tensor is not finite, or a value is not plain JSON; nothing is written.
        WriteError: the file cannot be written; the old one is unchanged.
    """
    about = {"sha256": _BLANK, "format_version": FORMAT_VERSION}  # the first 64 zeros in the file
    tensors = {name: np.asarray(tensor, order="C") for name, tensor in checkpoint.tensors.items()}
    try:
        text = json.dumps(about | {"config": checkpoint.config, "state": checkpoint.state}, allow_nan=False)
        head, data = _split(safetensors.numpy.save(tensors, {_KEY: text}))
        _describe(head)
    except (TypeError, ValueError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"{path}: the training state cannot be saved: {error}") from error
    _check_finite(path, tensors)
    durable.write(path, [head.replace(_BLANK.encode(), _digest(head, data).encode(), 1), data], previous=previous)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint and verify every bit of it.

    Raises:
        CheckpointError: the file cannot be read, is not a checkpoint, is damaged, has a number that is not finite,
            or was written by a later version of nncli.
    """
    try:
        content = _read(path)
        head, data = _split(content)
        about = _describe(head)
        digest = str(about["sha256"])
        if _digest(head.replace(digest.encode(), _BLANK.encode(), 1), data) != digest:
            raise ValueError("its SHA-256 does not match its contents")
        version = str(about.get("format_version"))
        if version not in ("1", str(FORMAT_VERSION)):
            raise CheckpointError(
                f"{path}: format version {version:.20} is not supported; "
                f"this version of nncli reads 1 and {FORMAT_VERSION}; use the version that wrote it"
            )
        tensors = dict(sorted(safetensors.numpy.load(content).items()))
        config, state = (_mapping(about.get(key)) for key in ("config", "state"))
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    except (ValueError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            f"{path}: corrupt, or not a checkpoint: {error}; use another checkpoint of the run, or train again"
        ) from error
    _check_finite(path, tensors)
    return Checkpoint(from_version_1(tensors) if version == "1" else tensors, config, state)


def digest(path: Path) -> str:
    """Return the SHA-256 that a checkpoint records of itself, without verifying it; only the header is read.

    Raises:
        CheckpointError: the file cannot be read, or is not a checkpoint.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        return str(_mapping(metadata.get(_KEY, metadata))["sha256"])
    except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"{path}: not a checkpoint; train again") from error


def _read(path: Path) -> bytes:
    """Return the bytes of a file, after checks of its size and its header."""
    if not path.is_file() and path.exists():
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        _header_end(file.read(_LENGTH))
        with safetensors.safe_open(path, framework="numpy"):  # checks that the tensors fill the file
            file.seek(0)
            return file.read()


def _header_end(opening: bytes) -> int:
    """Return the offset of the end of the header."""
    length = int.from_bytes(opening[:_LENGTH], "little")
    if length > MAX_HEADER:
        raise ValueError(f"its header of {length:,} bytes is longer than {MAX_HEADER:,}")
    return _LENGTH + length


def _split(content: bytes) -> tuple[bytes, memoryview]:
    """Return the header, with its length before it, and the bytes of the tensors."""
    end = _header_end(content)
    return content[:end], memoryview(content)[end:]


def _digest(head: bytes, data: memoryview) -> str:
    digest = hashlib.sha256(head)
    digest.update(data)
    return digest.hexdigest()


def _describe(head: bytes) -> dict[str, Any]:
    """Return the metadata: digest, format version, configuration and state.

    Raises:
        ValueError: nncli never writes such a header.
    """
    table = _mapping(head[_LENGTH:])
    metadata = _mapping(table.pop("__metadata__", None))
    for name, entry in table.items():
        if entry.keys() != _ENTRY or entry["dtype"] not in _TYPES:
            raise ValueError(f"tensor {name!r:.100} is not of type {listed(_TYPES)}")
    about = _mapping(metadata[_KEY]) if _KEY in metadata else metadata  # version 1 has several keys
    if "sha256" not in about:
        raise ValueError("its metadata was not written by nncli")
    return about


def _mapping(value: object) -> dict[str, Any]:
    """Return a mapping, given as one or as a JSON object without NaN and deep nesting."""
    try:
        mapping = json.loads(value, parse_constant=_refuse) if isinstance(value, str | bytes) else value
    except (RecursionError, ValueError):
        raise ValueError("its header is not JSON") from None
    if not isinstance(mapping, dict):
        raise ValueError("its header is missing a part that nncli writes")
    return mapping


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _check_finite(path: Path, tensors: dict[str, NDArray[Any]]) -> None:
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise CheckpointError(
                f"{path}: tensor {name!r:.100} contains a number that is not finite; "
                "use an earlier checkpoint, and train with a lower learning rate or set clip_norm"
            )
