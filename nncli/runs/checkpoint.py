"""Checkpoints: weights, training state and configuration in one safetensors file that shows any damage.

The metadata opens with the SHA-256 of the whole file, taken while the 64 digits themselves are zeros, so that
every bit of tensors, metadata and header is covered. Any safetensors reader opens the file.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from nncli import durable
from nncli.errors import CheckpointError
from nncli.runs import header

FORMAT_VERSION = 1
MAX_BYTES = 1 << 32  # half a billion float64 weights

_BLANK = "0" * 64
_OPENING = b'{"__metadata__":{"sha256":"'  # stands first in every header, in every format version
_DIGEST = slice(header.LENGTH.size + len(_OPENING), header.LENGTH.size + len(_OPENING) + len(_BLANK))


@dataclass(frozen=True)
class Checkpoint:
    """What one file keeps.

    `tensors` maps names to arrays of float32, float64 or int64: parameters under their plain names
    (`hidden1.weights` (outputs, inputs), `hidden1.bias` (outputs,)), optimizer slots under `optimizer.`.
    `config` and `state` (epoch, step, random state, best metric, …) hold plain JSON values.
    """

    tensors: dict[str, NDArray[Any]]
    config: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


def save(path: Path, checkpoint: Checkpoint, *, previous: Path | None = None) -> None:
    """Write a checkpoint so that `path` holds the old one or the new one, whole, whatever happens.

    The same checkpoint gives the same bytes. With `previous`, the checkpoint replaced stays under that name.

    Raises:
        CheckpointError: a tensor that is not finite, or a value that is not plain JSON; nothing is written.
        RunError: the file cannot be written; the old one is whole.

    """
    ordered = sorted(checkpoint.tensors.items(), key=_alignment)
    tensors = {name: np.asarray(tensor, tensor.dtype.newbyteorder("<"), order="C") for name, tensor in ordered}
    try:
        metadata = {
            "sha256": _BLANK,
            "format_version": str(FORMAT_VERSION),
            "config": json.dumps(checkpoint.config, allow_nan=False),
            "state": json.dumps(checkpoint.state, allow_nan=False),
        }
        head = header.encode(metadata, tensors)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: this state cannot be saved: {error}") from error
    _check_finite(path, tensors)
    pieces = [tensor.reshape(-1).view(np.uint8).data for tensor in tensors.values() if tensor.size]
    digest = hashlib.sha256(head)
    for piece in pieces:
        digest.update(piece)
    signed = head[: _DIGEST.start] + digest.hexdigest().encode("ascii") + head[_DIGEST.stop :]
    durable.write(path, [signed, *pieces], previous=previous)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, every bit of it checked.

    Raises:
        CheckpointError: the file cannot be read, is not a checkpoint, is damaged, holds a number that is not
            finite, or was written by a later version of nncli.

    """
    try:
        content, metadata = _read(path)
        _check_digest(content)
        _check_version(path, metadata.get("format_version"))
        tensors = dict(sorted(safetensors.numpy.load(content).items()))
        config, state = (header.parse(metadata.get(key, "")) for key in ("config", "state"))
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    except (ValueError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            f"{path}: is damaged or not a checkpoint: {error}; use another checkpoint of the run, or train again"
        ) from error
    _check_finite(path, tensors)
    return Checkpoint(tensors, config, state)


def _alignment(item: tuple[str, NDArray[Any]]) -> tuple[int, str]:
    """Order tensors so that each begins at a multiple of its item size."""
    return -item[1].dtype.itemsize, item[0]


def _read(path: Path) -> tuple[bytes, dict[str, str]]:
    """Return the file's bytes and metadata, the header checked against the size before the rest is read."""
    if not path.is_file() and path.exists():
        raise header.HeaderError("it is not a regular file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        opening = file.read(header.LENGTH.size)
        length = int.from_bytes(opening, "little")
        if size > MAX_BYTES or length > header.MAX_BYTES or header.LENGTH.size + length > size:
            raise header.HeaderError(f"its {size:,} bytes cannot hold what a checkpoint begins with")
        head = header.decode(file.read(length), size - header.LENGTH.size - length)
        file.seek(0)
        content = file.read()
    return content, head.metadata


def _check_digest(content: bytes) -> None:
    digest = hashlib.sha256(content[: _DIGEST.start])
    digest.update(_BLANK.encode("ascii"))
    digest.update(memoryview(content)[_DIGEST.stop :])
    if digest.hexdigest().encode("ascii") != content[_DIGEST]:
        raise header.HeaderError("its SHA-256 does not match its contents")


def _check_version(path: Path, version: str | None) -> None:
    if version != str(FORMAT_VERSION):
        raise CheckpointError(
            f"{path}: has format version {version!r:.20} and this nncli reads version {FORMAT_VERSION}; "
            "use the nncli that wrote it"
        )


def _check_finite(path: Path, tensors: dict[str, NDArray[Any]]) -> None:
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise CheckpointError(
                f"{path}: tensor {name!r:.100} holds a number that is not finite; "
                "use an earlier checkpoint, and train with a lower learning rate or clip_norm"
            )
